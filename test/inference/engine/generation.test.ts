import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { LocalEngine } from '../../../inference/engine/local-engine.ts';
import {
  FREE,
  GREEDY,
  type RandomModelParts,
  randomModelParts,
  replyTo,
  textOf,
} from '../../fixtures/random-engine.ts';

let model: RandomModelParts;
let engine: LocalEngine;
beforeAll(async () => {
  model = await randomModelParts();
  engine = model.engine();
});
afterAll(async () => {
  await engine.close();
  await model.dispose();
});

const positions = 400;
const idsOf = (prompt: string) => [model.tokenizer.endOfText, ...model.tokenizer.encode(prompt)];

describe('A greedy reply', () => {
  it.each([
    ['an empty prompt', ''],
    ['a short prompt', 'The cat'],
    ['a prompt of several pieces', textOf(150)],
  ])('to %s takes the likeliest token each time, as double precision has it', async (_, prompt) => {
    const { tokens } = await replyTo(engine, prompt, { maxNewTokens: 12 });
    const ids = idsOf(prompt);
    for (const token of tokens) {
      const logits = model.reference.logits(ids).at(-1)!;
      expect(token).toBe(logits.indexOf(Math.max(...logits)));
      ids.push(token);
    }
    expect(tokens).toHaveLength(12);
  });
});

describe('A sampled reply', () => {
  it('is the same for the same seed, and another for another', async () => {
    const first = await replyTo(engine, 'Once', { sampling: FREE, seed: 1 });
    const again = await replyTo(engine, 'Once', { sampling: FREE, seed: 1 });
    const other = await replyTo(engine, 'Once', { sampling: FREE, seed: 2 });
    expect(again.deltas).toEqual(first.deltas);
    expect(other.tokens).not.toEqual(first.tokens);
  });

  it('without a seed draws one, says which, and can be made again with it', async () => {
    const first = await replyTo(engine, 'Once', { sampling: FREE });
    const { seed } = first.result;
    const other = await replyTo(engine, 'Once', { sampling: FREE });
    expect(other.result.seed).not.toBe(seed);
    expect((await replyTo(engine, 'Once', { sampling: FREE, seed })).text).toBe(first.text);
  });
});

describe('A reply that was interrupted', () => {
  const sampling = { ...FREE, repetitionPenalty: 1.2, noRepeatNgram: 2 };

  it('goes on behind any of its tokens as if nothing had happened', async () => {
    const options = { sampling, seed: 7, maxNewTokens: 40, stop: ['nothing like this', '\n\n\n'] };
    const whole = await replyTo(engine, textOf(100), options);
    expect(whole.tokens).toHaveLength(40);
    for (let cut = 0; cut <= whole.tokens.length; cut++) {
      const before = whole.deltas.slice(0, cut);
      const shown = before.flatMap(({ tokens }) => tokens);
      const rest = await replyTo(engine, textOf(100), { ...options, shown });
      expect([...before, ...rest.deltas]).toEqual(whole.deltas);
      expect(rest.result).toMatchObject({ reason: 'length', newTokens: 40, seed: 7 });
    }
  });

  it('ends at once where it had ended already: at its limit, at a stop, at the end of the context', async () => {
    const spent = await replyTo(engine, 'x', { sampling, seed: 1, maxNewTokens: 5 });
    const runs = vi.spyOn(model.runner, 'run');
    const again = await replyTo(engine, 'x', { sampling, seed: 1, maxNewTokens: 5, shown: spent.tokens });
    expect(again).toMatchObject({ text: '', tokens: [], result: { reason: 'length', newTokens: 5 } });

    const stop = [spent.text.slice(0, 1)];
    const stopped = await replyTo(engine, 'x', { sampling, maxNewTokens: 9, stop, shown: spent.tokens });
    expect(stopped).toMatchObject({ text: '', result: { reason: 'stop' } });

    const shown = new Array(positions).fill(65);
    const full = await replyTo(engine, 'x', { maxNewTokens: 500, shown });
    expect(full.result).toMatchObject({ reason: 'length', contextFull: true });
    expect(runs).not.toHaveBeenCalled();
    runs.mockRestore();
  });
});

describe('A reply ends', () => {
  it('after maxNewTokens', async () => {
    for (const maxNewTokens of [1, 2, 19]) {
      const { tokens, result } = await replyTo(engine, 'Hello', { maxNewTokens });
      expect(tokens).toHaveLength(maxNewTokens);
      expect(result).toMatchObject({ reason: 'length', contextFull: false, newTokens: maxNewTokens });
    }
  });

  it('before the first stop string, wherever that lies among the tokens', async () => {
    const options = { sampling: FREE, seed: 3, maxNewTokens: 60 };
    const whole = await replyTo(engine, 'Hello', options);
    const characters = [...whole.text];
    for (let begin = 0; begin + 4 <= characters.length; begin += 3) {
      const stop = characters.slice(begin, begin + 4).join('');
      const { text, result } = await replyTo(engine, 'Hello', { ...options, stop: ['~~ never ~~', stop] });
      expect(text).toBe(whole.text.slice(0, whole.text.indexOf(stop)));
      expect(result.reason).toBe('stop');
    }
  });

  it('at the end of the text, which shows no token of its own', async () => {
    const seeds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    const replies = await Promise.all(
      seeds.map((seed) => replyTo(engine, 'Hello', { sampling: FREE, seed, maxNewTokens: 350 })),
    );
    const ended = replies.filter(({ result }) => result.reason === 'eos');
    expect(ended.length).toBeGreaterThan(0);
    for (const { tokens, result } of ended) {
      expect(tokens).not.toContain(model.tokenizer.endOfText);
      expect(result.newTokens).toBe(tokens.length);
    }
  });

  it('when the context is full, with a reason instead of an error', async () => {
    const { tokens, result } = await replyTo(engine, textOf(positions - 10), { maxNewTokens: 30 });
    // One end-of-text in front of the prompt.
    expect(tokens).toHaveLength(9);
    expect(result).toMatchObject({ reason: 'length', contextFull: true, promptTokens: positions - 9 });
    const exact = await replyTo(engine, textOf(positions - 10), { maxNewTokens: 9 });
    expect(exact.result).toMatchObject({ reason: 'length', contextFull: false, newTokens: 9 });
  });
});

describe('A prompt', () => {
  it('may leave room for one token, and no less', async () => {
    const { result } = await replyTo(engine, textOf(positions - 2));
    expect(result).toMatchObject({ reason: 'length', contextFull: true, newTokens: 1 });
    await expect(replyTo(engine, textOf(positions - 1))).rejects.toMatchObject({ code: 'PROMPT_TOO_LONG' });
    await expect(replyTo(engine, 'word '.repeat(100_000))).rejects.toMatchObject({ code: 'PROMPT_TOO_LONG' });
  });

  it('has one end-of-text in front; one that a person types is text', async () => {
    const runs = vi.spyOn(model.runner, 'run');
    const prompt = 'a<|endoftext|>b<|endoftext|>';
    const { result } = await replyTo(engine, prompt, { maxNewTokens: 1 });
    const computed = runs.mock.calls.flatMap(([, rows]) => rows[0]!);
    runs.mockRestore();
    expect(computed.filter((id) => id === model.tokenizer.endOfText)).toEqual([computed[0]]);
    expect(model.tokenizer.decode(computed)).toBe(prompt);
    expect(result.promptTokens).toBe(1 + (await engine.count(prompt)));
  });

  it('with half characters is read with the replacement character in their place', async () => {
    const broken = await replyTo(engine, 'a\ud800b\udc00');
    expect(broken.tokens).toEqual((await replyTo(engine, 'a\ufffdb\ufffd')).tokens);
  });
});

describe('A result', () => {
  it('says what was asked for and what it took', async () => {
    const options = { sampling: GREEDY, maxNewTokens: 5, stop: ['~'], conversation: 'c', seed: 9 };
    const before = await engine.stats();
    const { result } = await replyTo(engine, 'Hello', options);
    const after = await engine.stats();
    expect(result).toMatchObject({ options, seed: 9, promptTokens: 1 + (await engine.count('Hello')) });
    expect(result.queuedMs).toBeLessThanOrEqual(result.firstTokenMs);
    expect(result.firstTokenMs).toBeLessThanOrEqual(result.totalMs);
    expect(result.tokensPerSecond).toBeGreaterThan(0);
    expect(after.generatedTokens - before.generatedTokens).toBe(5);
    expect(after).toMatchObject({ running: 0, queued: 0 });
  });
});

describe('Options out of their range', () => {
  it.each([
    ['temperature', { sampling: { ...GREEDY, temperature: -1 } }],
    ['topP', { sampling: { ...GREEDY, topP: Number.NaN } }],
    ['maxNewTokens', { maxNewTokens: 0 }],
    ['maxNewTokens', { maxNewTokens: 1.5 }],
    ['maxNewTokens', { maxNewTokens: Number.POSITIVE_INFINITY }],
    ['seed', { seed: -1 }],
    ['seed', { seed: 2 ** 32 }],
    ['seed', { seed: 0.5 }],
    ['stop', { stop: ['ok', ''] }],
    ['stop', { stop: 'Q:' as unknown as string[] }],
    ['conversation', { conversation: undefined as unknown as string }],
    ['shown', { shown: [400] }],
    ['shown', { shown: [-1] }],
    ['shown', { shown: [1, Number.NaN] }],
  ])('are refused by the field: %s', async (field, options) => {
    await expect(replyTo(engine, 'Hello', options)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringContaining(field),
    });
    expect(await engine.stats()).toMatchObject({ running: 0, queued: 0 });
  });
});
