import type { Weights } from '../../inference/graph/weights.ts';
import { startEngine } from '../../inference/service.ts';
import type { BenchContext } from './bench-context.ts';
import type { BenchFolder } from './bench-folder.ts';
import { type Comparison, inOneLine, type Rivals } from './comparison.ts';
import type { Contestant, Outcome, Work } from './contestants/contestant.ts';
import { hasLlama } from './contestants/node-llama-cpp.ts';
import { parleyContestant } from './contestants/parley.ts';
import { remoteContestant } from './contestants/remote-contestant.ts';
import { percentile, type Unit } from './figure.ts';

const MB = 2 ** 20;
const NEW_TOKENS = 64;
/** Before anything counts, each contestant does each work once, up to its third token. */
const WARM_UP_TOKENS = 3;

/** As many replies at once as the largest work has chats; memory enough for them. */
const LIMITS = { maxRows: 16, maxQueue: 64, kvBytes: 1536 * MB, prefixBytes: 192 * MB };

interface Measure {
  readonly what: string;
  readonly unit: Unit;
  readonly of: (outcome: Outcome, work: Omit<Work, 'round'>) => number;
}

export interface Task {
  readonly work: Omit<Work, 'round'>;
  readonly rounds: number;
  readonly measures: readonly Measure[];
}

const alone = (promptTokens: number): Task => ({
  work: { chats: 1, promptTokens, newTokens: NEW_TOKENS },
  rounds: 5,
  measures: [
    {
      what: `prefill, ${promptTokens} tokens`,
      unit: 'ms',
      of: ({ firstTokenMs }) => percentile(firstTokenMs, 50),
    },
    {
      what: `decode at ${promptTokens}, one stream`,
      unit: 'tok/s',
      of: ({ tokensPerSecond }) => percentile(tokensPerSecond, 50),
    },
  ],
});

const together = (chats: number): Task => ({
  work: { chats, promptTokens: 128, newTokens: NEW_TOKENS },
  rounds: 3,
  measures: [
    {
      what: `${chats} chats at once (128 in, ${NEW_TOKENS} out), prompts included`,
      unit: 'tok/s',
      of: ({ totalMs }, work) => (work.chats * work.newTokens * 1000) / totalMs,
    },
    {
      what: `${chats} chats: first token, half of them within`,
      unit: 'ms',
      of: ({ firstTokenMs }) => percentile(firstTokenMs, 50),
    },
    {
      what: `${chats} chats: first token, 95 % within`,
      unit: 'ms',
      of: ({ firstTokenMs }) => percentile(firstTokenMs, 95),
    },
  ],
});

export const ALONE: readonly Task[] = [alone(128), alone(800)];
/** What decides comes first. */
export const TOGETHER: readonly Task[] = [8, 1, 4, 16].map(together);

export interface ComparisonRun {
  readonly ours: readonly string[];
  readonly rivals: readonly Rivals[];
  readonly comparisons: readonly Comparison[];
}

/**
 * Parley beside the other ways to run GPT-2 from Node.js, on the same weights and the same work: `generate` of transformers.js,
 * and node-llama-cpp where it is installed. They take turns within each round, so that what slows the machine slows all.
 */
export async function compare(
  tasks: readonly Task[],
  { folder, weights, rounds, log }: BenchContext,
): Promise<ComparisonRun> {
  const contestants: Contestant[] = [];
  try {
    const ours: string[] = [];
    for (const kind of weights) {
      log(`Loading Parley at ${kind} …`);
      const contestant = await parley(folder, kind);
      contestants.push(contestant);
      ours.push(contestant.name);
    }
    const rivals: Rivals[] = [];
    if (hasLlama()) {
      log('Loading node-llama-cpp …');
      const both = [await llama(folder, 'Q8_0'), await llama(folder, 'Q4_0')];
      contestants.push(...both);
      rivals.push({ label: 'llama.cpp', names: both.map(({ name }) => name) });
    } else {
      log(
        'node-llama-cpp is not installed, and left out; npm install --no-save node-llama-cpp brings it in.',
      );
    }
    log('Loading transformers.js …');
    const stock = await transformers(folder);
    contestants.push(stock);
    rivals.push({ label: 'stock', names: [stock.name] });
    return {
      ours,
      rivals,
      comparisons: await measure(
        tasks.map((task) => ({ ...task, rounds: rounds ?? task.rounds })),
        contestants,
        log,
      ),
    };
  } finally {
    for (const contestant of contestants) await contestant.close();
  }
}

async function measure(
  tasks: readonly Task[],
  contestants: readonly Contestant[],
  log: (line: string) => void,
): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const { work, rounds, measures } of tasks) {
    log(`Measuring ${work.chats} × (${work.promptTokens} in, ${work.newTokens} out) …`);
    const able = contestants.filter(({ serves }) => serves || work.chats === 1);
    for (const contestant of able) await contestant.run({ ...work, newTokens: WARM_UP_TOKENS, round: 0 });
    const outcomes = new Map<string, Outcome[]>(able.map(({ name }) => [name, []]));
    for (let round = 1; round <= rounds; round++) {
      for (let i = 0; i < able.length; i++) {
        // Another one begins each round: whoever comes first finds the machine in the state that the last one left.
        const contestant = able[(i + round) % able.length];
        if (contestant) outcomes.get(contestant.name)?.push(await contestant.run({ ...work, round }));
      }
    }
    for (const { what, unit, of } of measures) {
      const samples = [...outcomes].map(
        ([name, all]) => [name, all.map((outcome) => of(outcome, work))] as const,
      );
      const comparison = { what, unit, samples: Object.fromEntries(samples) };
      comparisons.push(comparison);
      // Told at once, so that a run that is cut short has not measured for nothing.
      log(inOneLine(comparison));
    }
  }
  return comparisons;
}

async function parley(folder: BenchFolder, weights: Weights): Promise<Contestant> {
  const model = await folder.checkpoint();
  const engine = await startEngine({ model, cache: folder.cache, weights, threads: 0, limits: LIMITS });
  return parleyContestant(weights, engine);
}

/**
 * node-llama-cpp computes each token on whichever of Node's four helper threads is free, and each of these has threads of
 * llama.cpp waiting for it, more than there are cores. With one of them it writes twice as fast and more (docs/benchmark.md).
 */
const LLAMA_AT_ITS_BEST = { UV_THREADPOOL_SIZE: '1' };

async function llama(folder: BenchFolder, type: 'Q8_0' | 'Q4_0'): Promise<Contestant> {
  const script = './llama-process.ts';
  return remoteContestant({
    name: type.toLowerCase(),
    serves: true,
    script,
    args: [await folder.gguf(type)],
    environment: LLAMA_AT_ITS_BEST,
  });
}

async function transformers(folder: BenchFolder): Promise<Contestant> {
  const script = './stock-process.ts';
  return remoteContestant({ name: 'stock', serves: false, script, args: [await folder.standard()] });
}
