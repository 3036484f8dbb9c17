import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargeFor, costOf, draftWidth, RUN_COSTS } from '../../../inference/engine/draft-width.ts';
import type { GenerateOptions } from '../../../inference/engine/engine.ts';
import { bucketFor, kvBytesPerToken } from '../../../inference/engine/kv-cache.ts';
import { type Proposal, Speculation } from '../../../inference/engine/speculation.ts';
import {
  FREE,
  GREEDY,
  type RandomModelParts,
  randomModelParts,
  replyTo,
  SMALL,
  textOf,
} from '../../fixtures/random-engine.ts';
import { scripted } from '../../fixtures/scripted-runner.ts';

const COSTS = RUN_COSTS.q4;
const widthOf = (proposals: readonly Proposal[]) => draftWidth(proposals, COSTS);
const charged = (proposals: readonly Proposal[], width: number) => chargeFor(proposals, width, COSTS);

function having(ids: readonly number[]): Speculation {
  const speculation = new Speculation();
  for (const id of ids) speculation.accept(id);
  return speculation;
}

/** Tokens that occur nowhere else. */
function fresh(count: number, from: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}

describe('Speculation', () => {
  it('proposes what followed the last tokens when they occurred before', () => {
    const text = [...fresh(100, 1000), 1, 2, 3, 4, 5, 6, 9, 1, 2, 3];
    expect(having(text).propose(10).tokens).toEqual([4, 5, 6, 9, 1, 2, 3]);
  });

  it('goes by the longest of its ends that occurred before, and of equally long ones by the latest', () => {
    const text = [...fresh(100, 1000), 1, 2, 3, 4, 9, 2, 3, 5, 1, 2, 3];
    expect(having(text).propose(1).tokens).toEqual([4]);
    expect(having([...fresh(100, 1000), 1, 2, 3, 4, 4, 1, 2, 3, 7, 8, 1, 2, 3]).propose(1).tokens).toEqual([
      7,
    ]);
  });

  it('proposes nothing for what is new, and nothing at the very beginning', () => {
    expect(having(fresh(200, 1)).propose(10).tokens).toEqual([]);
    expect(having([]).propose(10).tokens).toEqual([]);
  });

  it('never proposes more than there is room for', () => {
    const repeating = having([...fresh(100, 1000), 1, 2, 3, 4, 5, 6, 1, 2, 3]);
    expect(repeating.propose(2).tokens).toEqual([4, 5]);
    expect(repeating.propose(0).tokens).toEqual([]);
  });

  it('knows a token to be likelier the more tokens before it agree, and a longer proposal to be less likely', () => {
    const chances = [1, 2, 3].map((agreeing) => {
      const passage = fresh(10, 1);
      return having([...passage, ...fresh(5, 500), ...passage.slice(3 - agreeing, 3)]).propose(2).chances;
    });
    const firsts = chances.map(([first = 0]) => first);
    expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
    expect(new Set(firsts).size).toBe(3);
    for (const [first = 0, second = 0] of chances) expect(second).toBeLessThan(first);
  });

  it('takes each further token of a proposal for as likely as one behind which so many more agree', () => {
    const unread = () => {
      const speculation = new Speculation();
      for (const id of [1, 2, 3, 4, 500, 501]) speculation.read(id);
      return speculation;
    };
    const one = unread();
    one.read(1);
    const [first = 0, second = 0, third = 0] = one.propose(3).chances;
    const two = unread();
    for (const id of [1, 2]) two.read(id);
    const [behindTwo = 0, furtherBehindTwo = 0] = two.propose(2).chances;
    expect(second / first).toBeCloseTo(behindTwo);
    expect(third / first).toBeCloseTo(furtherBehindTwo);
  });

  it('stakes no more than four tokens, however much was won', () => {
    const speculation = having([1, 2, 3, 1, 2, 3]);
    for (let i = 0; i < 10; i++) speculation.learn(1, 15);
    expect(speculation.propose(3).credit).toBe(4);
    speculation.accept(1);
    expect(speculation.propose(3).credit).toBe(4);
    speculation.learn(5, 0);
    expect(speculation.propose(3).tokens).toEqual([]);
  });

  it('learns from the reply itself, also where nothing was proposed', () => {
    const pairs = (next: (i: number) => number) => fresh(30, 0).flatMap((i) => [1, next(i)]);
    const [sure = 0] = having([...pairs(() => 2), 1]).propose(1).chances;
    const [unsure = 0] = having([...pairs((i) => 100 + i), 1]).propose(1).chances;
    expect(sure).toBeGreaterThan(0.9);
    expect(unsure).toBeLessThan(0.1);
  });

  it('never costs more than three fifths of a token and one and a half per cent, however wrong it is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 20, maxLength: 600 }), (ids) => {
        const speculation = new Speculation();
        let cost = 0;
        for (const id of ids) {
          speculation.accept(id);
          const proposal = speculation.propose(100);
          const width = widthOf([proposal]);
          if (width === 0) continue;
          speculation.learn(charged([proposal], width), 0);
          cost += costOf(COSTS, 1, width) - 1;
        }
        expect(cost).toBeLessThanOrEqual(0.6 + 0.015 * ids.length + 1e-9);
      }),
    );
  });

  it('checks nearly nothing of a text that repeats nothing, though single words recur', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.integer({ min: 0, max: 300 })), (stream) => {
        const speculation = having([...stream.take(500)]);
        let cost = 0;
        for (const id of stream.take(200)) {
          speculation.accept(id);
          const proposal = speculation.propose(100);
          const width = widthOf([proposal]);
          if (width > 0) speculation.learn(charged([proposal], width), 0);
          cost += costOf(COSTS, 1, width) - 1;
        }
        expect(cost).toBeLessThan(0.03 * 200);
      }),
      { numRuns: 30 },
    );
  });
});

describe('A reply written with speculation', () => {
  let model: RandomModelParts;
  let runs = 0;
  beforeAll(async () => {
    model = await randomModelParts();
    const run = model.runner.run.bind(model.runner);
    model.runner.run = (...asked) => {
      runs++;
      return run(...asked);
    };
  });
  afterAll(() => model.dispose());

  /** The tokens of a reply, and how many runs of the model it took. */
  async function write(speculate: boolean, prompt: string, options: Partial<GenerateOptions>) {
    const engine = model.engine({ speculate });
    const before = runs;
    const { tokens, result } = await replyTo(engine, prompt, options);
    await engine.close();
    return { tokens, reason: result.reason, newTokens: result.newTokens, runs: runs - before };
  }

  const prompts = ['over and over and over and over and', textOf(200), 'something else'];

  it('is, greedily, the very reply that it is without, and takes fewer runs where it repeats itself', async () => {
    let [withIt, without] = [0, 0];
    for (const prompt of prompts) {
      const options = { sampling: GREEDY, maxNewTokens: 120 };
      const sooner = await write(true, prompt, options);
      const plain = await write(false, prompt, options);
      expect({ ...sooner, runs: 0 }).toEqual({ ...plain, runs: 0 });
      withIt += sooner.runs;
      without += plain.runs;
    }
    expect(withIt).toBeLessThan(0.9 * without);
  });

  it('is, sampled, the very reply that it is without: each token is drawn from its own distribution by its own draw', async () => {
    const sampling = { ...FREE, temperature: 0.5, topK: 3 };
    for (let seed = 0; seed < 20; seed++) {
      const options = { sampling, seed, maxNewTokens: 60 };
      const sooner = await write(true, prompts[seed % 3] ?? '', options);
      const plain = await write(false, prompts[seed % 3] ?? '', options);
      expect(sooner.tokens).toEqual(plain.tokens);
    }
  });

  it('is, sampled, distributed as the model says, in double precision, by a test of goodness of fit', async () => {
    const sampling = { ...FREE, topK: 3 };
    const prompt = 'over and over and over and over and';
    const ids = [model.tokenizer.endOfText, ...model.tokenizer.encode(prompt)];
    const expected = continuations(model, ids, 3, sampling.topK);
    const seen = new Map<string, number>();
    const replies = 1500;
    const engine = model.engine({ speculate: true, maxQueue: replies });
    await Promise.all(
      Array.from({ length: replies }, async (_, seed) => {
        const { tokens } = await replyTo(engine, prompt, { sampling, seed, maxNewTokens: 3 });
        seen.set(tokens.join(), (seen.get(tokens.join()) ?? 0) + 1);
      }),
    );
    await engine.close();
    let statistic = 0;
    for (const [tokens, probability] of expected)
      statistic += ((seen.get(tokens) ?? 0) - replies * probability) ** 2 / (replies * probability);
    expect([...seen.keys()].filter((tokens) => !expected.has(tokens))).toEqual([]);
    expect(expected.size).toBe(27);
    // Chi-squared with 26 degrees of freedom exceeds this once in ten thousand times; these seeds are always the same.
    expect(statistic).toBeLessThan(61.7);
  });

  it('is the very reply that it is alone, also in the midst of others that propose more, less or nothing', async () => {
    const options = { sampling: { ...FREE, temperature: 0.3, topK: 3 }, maxNewTokens: 120 };
    const asked = Array.from({ length: 4 }, (_, seed) => ({ prompt: prompts[seed % 3] ?? '', seed }));
    const alone: (readonly number[])[] = [];
    for (const { prompt, seed } of asked)
      alone.push((await write(false, prompt, { ...options, seed })).tokens);
    const engine = model.engine({ speculate: true });
    const widths = new Set<number>();
    const run = model.runner.run;
    model.runner.run = (cache, rows, wanted) => {
      if (rows.length > 1) widths.add(rows[0]?.length ?? 0);
      return run(cache, rows, wanted);
    };
    const together = await Promise.all(
      asked.map(({ prompt, seed }) => replyTo(engine, prompt, { ...options, seed, conversation: `${seed}` })),
    );
    model.runner.run = run;
    await engine.close();
    expect(together.map(({ tokens }) => tokens)).toEqual(alone);
    expect(Math.max(...widths)).toBeGreaterThan(1);
  });

  it.each([
    // Beside the longest prompt there is memory for two rows of 192 tokens, and not for two of 224.
    { what: 'memory', end: 192, rows: 2, bucket: 192 },
    { what: 'places', end: SMALL.positions, rows: 20, bucket: bucketFor(SMALL.positions) },
  ])('proposes no more than there is $what for in the rows beside it', async ({ end, rows, bucket }) => {
    // Both count to eight again and again, but for the last token but one, so that there the longer one proposes nothing.
    const countedAt = (place: number) => (place === end - 2 ? 20 : 1 + (place % 8));
    const lengths = [end - 92, end - 152];
    const kvBytes = rows * bucketFor(SMALL.positions) * kvBytesPerToken(model.runner.shape);
    const engine = model.engine({ speculate: true, kvBytes });
    const together = { widest: 0, bucket: 0 };
    const run = model.runner.run;
    const count = scripted(model.runner, countedAt);
    model.runner.run = (cache, rows, wanted) => {
      if (rows.length > 1) {
        together.widest = Math.max(together.widest, (rows[0]?.length ?? 0) - 1);
        together.bucket = Math.max(together.bucket, cache.bucket);
      }
      return count(cache, rows, wanted);
    };
    const replies = await Promise.all(
      lengths.map((length, i) => {
        const options = { sampling: GREEDY, maxNewTokens: end - 1 - length, conversation: `${i}` };
        return replyTo(engine, textOf(length), options);
      }),
    );
    model.runner.run = run;
    await engine.close();
    expect(together).toEqual({ widest: expect.toSatisfy((width) => width > 3), bucket });
    expect(replies.map(({ tokens }) => tokens)).toEqual(
      lengths.map((length) => Array.from({ length: end - 1 - length }, (_, i) => countedAt(1 + length + i))),
    );
  });

  it('ends where it would end without: at its longest, at a full context, at a stop', async () => {
    for (const options of [{ maxNewTokens: 7 }, { maxNewTokens: 1000 }, { maxNewTokens: 300, stop: ['e'] }]) {
      for (const prompt of prompts) {
        const sooner = await write(true, prompt, { sampling: GREEDY, ...options });
        const plain = await write(false, prompt, { sampling: GREEDY, ...options });
        expect({ ...sooner, runs: 0 }).toEqual({ ...plain, runs: 0 });
      }
    }
  });

  it('goes on as it would after an interruption anywhere', async () => {
    const options = { sampling: GREEDY, maxNewTokens: 60, seed: 1 };
    const whole = await write(true, textOf(100), options);
    for (const cut of [1, 13, 30, 59]) {
      const rest = await write(true, textOf(100), { ...options, shown: whole.tokens.slice(0, cut) });
      expect([...whole.tokens.slice(0, cut), ...rest.tokens]).toEqual(whole.tokens);
    }
  });
});

/** Every continuation of so many tokens with its probability, sampled among the likeliest k at temperature 1. */
function continuations(model: RandomModelParts, prompt: readonly number[], tokens: number, k: number) {
  let all = new Map([['', { ids: [...prompt], probability: 1 }]]);
  for (let i = 0; i < tokens; i++) {
    const longer: typeof all = new Map();
    for (const [key, { ids, probability }] of all) {
      const logits = [...(model.reference.logits(ids).at(-1) ?? [])];
      const likeliest = logits.map((_, id) => id).toSorted((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));
      const weights = likeliest.slice(0, k).map((id) => ({ id, weight: Math.exp(logits[id] ?? 0) }));
      const sum = weights.reduce((total, { weight }) => total + weight, 0);
      for (const { id, weight } of weights)
        longer.set(key === '' ? `${id}` : `${key},${id}`, {
          ids: [...ids, id],
          probability: (probability * weight) / sum,
        });
    }
    all = longer;
  }
  return new Map([...all].map(([key, { probability }]) => [key, probability]));
}
