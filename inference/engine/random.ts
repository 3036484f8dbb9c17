import type { Seed } from './engine.ts';

type Word = number;
type Counter = readonly [Word, Word, Word, Word];
type Key = readonly [Word, Word];

/*
 * Philox 4x32-10: a counter-based generator (Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2,
 * 3", SC11; multipliers and Weyl constants from there). It has no state: the nth number is a function of seed and n,
 * so a resumed reply goes on at its nth draw without repeating the first ones. It passes TestU01's BigCrush.
 */
const ROUNDS = 10;
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** The four 32-bit words that Philox 4x32-10 makes of a counter and a key. */
export function philox(counter: Counter, key: Key): Counter {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/**
 * The number at a place in the seed's sequence: uniform in [0, 1), with 53 random bits.
 *
 * @param index Draws already spent; 0 for the first.
 */
export function uniform(seed: Seed, index: number): number {
  const [high, low] = philox([index >>> 0, Math.floor(index / 2 ** 32), 0, 0], [seed, 0]);
  // 27 bits above 26 bits: as many as a double's mantissa holds, so that no draw can round up to 1.
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}

/** Where unpredictable bits come from; `crypto` is one. */
export interface RandomSource {
  getRandomValues(words: Uint32Array<ArrayBuffer>): Uint32Array;
}

/** A seed for a reply that was asked for without one. */
export function newSeed(source: RandomSource): Seed {
  const words = new Uint32Array(1);
  source.getRandomValues(words);
  return words[0];
}

/** The upper 32 bits of a 64-bit product: doubles hold only 53 bits, so it is put together from 16-bit halves. */
function multiplyHigh(a: Word, b: Word): Word {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + (middle >>> 16) + (carry >>> 16);
}
