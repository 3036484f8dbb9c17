/** How exactly the weights of matrices are kept. */
export type Weights = 'q4' | 'q8' | 'fp32';

/** What keys and values are kept as. */
export type CacheType = 'float16' | 'float32';

/** Half precision costs less than 8-bit weights do (see docs/performance.md), and halves the memory that a chat takes. */
export function cacheTypeFor(weights: Weights): CacheType {
  return weights === 'fp32' ? 'float32' : 'float16';
}
