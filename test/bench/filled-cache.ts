import type { TokenId } from '../../inference/engine/engine.ts';
import type { GraphRunner } from '../../inference/engine/graph-runner.ts';
import { KvCache } from '../../inference/engine/kv-cache.ts';

/** Tokens that are computed at once. */
const PIECE = 112;

/** Keys and values of so many rows, each holding as many tokens. */
export async function filledCache(
  runner: GraphRunner,
  rows: number,
  bucket: number,
  held: number,
): Promise<KvCache> {
  const cache = new KvCache(runner.shape, rows * bucket, bucket);
  for (let row = 0; row < rows; row++) cache.addRow();
  while (cache.longest < held) {
    const tokens = Math.min(PIECE, held - cache.longest);
    const { present } = await runner.run(cache, piecesOf(rows, tokens), [0]);
    for (let row = 0; row < rows; row++) cache.append(row, present, row, tokens);
  }
  return cache;
}

/** New tokens for every row. */
export function piecesOf(rows: number, tokens: number): TokenId[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: tokens }, (_, i) => (row * 17 + i * 37) % 5000),
  );
}
