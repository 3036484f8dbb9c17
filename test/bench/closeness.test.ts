import { describe, expect, it } from 'vitest';
import { guessOf, meanWithError, predictionOf } from './closeness.ts';

/** What the first model makes of a place, and what the second does beside it. */
function guessesAt(original: Float32Array, other: Float32Array, token: number) {
  const [was, is] = [predictionOf(original), predictionOf(other)];
  return [guessOf(was, was, token), guessOf(was, is, token)] as const;
}

describe('What two models make of a place in a text', () => {
  const original = Float32Array.of(1, 2, 3);

  it('is how likely each thinks the token that is there, and which it thinks the likeliest', () => {
    const [was, is] = guessesAt(original, Float32Array.of(0, 0, -1), 1);
    expect(Math.exp(was.logProbability)).toBeCloseTo(Math.E / (1 + Math.E + Math.E ** 2), 6);
    expect(Math.exp(is.logProbability)).toBeCloseTo(Math.E / (2 * Math.E + 1), 6);
    expect([was.likeliest, is.likeliest]).toEqual([2, 0]);
  });

  it('differs by nothing where all likelihoods are the same, whatever number is added to the logits', () => {
    const [was, is] = guessesAt(original, Float32Array.of(101, 102, 103), 0);
    expect(was.divergence).toBe(0);
    expect(is.divergence).toBeCloseTo(0, 6);
  });

  it('differs by the divergence from the original, which other likelihoods of tokens that are not there add to', () => {
    const [, is] = guessesAt(
      Float32Array.of(0, 0, 0, 0),
      Float32Array.of(0, Math.log(2), Math.log(0.5), 0),
      0,
    );
    // Four quarters beside 1, 2, 0.5 and 1 in 4.5.
    const expected = [1, 2, 0.5, 1].reduce((sum, part) => sum + 0.25 * Math.log(0.25 / (part / 4.5)), 0);
    expect(is.divergence).toBeCloseTo(expected, 6);
  });
});

describe('A mean with its standard error', () => {
  it('counts every token alike, in windows of whatever length', () => {
    expect(meanWithError([[1, 2, 3], [6]]).mean).toBe(3);
  });

  it('is what chance makes of windows: tokens that say the same as their neighbours count once', () => {
    const apart = meanWithError([[1], [1], [-1], [-1]]);
    const alike = meanWithError([
      [1, 1],
      [-1, -1],
    ]);
    expect(apart.error).toBeCloseTo(Math.sqrt(4) / 4, 9);
    expect(alike.error).toBeCloseTo(Math.sqrt(2) / 2, 9);
  });
});
