/** The graph's inputs and outputs, by name. A row is one token of one sequence: rows = batch × tokens. */
export const PORTS = {
  /** float [rows, width]: each token's row of the table (`token-table.ts`). */
  tokenEmbeddings: 'token_embeddings',
  /** int32 [rows]: each token's place in its own sequence. */
  positionIds: 'position_ids',
  /** float [batch, 1, 1, tokens, bucket]: 0 where a token may look, a very negative number where it may not. */
  attentionBias: 'attention_bias',
  /** int64 [5]: batch, tokens, 3, heads, head width: how attention sees the rows of queries, keys and values. */
  headShape: 'head_shape',
  /** int64 [batch]: how many tokens a row holds, behind which its new ones find their places. */
  lengths: 'lengths',
  /** int32 [wanted]: which rows become logits. */
  logitRows: 'logit_rows',
  /** `CacheType` [batch, 1, heads, bucket, head width], read and never changed. */
  pastKey: (layer: number): string => `past_key.${layer}`,
  pastValue: (layer: number): string => `past_value.${layer}`,
  /** float [wanted, vocabulary] */
  logits: 'logits',
  /** `CacheType` [batch, layers × 2, heads, tokens, head width]: the new keys (even) and values (odd) of every layer. */
  present: 'present',
} as const;
