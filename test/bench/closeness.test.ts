import { describe, expect, it } from 'vitest';
import { seeded } from '../fakes/slack/random.ts';
import { guessOf, meanWithError, perplexityHigher, predictionOf } from './closeness.ts';

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
    expect(apart.error).toBeCloseTo((Math.sqrt(4) / 4) * Math.sqrt(4 / 3), 9);
    expect(alike.error).toBeCloseTo((Math.sqrt(2) / 2) * Math.sqrt(2), 9);
  });

  it('is nothing that one window could tell', () => {
    expect(meanWithError([[1, 5, 9]])).toEqual({ mean: 5, error: undefined });
  });

  it('is what repeating the whole would show, also where windows are of unequal lengths', () => {
    const random = seeded(1);
    const lengths = [50, 10, 40, 30, 20, 50, 15, 35];
    const draws = Array.from({ length: 4000 }, () => {
      const windows = lengths.map((length) => {
        const common = random() - 0.5;
        return Array.from({ length }, () => 3 + common);
      });
      return meanWithError(windows);
    });
    const means = draws.map(({ mean }) => mean);
    const middle = means.reduce((sum, mean) => sum + mean, 0) / means.length;
    const spread = Math.sqrt(means.reduce((sum, mean) => sum + (mean - middle) ** 2, 0) / means.length);
    const told = Math.sqrt(draws.reduce((sum, { error = 0 }) => sum + error ** 2, 0) / draws.length);
    expect(told / spread).toBeGreaterThan(0.9);
    expect(told / spread).toBeLessThan(1.1);
  });
});

describe('How much higher a perplexity is', () => {
  it('is told in per cent, with what that may be off by, however much it is', () => {
    const original = [[-1], [-2], [-3]];
    const lost = [0.1, 0.3, 0.5];
    const { percent, error = 0 } = perplexityHigher(
      original,
      original.map((window, w) => window.map((one) => one - (lost[w] ?? 0))),
    );
    expect(percent).toBeCloseTo((Math.exp(0.3) - 1) * 100, 9);
    // A small step of the mean, and what it does to the percentage.
    const step = 1e-6;
    const slope = (Math.exp(0.3 + step) - Math.exp(0.3)) / step;
    expect(error).toBeCloseTo(100 * slope * (0.2 / Math.sqrt(3)), 3);
  });

  it('is nothing of chance where one window tells', () => {
    expect(perplexityHigher([[-1, -2]], [[-1, -2]])).toEqual({ percent: 0, error: undefined });
  });
});
