import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Engine, GenerateResult, Sampling } from '../../inference/engine/engine.ts';
import type { Weights } from '../../inference/graph/weights.ts';
import { type EngineService, startEngine } from '../../inference/service.ts';
import { GPT2_SMALL, writeRandomCheckpoint } from '../fixtures/random-checkpoint.ts';
import { type Figure, median } from './figure.ts';
import type { StockFigures } from './stock.ts';

/** What chat replies are sampled with; the stock `generate` gets the same. */
export const BENCH_SAMPLING: Sampling = {
  temperature: 0.8,
  topK: 40,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1.1,
  noRepeatNgram: 0,
};

export const CONTEXTS = [128, 800] as const;
export const NEW_TOKENS = 64;
const ROUNDS = 5;
const STREAMS = 8;
const KV_MB = 1024;
const PREFIX_MB = 192;
const RESOLUTION_MS = 5;
/** A conversation's length when its next question comes. */
const CONVERSATION = 700;
const MB = 2 ** 20;

/**
 * GPT-2's sizes with random weights (which do not change speed): prefill, decode, eight chats together, memory, and what the bot's
 * event loop notices, beside the stock `generate` of transformers.js on the same weights.
 */
export async function benchEngine(log: (line: string) => void): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  try {
    log('Writing random weights of GPT-2’s sizes …');
    const checkpoint = join(folder, 'checkpoint');
    await writeRandomCheckpoint(checkpoint, GPT2_SMALL);
    log('Measuring the stock generate …');
    const stock = await measureStock(checkpoint, join(folder, 'standard'));
    const figures: Figure[] = [];
    for (const weights of ['q4', 'q8'] as const) {
      log(`Measuring Parley at ${weights} …`);
      figures.push(...(await measureParley(checkpoint, join(folder, 'cache'), weights, stock)));
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In a process of its own, as the engine is. */
async function measureStock(checkpoint: string, folder: string): Promise<StockFigures> {
  const script = fileURLToPath(new URL('./stock.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    script,
    checkpoint,
    folder,
  ]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

async function measureParley(
  checkpoint: string,
  cache: string,
  weights: Weights,
  stock: StockFigures,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const limits = { maxRows: STREAMS, maxQueue: 64, kvBytes: KV_MB * MB, prefixBytes: PREFIX_MB * MB };
  const start = () => startEngine({ model: checkpoint, cache, weights, threads: 0, limits });
  const beganCompile = performance.now();
  await (await start()).close();
  const compileMs = performance.now() - beganCompile;
  const beganLoad = performance.now();
  const engine = await start();
  const loadMs = performance.now() - beganLoad;
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  try {
    let peak = await processMemory(engine);
    const name = (what: string) => `${what}, ${weights}`;
    for (const context of CONTEXTS) {
      const prefill: number[] = [];
      const decode: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const result = await write(engine, await promptOf(engine, context, `${round}`), `${round}`);
        prefill.push(result.firstTokenMs);
        decode.push(result.tokensPerSecond);
        peak = Math.max(peak, await processMemory(engine));
      }
      const beside = stock[context];
      figures.push(
        {
          what: name(`prefill, ${context} tokens`),
          unit: 'ms',
          value: median(prefill),
          beside: { what: 'stock', value: beside.prefillMs },
        },
        {
          what: name(`decode at ${context}, one stream`),
          unit: 'tok/s',
          value: median(decode),
          beside: { what: 'stock', value: beside.decode },
        },
      );
    }
    const one = figures.find(({ what }) => what === name('decode at 128, one stream'))?.value ?? Number.NaN;
    // Only here: its timer wakes this process so often that a single stream would be slowed.
    delay.enable();
    const eight = await together(engine, STREAMS);
    delay.disable();
    peak = Math.max(peak, await processMemory(engine));
    figures.push({
      what: name(`decode at 128, ${STREAMS} streams together`),
      unit: 'tok/s',
      value: eight,
      beside: { what: 'one stream', value: one },
    });
    figures.push(
      await nextQuestion(engine, name(`first token of the next question behind ${CONVERSATION} tokens`)),
    );
    figures.push(
      {
        what: name('event-loop delay of the bot during that, longest'),
        unit: 'ms',
        value: delay.max / 1e6 - RESOLUTION_MS,
      },
      { what: name('first start: compiling and loading'), unit: 'ms', value: compileMs },
      { what: name('later starts: loading'), unit: 'ms', value: loadMs },
      {
        what: name('memory of the engine’s process without keys and values, largest seen'),
        unit: 'MB',
        value: peak,
      },
    );
  } finally {
    await engine.close();
  }
  return figures;
}

/** Resident memory less what keys and values have touched, in MB. */
async function processMemory(engine: EngineService): Promise<number> {
  const { memoryBytes, kvPeakBytes, prefixBytes } = await engine.stats();
  return (memoryBytes - kvPeakBytes - prefixBytes) / MB;
}

/** Text of exactly so many tokens, the end-of-text in front included. Its beginning makes it a prompt that nobody had before. */
export async function promptOf(engine: Engine, tokens: number, beginning: string): Promise<string> {
  const text = `${beginning}: ${'the bot answers people on the machine it runs on, '.repeat(tokens)}`;
  return engine.fit(text, tokens - 1, 'start');
}

/** How soon the second question of a conversation is answered, beside the first one. */
async function nextQuestion(engine: Engine, what: string): Promise<Figure> {
  const first: number[] = [];
  const second: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const conversation = await promptOf(engine, CONVERSATION, `conversation ${round}`);
    first.push((await write(engine, conversation, 'a')).firstTokenMs);
    second.push(
      (await write(engine, `${conversation} and what does it say of the others?`, 'a')).firstTokenMs,
    );
  }
  return {
    what,
    unit: 'ms',
    value: median(second),
    beside: { what: 'the first question', value: median(first) },
  };
}

async function write(engine: Engine, prompt: string, conversation: string): Promise<GenerateResult> {
  const options = { sampling: BENCH_SAMPLING, maxNewTokens: NEW_TOKENS, stop: [], conversation, seed: 1 };
  for await (const chunk of engine.generate(prompt, options)) if (chunk.type === 'end') return chunk.result;
  throw new Error('The engine ended without a result.');
}

/** Tokens a second of several chats between the moment when the last one joins and the moment when the first one leaves. */
async function together(engine: Engine, streams: number): Promise<number> {
  const speeds: number[] = [];
  for (let round = 0; round < 3; round++) {
    const stamps: number[][] = [];
    await Promise.all(
      Array.from({ length: streams }, async (_, i) => {
        const own: number[] = [];
        stamps.push(own);
        const prompt = await promptOf(engine, CONTEXTS[0], `round ${round}, stream ${i}`);
        const options = {
          sampling: BENCH_SAMPLING,
          maxNewTokens: 2 * NEW_TOKENS,
          stop: [],
          conversation: `${i}`,
          seed: i,
        };
        for await (const chunk of engine.generate(prompt, options))
          if (chunk.type === 'text') own.push(performance.now());
      }),
    );
    const begin = Math.max(...stamps.map((own) => own[0] ?? 0));
    const end = Math.min(...stamps.map((own) => own.at(-1) ?? 0));
    const tokens = stamps.flat().filter((at) => at > begin && at <= end).length;
    speeds.push((tokens * 1000) / (end - begin));
  }
  return median(speeds);
}
