import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GraphRunner } from '../../inference/engine/graph-runner.ts';
import { KvCache, kvBytesPerToken } from '../../inference/engine/kv-cache.ts';
import type { Weights } from '../../inference/graph/weights.ts';
import { compiledModel } from '../../inference/model/compiled.ts';
import { openGraph } from '../../inference/model/open-graph.ts';
import type { BenchContext } from './bench-context.ts';
import { median } from './figure.ts';
import { matrixBytes } from './matrix-bytes.ts';
import { memoryBandwidth } from './memory-bandwidth.ts';

const ROUNDS = 21;
/** Keys and values behind the token that is computed. */
const CONTEXTS = [128, 800] as const;
/** One token of one chat. */
export interface Step {
  readonly weights: Weights;
  readonly context: number;
  readonly milliseconds: number;
  /** Weights, keys and values that it has to read. */
  readonly bytes: number;
  /** Bytes a second that all cores read together. */
  readonly bandwidth: number;
  /** Where the time goes, the most first. */
  readonly kinds: readonly NodeKind[];
}

/** All nodes of one operator. */
export interface NodeKind {
  readonly operator: string;
  readonly nodes: number;
  readonly milliseconds: number;
}

/** How long one token takes beside the time in which memory gives what it reads, and on which nodes it is spent. */
export async function measureSteps(context: BenchContext): Promise<readonly Step[]> {
  const { folder, weights, rounds = ROUNDS, log } = context;
  const bandwidth = await memoryBandwidth();
  const steps: Step[] = [];
  for (const kind of weights) {
    const compiled = await compiledModel(await folder.checkpoint(), kind, folder.cache);
    for (const held of CONTEXTS) {
      log(`Measuring one step behind ${held} tokens at ${kind} …`);
      const plain = await timeSteps(compiled, held, rounds);
      const kinds = await profile(compiled, held, rounds, plain.milliseconds);
      const bytes = matrixBytes(plain.shape, kind) + held * kvBytesPerToken(plain.shape);
      steps.push({ weights: kind, context: held, milliseconds: plain.milliseconds, bytes, bandwidth, kinds });
    }
  }
  return steps;
}

async function timeSteps(compiled: string, held: number, rounds: number, profilePrefix?: string) {
  const { runner, dispose } = await openGraph(compiled, 0, profilePrefix);
  const cache = await filled(runner, held);
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now();
    await runner.run(cache, [[round]], [0]);
    // The first round warms up.
    if (round > 0) times.push(performance.now() - began);
  }
  await dispose();
  return { milliseconds: median(times), shape: runner.shape };
}

async function filled(runner: GraphRunner, held: number): Promise<KvCache> {
  const cache = new KvCache(runner.shape, held, held);
  cache.addRow();
  while (cache.length(0) < held) {
    const tokens = Array.from({ length: Math.min(100, held - cache.length(0)) }, (_, i) => i);
    const { present } = await runner.run(cache, [tokens], [0]);
    cache.append(0, present, 0, tokens.length);
  }
  return cache;
}

/** What the runtime notes of every node it runs. */
interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/**
 * The runtime's own profile. Writing it down takes longer than many a node does, about as long at each; so much is taken off
 * every node that all of them add up to a step that nobody watches.
 */
async function profile(
  compiled: string,
  held: number,
  rounds: number,
  unwatched: number,
): Promise<readonly NodeKind[]> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-profile-'));
  try {
    await timeSteps(compiled, held, rounds, join(folder, 'step'));
    const [file = ''] = await readdir(folder);
    const events = JSON.parse(await readFile(join(folder, file), 'utf8')) as readonly TraceEvent[];
    const steps = events.filter(({ name }) => name === 'model_run').slice(-rounds);
    const began = steps[0]?.ts ?? 0;
    const nodes = events.filter(({ ts, name }) => ts >= began && name.endsWith('_kernel_time'));
    const spent = nodes.reduce((sum, { dur }) => sum + dur, 0) / 1000;
    const watching = Math.max(0, spent - unwatched * steps.length) / nodes.length;
    const operators = new Set(nodes.map(({ args }) => args?.op_name ?? ''));
    return [...operators]
      .map((operator) => {
        const own = nodes.filter(({ args }) => args?.op_name === operator);
        const milliseconds = own.reduce((sum, { dur }) => sum + dur / 1000 - watching, 0) / steps.length;
        return { operator, nodes: own.length / steps.length, milliseconds };
      })
      .sort((a, b) => b.milliseconds - a.milliseconds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Operators that take less than this share of a step are put together. */
const WORTH_A_ROW = 0.02;

export function renderSteps(steps: readonly Step[]): string {
  const bandwidth = steps[0]?.bandwidth ?? 0;
  const lines = [`All cores together read ${(bandwidth / 1e9).toFixed(1)} GB a second from memory.`];
  for (const { weights, context, milliseconds, bytes, kinds } of steps) {
    const floor = (bytes / bandwidth) * 1000;
    const share = ((floor / milliseconds) * 100).toFixed(0);
    lines.push(
      '',
      `One token behind ${context}, ${weights}: ${milliseconds.toFixed(1)} ms. It reads ${(bytes / 1e6).toFixed(0)} MB, for which ` +
        `memory alone takes ${floor.toFixed(1)} ms, ${share} % of it.`,
      '',
      '| operator | nodes | ms | share |',
      '| --- | ---: | ---: | ---: |',
    );
    const [large, small] = [
      kinds.filter((kind) => kind.milliseconds >= WORTH_A_ROW * milliseconds),
      kinds.filter((kind) => kind.milliseconds < WORTH_A_ROW * milliseconds),
    ];
    const rest = {
      operator: 'all others',
      nodes: small.reduce((sum, { nodes }) => sum + nodes, 0),
      milliseconds: small.reduce((sum, kind) => sum + kind.milliseconds, 0),
    };
    for (const kind of [...large, rest]) {
      const part = ((kind.milliseconds / milliseconds) * 100).toFixed(0);
      lines.push(`| ${kind.operator} | ${kind.nodes} | ${kind.milliseconds.toFixed(2)} | ${part} % |`);
    }
  }
  return lines.join('\n');
}
