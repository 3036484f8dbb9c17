import { describe, expect, it } from 'vitest';
import { forbidRepeatedNgrams } from '../../../../inference/engine/sampler/no-repeat-ngram.ts';
import { penalizeRepetition } from '../../../../inference/engine/sampler/repetition-penalty.ts';

const OUT = Number.NEGATIVE_INFINITY;

describe('penalizeRepetition', () => {
  it('divides a positive logit and multiplies a negative one, so that both become less likely', () => {
    const logits = Float32Array.of(3, -3, 3, -3);
    penalizeRepetition(logits, [0, 1], 1.5);
    expect([...logits]).toEqual([2, -4.5, 3, -3]);
  });

  it('leaves everything as it is at 1', () => {
    const logits = Float32Array.of(3, -3);
    penalizeRepetition(logits, [0, 1], 1);
    expect([...logits]).toEqual([3, -3]);
  });

  it('keeps a token that is ruled out ruled out', () => {
    const logits = Float32Array.of(OUT, 1);
    penalizeRepetition(logits, [0], 1.5);
    expect(logits[0]).toBe(OUT);
  });

  it('passes over ids that the model has no logit for', () => {
    const logits = Float32Array.of(2);
    penalizeRepetition(logits, [0, 5], 2);
    expect([...logits]).toEqual([1]);
  });
});

describe('forbidRepeatedNgrams', () => {
  /** The ids out of 0 to 4 that may not follow. */
  function forbidden(context: readonly number[], size: number): number[] {
    const logits = new Float32Array(5);
    forbidRepeatedNgrams(logits, context, size);
    return [...logits.keys()].filter((id) => logits[id] === OUT);
  }

  it('rules out every token that once followed the words before it', () => {
    expect(forbidden([1, 2, 3, 1, 2, 4, 1, 2], 3)).toEqual([3, 4]);
  });

  it('allows a token that followed something else', () => {
    expect(forbidden([1, 2, 3, 2, 2], 3)).toEqual([]);
  });

  it('rules out an immediate repetition that overlaps itself', () => {
    expect(forbidden([2, 2, 2], 3)).toEqual([2]);
  });

  it('rules out every token of the text when n is 1', () => {
    expect(forbidden([1, 3, 1], 1)).toEqual([1, 3]);
  });

  it('rules out nothing while the text is shorter than an n-gram, or at 0', () => {
    expect(forbidden([1, 1], 3)).toEqual([]);
    expect(forbidden([], 1)).toEqual([]);
    expect(forbidden([1, 1, 1], 0)).toEqual([]);
  });
});
