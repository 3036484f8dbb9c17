import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fuzz } from './fuzz/fuzz.ts';
import { report } from './report.ts';
import type { Size } from './scenario.ts';
import { halfAnswers } from './scenarios/half-answers.ts';
import { killed } from './scenarios/killed.ts';
import { storeLocked } from './scenarios/store-locked.ts';
import { Undisturbed } from './undisturbed.ts';
import { verify } from './verify.ts';

// The short form of `npm run chaos`: the whole program on both platforms, with a handful of everything.

const SEED = 20_261_127;
const SIZE: Size = { engineKills: 3, botKills: 2, turns: 12, rounds: 2 };

let cache: string;
let undisturbed: Undisturbed;

beforeAll(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'parley-chaos-cache-'));
  undisturbed = await Undisturbed.start({ model: 'starter', cache }, SEED);
});

afterAll(async () => {
  await undisturbed.close();
  await rm(cache, { recursive: true, force: true });
});

test.each([killed, halfAnswers, storeLocked])(
  '$name: $promised',
  async (scenario) => {
    const model = { model: 'starter', cache };
    const outcome = await verify(scenario, { seed: SEED, model, undisturbed, size: SIZE, evidence: true });
    expect(outcome.broken, report([outcome])).toEqual([]);
    expect(outcome.turns).toBeGreaterThan(0);
  },
  300_000,
);

test('hostile messages break nothing on their whole way', async () => {
  await fuzz(2_000, SEED);
}, 300_000);
