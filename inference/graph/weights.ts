/**
 * How exactly the weights of matrices are kept: `q8` at 8 bits, and `q4` at 4 bits, each but for those parts where the other
 * number gains much and loses little (`products.ts`).
 */
export const WEIGHTS = ['fp32', 'q8', 'q4'] as const;
export type Weights = (typeof WEIGHTS)[number];

/** What keys and values are kept as. */
export type CacheType = 'float16' | 'float32';

/** Half precision costs less than 8-bit weights do (see docs/performance.md), and halves the memory that a chat takes. */
export function cacheTypeFor(weights: Weights): CacheType {
  return weights === 'fp32' ? 'float32' : 'float16';
}
