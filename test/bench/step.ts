import { kvBytesPerToken } from '../../inference/engine/kv-cache.ts';
import type { Weights } from '../../inference/graph/weights.ts';
import { compiledModel } from '../../inference/model/compiled.ts';
import { openGraph } from '../../inference/model/open-graph.ts';
import type { BenchContext } from './bench-context.ts';
import { median } from './figure.ts';
import { filledCache } from './filled-cache.ts';
import { matrixBytes } from './matrix-bytes.ts';
import { memoryBandwidth } from './memory-bandwidth.ts';
import { profileOf } from './runtime-profile.ts';
import { tableOf } from './table.ts';

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
  const cache = await filledCache(runner, 1, runner.shape.positions, held);
  cache.resize(cache.bestBucket(held + 1));
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

/**
 * Writing a profile down takes longer than many a node does, about as long at each; so much is taken off every node that all of
 * them add up to a step that nobody watches.
 */
async function profile(
  compiled: string,
  held: number,
  rounds: number,
  unwatched: number,
): Promise<readonly NodeKind[]> {
  const runs = await profileOf((prefix) => timeSteps(compiled, held, rounds, prefix));
  const steps = runs.slice(-rounds);
  const nodes = steps.flat();
  const spent = nodes.reduce((sum, { microseconds }) => sum + microseconds, 0) / 1000;
  const watching = Math.max(0, spent - unwatched * steps.length) / nodes.length;
  const operators = new Set(nodes.map(({ operator }) => operator));
  return [...operators]
    .map((operator) => {
      const own = nodes.filter((node) => node.operator === operator);
      const taken = own.reduce((sum, { microseconds }) => sum + microseconds / 1000 - watching, 0);
      return { operator, nodes: own.length / steps.length, milliseconds: taken / steps.length };
    })
    .sort((a, b) => b.milliseconds - a.milliseconds);
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
    const rows = [...large, rest].map((kind) => {
      const part = ((kind.milliseconds / milliseconds) * 100).toFixed(0);
      return [kind.operator, `${kind.nodes}`, kind.milliseconds.toFixed(2), `${part} %`];
    });
    lines.push(tableOf(['operator', 'nodes', 'ms', 'share'], rows));
  }
  return lines.join('\n');
}
