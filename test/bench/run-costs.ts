import type { GraphRunner } from '../../inference/engine/graph-runner.ts';
import type { KvCache } from '../../inference/engine/kv-cache.ts';
import { compiledModel } from '../../inference/model/compiled.ts';
import { openGraph } from '../../inference/model/open-graph.ts';
import type { BenchContext } from './bench-context.ts';
import { median } from './figure.ts';
import { filledCache, piecesOf } from './filled-cache.ts';
import { tableOf } from './table.ts';

const ROUNDS = 9;
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
      // Nearly full: what is computed still fits.
      const cache = await filledCache(runner, rows, bucket, bucket - Math.max(...TOKENS));
      const milliseconds: number[] = [];
      for (const tokens of TOKENS) milliseconds.push(await timeOf(runner, cache, tokens, rounds));
      costs.push({ what: `${rows} × ${bucket}, ${kind}`, milliseconds });
    }
    await dispose();
  }
  return costs;
}

/** Replies are mostly written a token at a time: what a run of several costs is asked behind such runs, which leave the memory to themselves. */
const RUNS_BEFORE = 3;

async function timeOf(runner: GraphRunner, cache: KvCache, tokens: number, rounds: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    for (let before = 0; before < RUNS_BEFORE; before++) await runAll(runner, cache, 1);
    const began = performance.now();
    await runAll(runner, cache, tokens);
    // The first round warms up.
    if (round > 0) times.push(performance.now() - began);
  }
  return median(times);
}

/** Logits of every token included. */
async function runAll(runner: GraphRunner, cache: KvCache, tokens: number): Promise<void> {
  const wanted = Array.from({ length: cache.rows * tokens }, (_, i) => i);
  await runner.run(cache, piecesOf(cache.rows, tokens), wanted);
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
  return tableOf(header, rows);
}
