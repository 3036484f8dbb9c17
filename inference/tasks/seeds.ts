import type { Seed } from '../engine/engine.ts';

/** 2^32 divided by the golden ratio, made odd: the steps of a Weyl sequence, which come near each other late. */
const STEP = 0x9e3779b9;

/** The seed of the nth draw (from 1) that belongs to one request, of which `seed` is the first. */
export function furtherSeed(seed: Seed, n: number): Seed {
  return (seed + Math.imul(STEP, n)) >>> 0;
}
