import { webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newSeed, philox, uniform } from '../../../inference/engine/random.ts';

const seeds = fc.integer({ min: 0, max: 0xffffffff });

describe('philox', () => {
  // Random123's `kat_vectors`, lines `philox4x32 10`.
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)('gives the published words for counter %j', (counter, key, words) => {
    expect(philox(counter, key)).toEqual(words);
  });
});

describe('uniform', () => {
  it('is a function of seed and index, so that a resumed reply goes on at any draw', () => {
    const inOrder = [0, 1, 2, 3].map((index) => uniform(7, index));
    const backwards = [3, 2, 1, 0].map((index) => uniform(7, index)).toReversed();
    expect(backwards).toEqual(inOrder);
    expect(new Set(inOrder).size).toBe(4);
  });

  it('lies in [0, 1) for every seed and every index that a number can count', () => {
    fc.assert(
      fc.property(seeds, fc.maxSafeNat(), (seed, index) => {
        const drawn = uniform(seed, index);
        expect(drawn).toBeGreaterThanOrEqual(0);
        expect(drawn).toBeLessThan(1);
      }),
    );
  });

  it('counts beyond 32 bits without starting over', () => {
    expect(uniform(7, 2 ** 32)).not.toBe(uniform(7, 0));
  });

  it('never changes: texts made from a recorded seed must come out the same in later versions', () => {
    // (word 0 >>> 5) · 2^26 + (word 1 >>> 6) of the first published vector, over 2^53.
    expect(uniform(0, 0)).toBe(((0x6627e8d5 >>> 5) * 2 ** 26 + (0xe169c58d >>> 6)) / 2 ** 53);
  });

  it('fills 64 equal parts of the interval evenly (chi-square, 1 in 1,000 would fail by chance; the seed is fixed)', () => {
    const draws = 64_000;
    const counts = new Array<number>(64).fill(0);
    for (let index = 0; index < draws; index++) counts[Math.floor(uniform(2019, index) * 64)]! += 1;
    const expected = draws / 64;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(103.4);
  });

  it.each([
    ['draw and next draw', (i: number) => [uniform(5, i), uniform(5, i + 1)]],
    ['seed and next seed', (i: number) => [uniform(i, 0), uniform(i + 1, 0)]],
  ] as const)('has no correlation between %s', (_, pair) => {
    const pairs = Array.from({ length: 20_000 }, (_, i) => pair(i) as [number, number]);
    const covariance = pairs.reduce((sum, [a, b]) => sum + (a - 0.5) * (b - 0.5), 0) / pairs.length;
    // Four standard deviations of the mean of 20,000 products, each with variance 1/144.
    expect(Math.abs(covariance)).toBeLessThan(4 / 12 / Math.sqrt(20_000));
  });
});

describe('newSeed', () => {
  it('is one unsigned 32-bit word of the source it is given', () => {
    const source = {
      getRandomValues: (words: Uint32Array<ArrayBuffer>) => words.fill(0xfedcba98),
    };
    expect(newSeed(source)).toBe(0xfedcba98);
  });

  it('takes the platform’s crypto as a source', () => {
    const seed = newSeed(webcrypto);
    expect(Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff).toBe(true);
  });
});
