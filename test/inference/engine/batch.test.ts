import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Chunk } from '../../../inference/engine/engine.ts';
import { bucketFor, kvBytesPerToken } from '../../../inference/engine/kv-cache.ts';
import type { LocalEngine } from '../../../inference/engine/local-engine.ts';
import {
  FREE,
  type RandomModelParts,
  type Reply,
  randomModelParts,
  replyTo,
  textOf,
  wanting,
} from '../../fixtures/random-engine.ts';

let model: RandomModelParts;
const engines: LocalEngine[] = [];
beforeAll(async () => {
  model = await randomModelParts();
});
afterAll(async () => {
  for (const engine of engines) await engine.close();
  await model.dispose();
});

function engineWith(limits: Parameters<RandomModelParts['engine']>[0]): LocalEngine {
  const engine = model.engine(limits);
  engines.push(engine);
  return engine;
}

/** Draws from the whole vocabulary: a row that read a neighbour's keys would soon say something else. */
const sampled = { sampling: FREE, seed: 5 };

/**
 * Rows of a batch may be summed in another order than a row alone, so floats differ in their last bits. At full precision
 * that is far less than what lies between the two likeliest tokens of this model, or between a draw and the next token.
 */
describe('Replies that are written together', () => {
  const prompts = [
    textOf(3, 1),
    textOf(90, 2),
    textOf(127, 3),
    textOf(128, 4),
    textOf(250, 5),
    '',
    textOf(350, 6),
  ];

  it('say what each would say alone, whatever their prompts’ lengths', async () => {
    const engine = engineWith({ maxRows: 8 });
    const alone: Reply[] = [];
    for (const prompt of prompts) alone.push(await replyTo(engine, prompt, { maxNewTokens: 40 }));
    const together = await Promise.all(
      prompts.map((prompt) => replyTo(engine, prompt, { maxNewTokens: 40 })),
    );
    expect(together.map(({ deltas }) => deltas)).toEqual(alone.map(({ deltas }) => deltas));
  });

  it('may join and leave in the middle of the others', async () => {
    const engine = engineWith({ maxRows: 3 });
    const lengths = [90, 6, 17, 40, 3, 25];
    const alone: Reply[] = [];
    for (const [i, maxNewTokens] of lengths.entries())
      alone.push(await replyTo(engine, prompts[i]!, { ...sampled, maxNewTokens }));

    // Each begins when the one before it has written a few tokens; short ones leave before long ones that came earlier.
    const replies: Promise<Reply>[] = [];
    const begin = (i: number): void => {
      let seen = 0;
      replies[i] = replyTo(
        engine,
        prompts[i]!,
        { ...sampled, maxNewTokens: lengths[i]! },
        undefined,
        (chunk) => {
          if (chunk.type === 'text' && ++seen === 2 && i + 1 < lengths.length) begin(i + 1);
        },
      );
    };
    begin(0);
    for (let i = 0; i < lengths.length; i++) expect((await replies[i]!).deltas).toEqual(alone[i]!.deltas);
  });

  it('take the place of one that gave up, without a trace of it', async () => {
    const engine = engineWith({ maxRows: 2 });
    const calm = await replyTo(engine, 'calm', { ...sampled, maxNewTokens: 60 });
    const stop = new AbortController();
    const [kept, gaveUp] = await Promise.all([
      replyTo(engine, 'calm', { ...sampled, maxNewTokens: 60 }),
      replyTo(engine, textOf(140), { ...sampled, maxNewTokens: 100 }, stop.signal, (chunk) => {
        if (chunk.type === 'text') stop.abort();
      }),
      replyTo(engine, 'calm', { maxNewTokens: 60, conversation: 'other' }),
    ]);
    expect(gaveUp.result.reason).toBe('aborted');
    expect(kept.deltas).toEqual(calm.deltas);
  });
});

describe('Requests that wait', () => {
  it('are told their place, ever nearer, until their turn has come', async () => {
    const engine = engineWith({ maxRows: 1 });
    const conversations = ['first', 'a', 'a', 'b', 'b', 'c'];
    const ended: number[] = [];
    const replies = await Promise.all(
      conversations.map(async (conversation, i) => {
        const reply = await replyTo(engine, 'x', { conversation, maxNewTokens: 3 });
        ended.push(i);
        return reply;
      }),
    );
    // One of each conversation, then the second ones; told to each in steps of one.
    expect(ended).toEqual([0, 1, 3, 5, 2, 4]);
    expect(replies.map(({ places }) => places)).toEqual([
      [],
      [1, 0],
      [4, 3, 2, 1, 0],
      [2, 1, 0],
      [5, 4, 3, 2, 1, 0],
      [3, 2, 1, 0],
    ]);
  });

  it('move up when somebody before them gives up', async () => {
    const engine = engineWith({ maxRows: 1 });
    const stop = new AbortController();
    const running = new AbortController();
    const moved = new Promise<void>((resolve) => {
      const onChunk = (chunk: Chunk) => {
        if (chunk.type === 'queued' && chunk.place === 2) stop.abort();
        if (chunk.type === 'queued' && chunk.place === 1) resolve();
      };
      void replyTo(engine, 'x', { maxNewTokens: 380 }, running.signal);
      void replyTo(engine, 'x', { conversation: 'gives up' }, stop.signal);
      void replyTo(engine, 'x', { conversation: 'waits' }, undefined, onChunk);
    });
    await moved;
    expect(await engine.stats()).toMatchObject({ running: 1, queued: 1 });
    running.abort();
  });

  it('are as many as the queue holds beside those that run; the next is told to come later', async () => {
    const engine = engineWith({ maxRows: 2, maxQueue: 3 });
    const stop = new AbortController();
    const taken = Array.from({ length: 5 }, (_, i) =>
      replyTo(engine, 'x', { conversation: String(i), maxNewTokens: 380 }, stop.signal),
    );
    await expect(replyTo(engine, 'x', { conversation: 'late' })).rejects.toMatchObject({
      code: 'QUEUE_FULL',
      message: expect.stringMatching(/again in about \d+ s/),
    });
    await expect(engine.score('x', ['y'], 'a')).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    stop.abort();
    for (const reply of taken) expect((await reply).result.reason).toBe('aborted');
    expect((await replyTo(engine, 'x', { conversation: 'late' })).result.reason).toBe('length');
  });

  it('do so per conversation: one that asks much delays itself, not the others', async () => {
    const engine = engineWith({ maxRows: 2 });
    const begun: string[] = [];
    const ask = (conversation: string) =>
      new Promise<void>((resolve, reject) => {
        engine.submit('x', wanting({ conversation, maxNewTokens: 2 }), {
          begun: () => begun.push(conversation),
          chunk: (chunk) => chunk.type === 'end' && resolve(),
          failure: reject,
        });
      });
    await Promise.all(['chatty', 'chatty', 'chatty', 'chatty', 'calm', 'chatty', 'new'].map(ask));
    expect(begun.slice(0, 3).sort()).toEqual(['calm', 'chatty', 'new']);
    expect(begun.slice(3)).toEqual(['chatty', 'chatty', 'chatty', 'chatty']);
  });
});

describe('Keys and values', () => {
  const perToken = () => kvBytesPerToken(model.runner.shape);

  it('stay within their limit, and replies wait until there is room for their longest text', async () => {
    // One prompt on its way (512 tokens at most), and rows of 512 tokens together.
    const engine = engineWith({ kvBytes: 1024 * perToken() });
    const sizes = [100, 100, 380, 100, 100, 100, 100, 200, 150, 100];
    const alone: Reply[] = [];
    for (const size of sizes) alone.push(await replyTo(engine, 'x', { ...sampled, maxNewTokens: size }));
    const atOnce = new Set<string>();
    let most = 0;
    const together = await Promise.all(
      sizes.map((maxNewTokens, i) =>
        replyTo(engine, 'x', { ...sampled, maxNewTokens, conversation: String(i) }, undefined, async () => {
          const { kvBytes, kvLimitBytes, kvPeakBytes, running } = await engine.stats();
          expect(kvLimitBytes).toBe(1024 * perToken());
          expect(kvBytes).toBeLessThanOrEqual(kvPeakBytes);
          expect(kvPeakBytes).toBeLessThanOrEqual(kvLimitBytes);
          most = Math.max(most, running);
          atOnce.add(String(running));
        }),
      ),
    );
    expect(together.map(({ deltas }) => deltas)).toEqual(alone.map(({ deltas }) => deltas));
    // Four rows of 128 tokens fit, though eight are allowed; the one of 380 needs a bucket of 384, which leaves no second row.
    expect(most).toBe(4);
    expect(atOnce).toContain('1');
  });

  it('that have no room for one reply are refused at the start, with the number that would do', () => {
    const needed = 2 * bucketFor(400) * perToken();
    expect(() => model.engine({ kvBytes: needed - 1 })).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID', message: expect.stringMatching(/KV_MB=1 or more/) }),
    );
    engineWith({ kvBytes: needed });
  });

  it('are given back when replies end', async () => {
    const engine = engineWith({});
    await Promise.all([1, 2, 3].map((i) => replyTo(engine, textOf(150, i), { maxNewTokens: 10 * i })));
    // The last prompt stays where prompts are computed.
    expect((await engine.stats()).kvBytes).toBeLessThanOrEqual(151 * perToken());
  });
});
