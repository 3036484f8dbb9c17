import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Weights } from '../../inference/graph/weights.ts';
import { type EngineService, startEngine } from '../../inference/service.ts';
import type { BenchFolder } from './bench-folder.ts';
import type { Figure } from './figure.ts';
import { write } from './generating.ts';
import { promptOf } from './prompts.ts';

const MB = 2 ** 20;
const STREAMS = 8;
const RESOLUTION_MS = 5;
const LIMITS = { maxRows: STREAMS, maxQueue: 64, kvBytes: 1024 * MB, prefixBytes: 192 * MB };

/** What it takes to start, what the engine's process holds while it works, and what the bot's event loop notices of it. */
export async function benchStart(
  folder: BenchFolder,
  weights: readonly Weights[],
  log: (line: string) => void,
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const kind of weights) {
    log(`Starting Parley at ${kind} …`);
    figures.push(...(await measureStart(folder, kind)));
  }
  return figures;
}

async function measureStart(folder: BenchFolder, weights: Weights): Promise<readonly Figure[]> {
  const model = await folder.checkpoint();
  const cache = join(folder.cache, `start-${weights}`);
  await rm(cache, { recursive: true, force: true });
  const start = () => startEngine({ model, cache, weights, threads: 0, limits: LIMITS });
  const beganCompile = performance.now();
  await (await start()).close();
  const compileMs = performance.now() - beganCompile;
  const beganLoad = performance.now();
  const engine = await start();
  const loadMs = performance.now() - beganLoad;
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  try {
    let memory = await processMemory(engine);
    await write(engine, await promptOf(engine, 800, 'long'), { maxNewTokens: 64 });
    memory = Math.max(memory, await processMemory(engine));
    const prompts = await Promise.all(
      Array.from({ length: STREAMS }, (_, i) => promptOf(engine, 128, `${i}`)),
    );
    delay.enable();
    await Promise.all(
      prompts.map((prompt, i) => write(engine, prompt, { maxNewTokens: 64, conversation: `${i}` })),
    );
    delay.disable();
    memory = Math.max(memory, await processMemory(engine));
    const name = (what: string) => `${what}, ${weights}`;
    return [
      { what: name('first start: compiling and loading'), unit: 'ms', value: compileMs },
      { what: name('later starts: loading'), unit: 'ms', value: loadMs },
      {
        what: name('memory of the engine’s process without keys and values, largest seen'),
        unit: 'MB',
        value: memory,
      },
      {
        what: name(`event-loop delay of the bot while ${STREAMS} replies are written, longest`),
        unit: 'ms',
        value: delay.max / 1e6 - RESOLUTION_MS,
      },
    ];
  } finally {
    await engine.close();
    await rm(cache, { recursive: true, force: true });
  }
}

/** Resident memory less what keys and values have touched, in MB. */
async function processMemory(engine: EngineService): Promise<number> {
  const { memoryBytes, kvPeakBytes, prefixBytes } = await engine.stats();
  return (memoryBytes - kvPeakBytes - prefixBytes) / MB;
}
