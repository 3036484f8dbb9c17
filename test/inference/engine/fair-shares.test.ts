import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalEngine } from '../../../inference/engine/local-engine.ts';
import { wholePieces } from '../../../inference/engine/prompt-pieces.ts';
import {
  FREE,
  type RandomModelParts,
  randomModelParts,
  readsPrompt,
  replyTo,
  textOf,
} from '../../fixtures/random-engine.ts';

/** One run of the model, as the scheduler ordered it. */
type Run = { readonly kind: 'prompt' | 'replies'; readonly rows: number };

let model: RandomModelParts;
let engine: LocalEngine;
let runs: Run[];
beforeEach(async () => {
  model = await randomModelParts();
  runs = [];
  const run = model.runner.run.bind(model.runner);
  model.runner.run = (cache, rows, wanted) => {
    runs.push({ kind: readsPrompt(cache, rows) ? 'prompt' : 'replies', rows: rows.length });
    return run(cache, rows, wanted);
  };
  engine = model.engine({ maxRows: 8, speculate: false });
});
afterEach(async () => {
  await engine.close();
  await model.dispose();
});

const LONG = 350;
/** Of a text of so many tokens and the end-of-text in front; the last piece is seldom a whole one. */
const pieces = (tokens: number) => wholePieces(tokens).length + 1;
const options = { sampling: FREE, maxNewTokens: 40 };

/** Seven replies of unequal ages, all being written; resolves when the last of them has begun. */
async function sevenRunning(stop: AbortSignal): Promise<void> {
  await Promise.all(
    Array.from(
      { length: 7 },
      (_, i) =>
        new Promise<void>((resolve, reject) => {
          // The seed is fixed, because one of many drawn ones ends a reply early.
          const running = { ...options, maxNewTokens: 300, conversation: `running ${i}`, seed: i };
          replyTo(engine, textOf(10 + 7 * i, i), running, stop, (chunk) => {
            if (chunk.type === 'text') resolve();
          }).catch(reject);
        }),
    ),
  );
}

/** An engine that answers one request at a time. */
async function oneRow() {
  const one = model.engine({ maxRows: 1 });
  return { engine: one, [Symbol.asyncDispose]: () => one.close() };
}

/** How many runs pass before a newcomer's first token. */
async function runsToFirstToken(prompt: string, conversation: string): Promise<number> {
  const before = runs.length;
  let after: number | undefined;
  await replyTo(engine, prompt, { ...options, maxNewTokens: 2, conversation }, undefined, (chunk) => {
    if (chunk.type === 'text') after ??= runs.length;
  });
  return (after ?? Number.NaN) - before;
}

describe('A newcomer', () => {
  it('gets its first token after as many steps of the others as its prompt has pieces, however many they are', async () => {
    const stop = new AbortController();
    await sevenRunning(stop.signal);
    // Beside each piece one step, and the one that is under way.
    expect(await runsToFirstToken(textOf(20, 3), 'short')).toBeLessThanOrEqual(2 * pieces(20) + 1);
    expect(await runsToFirstToken(textOf(LONG, 4), 'long')).toBeLessThanOrEqual(2 * pieces(LONG) + 1);
    stop.abort();
  });

  it('waits for one prompt that came before it, and no longer', async () => {
    const stop = new AbortController();
    await sevenRunning(stop.signal);
    const before = runsToFirstToken(textOf(LONG, 5), 'before');
    const waited = await runsToFirstToken(textOf(20, 6), 'short');
    await before;
    // The batch is full with the first of the two; it leaves after two tokens.
    expect(waited).toBeLessThanOrEqual(2 * (pieces(LONG) + pieces(20)) + 3);
    stop.abort();
  });
});

describe('Questions about likelihoods', () => {
  it('wait with the requests of whoever asks them, and not for those of others', async () => {
    const served: string[] = [];
    const ask = (who: string, work: Promise<unknown>) => work.then(() => served.push(who));
    const short = { ...options, maxNewTokens: 2 };
    await using alone = await oneRow();
    const reply = () => ask('ann', replyTo(alone.engine, 'x', { ...short, conversation: 'ann' }));
    const score = (who: string) => ask(who, alone.engine.score('x', ['y'], who));
    await Promise.all([reply(), reply(), reply(), score('ben'), score('eve')]);
    expect(served).toEqual(['ann', 'ben', 'eve', 'ann', 'ann']);
  });
});

describe('Replies that are being written', () => {
  it('take a step between any two pieces of a prompt, all of them', async () => {
    const stop = new AbortController();
    await sevenRunning(stop.signal);
    const from = runs.length;
    await runsToFirstToken(textOf(LONG, 7), 'long');
    const since = runs.slice(from);
    const prompts = since.flatMap(({ kind }, i) => (kind === 'prompt' ? [i] : []));
    expect(prompts).toHaveLength(pieces(LONG));
    for (const at of prompts.slice(1)) expect(since[at - 1]).toEqual({ kind: 'replies', rows: 7 });
    stop.abort();
  });
});
