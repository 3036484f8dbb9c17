import type { TokenId } from '../engine.ts';

/** The tokens that may come next after all filters, with probabilities that add up to 1. */
export interface Distribution {
  readonly ids: Int32Array;
  readonly probabilities: Float64Array;
}

/**
 * Draws one token with one number: the first whose cumulated probability exceeds it. A token of probability 0 is never
 * drawn.
 *
 * @param random In [0, 1).
 */
export function draw({ ids, probabilities }: Distribution, random: number): TokenId {
  let cumulated = 0;
  let last = 0;
  for (let i = 0; i < ids.length; i++) {
    const probability = probabilities[i];
    if (probability === 0) continue;
    cumulated += probability;
    last = i;
    if (cumulated > random) break;
  }
  // Rounding can leave the sum a hair below a number close to 1: then it is the last token's.
  return ids[last];
}
