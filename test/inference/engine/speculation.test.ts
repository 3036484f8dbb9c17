import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GenerateOptions } from '../../../inference/engine/engine.ts';
import { Speculation } from '../../../inference/engine/speculation.ts';
import {
  FREE,
  GREEDY,
  type RandomModelParts,
  randomModelParts,
  replyTo,
  textOf,
} from '../../fixtures/random-engine.ts';

function having(ids: readonly number[]): Speculation {
  const speculation = new Speculation();
  for (const id of ids) speculation.accept(id);
  return speculation;
}

describe('Speculation', () => {
  it('proposes what followed the last three tokens when they occurred before', () => {
    expect(having([1, 2, 3, 4, 5, 6, 9, 1, 2, 3]).propose(10)).toEqual([4, 5, 6]);
  });

  it('goes by the latest occurrence', () => {
    expect(having([1, 2, 3, 4, 4, 4, 1, 2, 3, 7, 8, 9, 1, 2, 3]).propose(10)).toEqual([7, 8, 9]);
  });

  it('proposes nothing for what is new, and nothing at the very beginning', () => {
    expect(having([1, 2, 3, 4, 5, 6]).propose(10)).toEqual([]);
    expect(having([1, 2]).propose(10)).toEqual([]);
  });

  it('never proposes more than there is room for', () => {
    const repeating = having([1, 2, 3, 4, 5, 6, 1, 2, 3]);
    expect(repeating.propose(2)).toEqual([4, 5]);
    expect(repeating.propose(0)).toEqual([]);
  });

  it('proposes more at once while it is right, and less when it was wrong', () => {
    const text = Array.from({ length: 40 }, (_, i) => i);
    const repeating = having([...text, 0, 1, 2]);
    expect(repeating.propose(30)).toHaveLength(3);
    repeating.learn(3, 3);
    expect(repeating.propose(30)).toHaveLength(6);
    repeating.learn(6, 6);
    expect(repeating.propose(30)).toHaveLength(12);
    repeating.learn(12, 1);
    expect(repeating.propose(30)).toHaveLength(2);
  });

  it('never costs more than half a token and one per cent, however wrong it is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 20, maxLength: 600 }), (ids) => {
        const speculation = new Speculation();
        let checked = 0;
        for (const id of ids) {
          speculation.accept(id);
          const proposed = speculation.propose(100).length;
          if (proposed > 0) speculation.learn(proposed, 0);
          checked += proposed;
        }
        expect(checked * 0.2).toBeLessThanOrEqual(0.5 + 0.01 * ids.length + 1e-9);
      }),
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
