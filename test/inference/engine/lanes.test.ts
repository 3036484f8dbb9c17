import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kvBytesPerToken } from '../../../inference/engine/kv-cache.ts';
import type { LocalEngine } from '../../../inference/engine/local-engine.ts';
import type { InferenceError } from '../../../inference/errors.ts';
import {
  FREE,
  type RandomModelParts,
  type Reply,
  randomModelParts,
  readsPrompt,
  replyTo,
  SMALL,
  textOf,
  wanting,
} from '../../fixtures/random-engine.ts';

/** A step of some replies: so many rows, each as long as the longest of them. */
type Step = { readonly rows: number; readonly bucket: number };

const LONG = 800;
const SHORT = 60;

let model: RandomModelParts;
let steps: Step[];
const engines: LocalEngine[] = [];
beforeEach(async () => {
  model = await randomModelParts({ ...SMALL, positions: 1024 });
  steps = [];
  const run = model.runner.run.bind(model.runner);
  model.runner.run = (cache, rows, wanted) => {
    if (!readsPrompt(cache, rows)) steps.push({ rows: rows.length, bucket: cache.bucket });
    return run(cache, rows, wanted);
  };
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  await model.dispose();
});

function engineWith(kvTokens?: number): LocalEngine {
  const kvBytes = kvTokens === undefined ? {} : { kvBytes: kvTokens * kvBytesPerToken(model.runner.shape) };
  const engine = model.engine({ maxRows: 8, speculate: false, ...kvBytes });
  engines.push(engine);
  return engine;
}

const short = (engine: LocalEngine, i: number, maxNewTokens = 100 + 10 * i) =>
  replyTo(engine, textOf(SHORT + i, i), {
    sampling: FREE,
    seed: i,
    maxNewTokens,
    conversation: `short ${i}`,
  });
const long = (engine: LocalEngine, maxNewTokens = 20) =>
  replyTo(engine, textOf(LONG, 9), { sampling: FREE, seed: 9, maxNewTokens, conversation: 'long' });

/** So many short replies, beside which a long one is written. */
async function beside(engine: LocalEngine, count: number): Promise<readonly Reply[]> {
  return Promise.all([...Array.from({ length: count }, (_, i) => short(engine, i)), long(engine)]);
}

describe('Many short replies beside a long one', () => {
  it('are written in runs that are no longer than they are', async () => {
    await beside(engineWith(), 7);
    expect(steps).toContainEqual({ rows: 1, bucket: expect.toSatisfy((bucket) => bucket > LONG) });
    for (const { rows, bucket } of steps) if (rows > 1) expect(bucket).toBeLessThan(LONG);
  });

  it('say what each would say alone, before the long one, beside it and behind it', async () => {
    const engine = engineWith();
    const alone: Reply[] = [];
    for (let i = 0; i < 7; i++) alone.push(await short(engine, i));
    alone.push(await long(engine));
    const together = await beside(engine, 7);
    expect(together.map(({ deltas }) => deltas)).toEqual(alone.map(({ deltas }) => deltas));
  });

  it('share its runs where memory has no room for two batches', async () => {
    const room = 9 * 1024;
    const engine = engineWith(room + 100);
    await beside(engine, 7);
    expect((await engine.stats()).kvLimitBytes).toBe(room * kvBytesPerToken(model.runner.shape));
    expect(steps).toContainEqual({ rows: 8, bucket: expect.toSatisfy((bucket) => bucket > LONG) });
  });
});

describe('A reply that ended beside a long one', () => {
  it.each([
    'closed by whoever hears of it',
    'closed in the step of the long one',
    'lost in the step of the long one',
  ])('is told nothing more when the engine is %s', async (how) => {
    const engine = engineWith();
    const { runner } = model;
    const run = runner.run.bind(runner);
    const told: string[][] = [];
    runner.run = async (cache, rows, wanted) => {
      const ofLong = rows.length === 1 && cache.bucket > LONG && !readsPrompt(cache, rows);
      if (ofLong && told.flat().includes('length')) {
        if (how.startsWith('lost')) throw new Error('The model is lost.');
        void engine.close();
      }
      return run(cache, rows, wanted);
    };
    const ask = (i: number, prompt: string, maxNewTokens: number) =>
      new Promise<void>((resolve) => {
        const mine: string[] = [];
        told.push(mine);
        const end = (ending: string) => {
          mine.push(ending);
          if (how.includes('hears')) queueMicrotask(() => void engine.close());
          resolve();
        };
        engine.submit(prompt, wanting({ sampling: FREE, seed: i, maxNewTokens, conversation: `${i}` }), {
          chunk: (chunk) => chunk.type === 'end' && end(chunk.result.reason),
          failure: (error) => end((error as InferenceError).code),
        });
      });
    const short = [20, 300, 300, 300, 300, 300, 300].map((length, i) => ask(i, textOf(SHORT + i, i), length));
    await Promise.all([ask(9, textOf(LONG, 9), 300), ...short]);
    await engine.close();
    expect(told.flat()).toContain('length');
    for (const endings of told) expect(endings).toHaveLength(1);
  });
});

describe('Few short replies beside a long one', () => {
  it('share its runs, which then cost less than runs of their own', async () => {
    await beside(engineWith(), 2);
    expect(steps).toContainEqual({ rows: 3, bucket: expect.toSatisfy((bucket) => bucket > LONG) });
  });

  it('have become so when the others ended, and move without a trace', async () => {
    const engine = engineWith();
    const lengths = [20, 20, 20, 20, 20, 20, 300];
    const alone: Reply[] = [];
    for (const [i, length] of lengths.entries()) alone.push(await short(engine, i, length));
    alone.push(await long(engine, 150));
    steps = [];
    const together = await Promise.all([
      ...lengths.map((length, i) => short(engine, i, length)),
      long(engine, 150),
    ]);
    const rows = steps.filter(({ bucket }) => bucket > LONG).map((step) => step.rows);
    expect(rows).toContain(1);
    expect(rows).toContain(2);
    // Two would be together sooner if they had been so before: moving is not worth it for every token.
    expect(rows).not.toContain(3);
    expect(together.map(({ deltas }) => deltas)).toEqual(alone.map(({ deltas }) => deltas));
  });
});

describe('Short replies', () => {
  it('are all in one run when there is no long one, and again when it has ended', async () => {
    const engine = engineWith();
    await Promise.all([0, 1, 2].map((i) => short(engine, i, 20)));
    expect(Math.max(...steps.map(({ rows }) => rows))).toBe(3);
    const replies = [0, 1, 2, 3, 4, 5, 6].map((i) => short(engine, i, 200));
    await long(engine);
    steps = [];
    await Promise.all(replies);
    expect(steps.at(-1)?.bucket).toBeLessThan(LONG);
    expect(steps.slice(2).every(({ bucket }) => bucket < LONG)).toBe(true);
  });
});
