import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KvCache } from '../../../inference/engine/kv-cache.ts';
import { Prefill } from '../../../inference/engine/prefill.ts';
import { PrefixPool } from '../../../inference/engine/prefix-pool.ts';
import { wholePieces } from '../../../inference/engine/prompt-pieces.ts';
import { type RandomModel, randomModel } from '../../fixtures/random-model.ts';

const VOCABULARY = 300;
const MB = 2 ** 20;
/** Where the pieces of a prompt end. */
const ENDS = wholePieces(1024);
const endOf = (pieces: number) => ENDS[pieces - 1]!;

const text = (length: number, seed = 1) =>
  Array.from({ length }, (_, i) => (i * 31 + seed * 17 + ((i * i) % 7)) % VOCABULARY);

describe('The pool of prompt pieces', () => {
  let model: RandomModel;
  beforeAll(async () => {
    model = await randomModel(
      { layers: 2, heads: 2, width: 64, positions: 1024, vocabulary: VOCABULARY },
      'q8',
    );
  });
  afterAll(() => model.dispose());

  /** Computes a prompt; gives its logits, how much was copied, and how many runs it took. */
  async function compute(pool: PrefixPool, ids: readonly number[]) {
    const prefill = new Prefill(model.runner, new KvCache(model.runner.shape, 1024), pool, ids);
    let runs = 0;
    let logits: Float32Array | undefined;
    while (!logits) {
      logits = await prefill.step();
      runs++;
    }
    return { logits, reused: prefill.reused, runs };
  }

  it('gives the same floats, to the last bit, whether pieces were copied or computed', async () => {
    const prompt = text(700);
    const anew = await compute(new PrefixPool(0), prompt);
    const pool = new PrefixPool(64 * MB);
    await compute(pool, [...prompt.slice(0, 500), ...text(100, 2)]);
    const copied = await compute(pool, prompt);
    expect(copied.reused).toBe(wholePieces(500).at(-1));
    expect(copied.logits).toEqual(anew.logits);
  });

  it('computes only what is new of the next question in a conversation', async () => {
    const pool = new PrefixPool(64 * MB);
    const first = await compute(pool, text(700));
    const second = await compute(pool, [...text(700), ...text(60, 3)]);
    const whole = wholePieces(700);
    expect(first).toMatchObject({ reused: 0, runs: whole.length + 1 });
    expect(second).toMatchObject({ reused: whole.at(-1), runs: 2 });
  });

  it('always leaves something to compute, for the logits behind the prompt', async () => {
    const pool = new PrefixPool(64 * MB);
    const prompt = text(endOf(2));
    const first = await compute(pool, prompt);
    const again = await compute(pool, prompt);
    expect(again).toMatchObject({ reused: endOf(1), runs: 1 });
    expect(again.logits).toEqual(first.logits);
  });

  it('tells prompts apart that differ in one early token', async () => {
    const pool = new PrefixPool(64 * MB);
    await compute(pool, text(400));
    const other = text(400);
    other[3] = 7;
    expect((await compute(pool, other)).reused).toBe(0);
  });
});

describe('A pool that is full', () => {
  const piece = () => new Float32Array(MB / 4);
  const prompt = (seed: number, pieces: number) => text(endOf(pieces) + 1, seed);
  const keepAll = (pool: PrefixPool, ids: readonly number[]) => {
    for (const end of wholePieces(ids.length)) pool.keep(ids.slice(0, end), piece());
  };

  it('stays within its limit and forgets what was used longest ago', () => {
    const pool = new PrefixPool(4 * MB);
    keepAll(pool, prompt(1, 2));
    keepAll(pool, prompt(2, 2));
    expect(pool.find(prompt(1, 2))).toHaveLength(2);
    keepAll(pool, prompt(3, 2));
    expect(pool.bytes).toBeLessThanOrEqual(4 * MB);
    expect(pool.find(prompt(1, 2))).toHaveLength(2);
    expect(pool.find(prompt(2, 2))).toHaveLength(0);
  });

  it('forgets a prompt from its end, because its beginning is what others share', () => {
    const pool = new PrefixPool(4 * MB);
    keepAll(pool, prompt(1, 4));
    keepAll(pool, prompt(2, 1));
    expect(pool.find(prompt(1, 4))).toHaveLength(3);
  });

  it('keeps nothing that is larger than itself, and nothing at all with a limit of 0', () => {
    const pool = new PrefixPool(0);
    keepAll(pool, prompt(1, 3));
    expect(pool.bytes).toBe(0);
    expect(pool.find(prompt(1, 3))).toHaveLength(0);
  });

  it('keeps no piece that ends in the middle', () => {
    const pool = new PrefixPool(4 * MB);
    pool.keep(text(endOf(1) + 5), piece());
    expect(pool.bytes).toBe(0);
  });
});
