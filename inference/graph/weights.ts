/**
 * How exactly the weights of matrices are kept: `q8` at 8 bits, `q4` at 4 bits where that loses little, and at 8 elsewhere
 * (`products.ts`).
 */
export const WEIGHTS = ['fp32', 'q8', 'q4'] as const;
export type Weights = (typeof WEIGHTS)[number];

/** What keys and values are kept as. */
export type CacheType = 'float16' | 'float32';

/** Half precision costs less than 8-bit weights do (see docs/performance.md), and halves the memory that a chat takes. */
export function cacheTypeFor(weights: Weights): CacheType {
  return weights === 'fp32' ? 'float32' : 'float16';
}
