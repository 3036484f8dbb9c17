import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidates, createCandidates } from '../../../../inference/engine/sampler/candidates.ts';
import { selectLikeliest } from '../../../../inference/engine/sampler/greedy.ts';
import { selectNucleus } from '../../../../inference/engine/sampler/nucleus.ts';
import { selectTopK } from '../../../../inference/engine/sampler/top-k.ts';
import { selectWholeVocabulary } from '../../../../inference/engine/sampler/whole-vocabulary.ts';
import { chosen, idsOf } from './candidate-list.ts';

const OUT = Number.NEGATIVE_INFINITY;
// Few distinct values, so that ties are common.
const logitLists = fc
  .array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(OUT)), { minLength: 1, maxLength: 200 })
  .filter((logits) => logits.some((logit) => logit > OUT))
  .map((logits) => Float32Array.from(logits));

/** Ids by logit, the highest first, the lower id first among equals, without those ruled out. */
function ranked(logits: Float32Array): number[] {
  const ids = [...logits.keys()].filter((id) => logits[id]! > OUT);
  return ids.sort((a, b) => logits[b]! - logits[a]! || a - b);
}

describe('selectTopK', () => {
  it('keeps the k likeliest in descending order, the lower id first among equals', () => {
    fc.assert(
      fc.property(logitLists, fc.integer({ min: 1, max: 220 }), (logits, k) => {
        expect(chosen((candidates) => selectTopK(logits, k, candidates))).toEqual(ranked(logits).slice(0, k));
      }),
    );
  });

  it('gives each kept token its logit', () => {
    const candidates = createCandidates();
    selectTopK(Float32Array.of(1, 5, -2, 3), 3, candidates);
    expect([...candidates.scores.subarray(0, 3)]).toEqual([5, 3, 1]);
  });

  it('uses its buffers again, so that a token allocates nothing', () => {
    const candidates = createCandidates();
    selectTopK(Float32Array.of(1, 5, -2, 3), 3, candidates);
    const { ids, scores } = candidates;
    selectTopK(Float32Array.of(4, 1, 2, 3), 3, candidates);
    expect(candidates.ids).toBe(ids);
    expect(candidates.scores).toBe(scores);
    expect(idsOf(candidates)).toEqual([0, 3, 2]);
  });
});

describe('selectLikeliest', () => {
  it('is the first of top-k, ties included', () => {
    fc.assert(
      fc.property(logitLists, (logits) => {
        expect(chosen((candidates) => selectLikeliest(logits, candidates))).toEqual([ranked(logits)[0]]);
      }),
    );
  });
});

describe('selectWholeVocabulary', () => {
  it('keeps every token that is not ruled out', () => {
    fc.assert(
      fc.property(logitLists, (logits) => {
        const expected = ranked(logits).toSorted((a, b) => a - b);
        expect(chosen((candidates) => selectWholeVocabulary(logits, candidates))).toEqual(expected);
      }),
    );
  });
});

describe('selectNucleus', () => {
  it('holds the share of the whole vocabulary’s probability, in the order of rank', () => {
    const logits = Float32Array.from({ length: 5000 }, (_, id) => Math.sin(id * id) * 4);
    for (const temperature of [0.5, 1, 50]) {
      const candidates = createCandidates();
      const outside = selectNucleus(logits, 0.9, temperature, candidates);
      const weight = (id: number) => Math.exp((logits[id]! - candidates.scores[0]!) / temperature);
      const kept = idsOf(candidates);
      const inside = kept.reduce((sum, id) => sum + weight(id), 0);
      const whole = ranked(logits).reduce((sum, id) => sum + weight(id), 0);
      expect(kept).toEqual(ranked(logits).slice(0, kept.length));
      expect(inside).toBeGreaterThanOrEqual(0.9 * whole);
      expect(inside + outside).toBeCloseTo(whole, 6);
    }
  });

  it('looks at few tokens when few are likely', () => {
    const logits = Float32Array.from({ length: 50_257 }, (_, id) => (id === 31_337 ? 30 : 0));
    const kept = chosen((candidates) => selectNucleus(logits, 0.99, 1, candidates));
    expect(kept[0]).toBe(31_337);
    expect(kept.length).toBeLessThan(1000);
  });
});

describe('every selection', () => {
  const selections: readonly (readonly [string, (logits: Float32Array, into: Candidates) => unknown])[] = [
    ['greedy', selectLikeliest],
    ['top-k', (logits, into) => selectTopK(logits, 2, into)],
    ['nucleus', (logits, into) => selectNucleus(logits, 0.5, 1, into)],
    ['the whole vocabulary', selectWholeVocabulary],
  ];

  it.each(selections)('fails the prompt, not the engine, when a logit is not a number: %s', (_, select) => {
    for (const logits of [Float32Array.of(1, 2, 3, Number.NaN), Float32Array.of(Number.NaN, 2, 3, 1)]) {
      expect(() => select(logits, createCandidates())).toThrow(
        expect.objectContaining({ code: 'PROMPT_FAILED' }),
      );
    }
  });

  it.each(selections)('fails the prompt when a logit is infinite: %s', (_, select) => {
    const logits = Float32Array.of(1, Number.POSITIVE_INFINITY, 3);
    expect(() => select(logits, createCandidates())).toThrow(
      expect.objectContaining({ code: 'PROMPT_FAILED' }),
    );
  });

  it.each(selections)('fails the prompt when every token is ruled out: %s', (_, select) => {
    expect(() => select(Float32Array.of(OUT, OUT), createCandidates())).toThrow(
      expect.objectContaining({ code: 'PROMPT_FAILED' }),
    );
  });
});
