import type { TokenId } from '../../inference/engine/engine.ts';
import type { GraphRunner } from '../../inference/engine/graph-runner.ts';
import { KvCache } from '../../inference/engine/kv-cache.ts';
import { compiledModel } from '../../inference/model/compiled.ts';
import { openGraph } from '../../inference/model/open-graph.ts';
import type { BenchContext } from './bench-context.ts';
import { median } from './figure.ts';

const ROUNDS = 7;
const PIECE = 112;
/** Rows, and the tokens that each has room for: one chat, early and late; some chats; as many with a long one among them. */
const BATCHES = [
  { rows: 1, bucket: 128 },
  { rows: 1, bucket: 896 },
  { rows: 4, bucket: 256 },
  { rows: 8, bucket: 256 },
  { rows: 8, bucket: 1024 },
] as const;
const TOKENS = [1, 2, 3, 4, 8, 16] as const;

/** What one run takes, by what it computes. */
export interface RunCost {
  readonly what: string;
  /** In the order of `TOKENS`: tokens a row. */
  readonly milliseconds: readonly number[];
}

/** How long a run of the model takes by rows, context and tokens a row: what speculation and batches reckon with. */
export async function measureRunCosts(context: BenchContext): Promise<readonly RunCost[]> {
  const { folder, weights, rounds = ROUNDS, log } = context;
  const costs: RunCost[] = [];
  for (const kind of weights) {
    log(`Measuring single runs at ${kind} …`);
    const compiled = await compiledModel(await folder.checkpoint(), kind, folder.cache);
    const { runner, dispose } = await openGraph(compiled, 0);
    for (const { rows, bucket } of BATCHES) {
      const cache = await filled(runner, rows, bucket);
      const milliseconds: number[] = [];
      for (const tokens of TOKENS) milliseconds.push(await timeOf(runner, cache, tokens, rounds));
      costs.push({ what: `${rows} × ${bucket}, ${kind}`, milliseconds });
    }
    await dispose();
  }
  return costs;
}

/** A cache whose rows are nearly full. */
async function filled(runner: GraphRunner, rows: number, bucket: number): Promise<KvCache> {
  const cache = new KvCache(runner.shape, rows * bucket, bucket);
  for (let row = 0; row < rows; row++) cache.addRow();
  const most = Math.max(...TOKENS);
  while (cache.longest + most < bucket) {
    const tokens = Math.min(PIECE, bucket - most - cache.longest);
    const { present } = await runner.run(cache, piecesOf(rows, tokens), [0]);
    for (let row = 0; row < rows; row++) cache.append(row, present, row, tokens);
  }
  return cache;
}

async function timeOf(runner: GraphRunner, cache: KvCache, tokens: number, rounds: number): Promise<number> {
  const wanted = Array.from({ length: cache.rows * tokens }, (_, i) => i);
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now();
    await runner.run(cache, piecesOf(cache.rows, tokens), wanted);
    // The first round warms up.
    if (round > 0) times.push(performance.now() - began);
  }
  return median(times);
}

function piecesOf(rows: number, tokens: number): TokenId[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: tokens }, (_, i) => (row * 17 + i * 37) % 5000),
  );
}

export function renderRunCosts(costs: readonly RunCost[]): string {
  const header = [
    'rows × context, ms',
    ...TOKENS.map((tokens) => (tokens === 1 ? '1 token a row' : `${tokens}`)),
  ];
  const rows = costs.map(({ what, milliseconds }) => [
    what,
    ...milliseconds.map((value) => value.toPrecision(3)),
  ]);
  return [header, header.map((_, i) => (i === 0 ? '---' : '---:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}
