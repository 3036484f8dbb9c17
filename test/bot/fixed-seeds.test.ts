import path from 'node:path';
import Database from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FixedSeeds } from '../../bot/fixed-seeds.ts';
import { askerOf } from '../../bot/person.ts';
import { SqliteStore } from '../../bot/store/sqlite-store.ts';
import { UnfailingStore } from '../../bot/store/unfailing-store.ts';
import { createLogger } from '../../config/logger.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { VirtualClock } from '../fixtures/virtual-clock.ts';
import { ANN, BOB, request } from './requests.ts';

const ofAnn = request({ author: ANN, conversation: { platform: 'discord', id: 'c1' } });
const ofBob = request({ author: BOB, conversation: { platform: 'discord', id: 'c2' } });

/** What a process knows after its start over the file in which an earlier one has kept what Ann and Bob had fixed. */
async function recalled() {
  const file = path.join(await temporaryFolder(), 'parley.db');
  const durable = await SqliteStore.open(file);
  const logger = createLogger({ level: 'silent', secrets: [], format: 'json' });
  const store = new UnfailingStore(durable, { logger, clock: new VirtualClock() });
  const earlier = new FixedSeeds(store.seeds);
  earlier.fix(ofAnn, { seed: 1, next: false });
  earlier.fix(ofBob, { seed: 2, next: false });
  onTestFinished(() => store.close());
  return { file, durable, store, seeds: await FixedSeeds.recalled(store.seeds) };
}

describe('forgetting what a person has fixed', () => {
  test('takes what an earlier process was told by them, and nobody else’s', async () => {
    const { seeds } = await recalled();
    await seeds.forget(askerOf(ofAnn));
    expect([seeds.of(ofAnn), seeds.of(ofBob)]).toEqual([undefined, { seed: 2, next: false }]);
  });

  test('does so also while nothing can be written', async () => {
    const { file, store, seeds } = await recalled();
    const other = new Database(file);
    onTestFinished(() => void other.close());
    other.exec('BEGIN IMMEDIATE');
    await store.seen.remember('a', 1);
    await seeds.forget(askerOf(ofAnn));
    expect([seeds.of(ofAnn), seeds.of(ofBob)]).toEqual([undefined, { seed: 2, next: false }]);
  });

  test('takes nothing of which it cannot be known whose it is', async () => {
    const { durable, seeds } = await recalled();
    await durable.close();
    await seeds.forget(askerOf(ofAnn));
    expect(seeds.of(ofBob)).toEqual({ seed: 2, next: false });
  });
});

describe('a seed for the next reply', () => {
  test('stays until it is used up', () => {
    const seeds = new FixedSeeds();
    const fixed = { seed: 1, next: true };
    seeds.fix(ofAnn, fixed);
    expect(seeds.of(ofAnn)).toEqual(fixed);
    seeds.useUp(ofAnn, fixed);
    expect(seeds.of(ofAnn)).toBeUndefined();
  });

  test('is not used up by a reply that had the one before it', () => {
    const seeds = new FixedSeeds();
    seeds.fix(ofAnn, { seed: 2, next: true });
    seeds.useUp(ofAnn, { seed: 1, next: true });
    expect(seeds.of(ofAnn)).toEqual({ seed: 2, next: true });
  });

  test('is not used up by a reply that had one for every reply', () => {
    const seeds = new FixedSeeds();
    seeds.fix(ofAnn, { seed: 1, next: true });
    seeds.useUp(ofAnn, { seed: 1, next: false });
    expect(seeds.of(ofAnn)).toEqual({ seed: 1, next: true });
  });
});
