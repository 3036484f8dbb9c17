import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChatAdapter } from '../../adapters/adapter.ts';
import { Bot } from '../../bot/bot.ts';
import { Delivery } from '../../bot/delivery/delivery.ts';
import { Opinions } from '../../bot/opinions.ts';
import { Reception } from '../../bot/reception.ts';
import { createLogger, type Logger } from '../../config/logger.ts';
import type { Engine } from '../../inference/engine/engine.ts';
import { startEngine } from '../../inference/service.ts';

export const MB = 2 ** 20;

/** Lends the starter model, in a process of its own and from a cache of its own. */
export async function withStarter<T>(measure: (engine: Engine) => Promise<T>): Promise<T> {
  const cache = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  const limits = { maxRows: 8, maxQueue: 256, kvBytes: 512 * MB, prefixBytes: 64 * MB };
  const engine = await startEngine({ model: 'starter', cache, weights: 'q8', threads: 0, limits });
  try {
    return await measure(engine);
  } finally {
    await engine.close();
    await rm(cache, { recursive: true, force: true });
  }
}

export interface PlatformUnderTest {
  readonly secrets: readonly string[];
  readonly adapter: (logger: Logger) => ChatAdapter;
  stop(): Promise<unknown>;
}

/**
 * Runs the whole bot on a platform. `firstTokens` are the milliseconds to the engine's first token of each reply, as the
 * bot logs them, in the order of their ends.
 */
export async function withBot<T>(
  engine: Engine,
  platform: PlatformUnderTest,
  measure: (firstTokens: readonly number[]) => Promise<T>,
): Promise<T> {
  const firstTokens: number[] = [];
  const logger = createLogger({
    level: 'debug',
    secrets: platform.secrets,
    format: 'json',
    write: (line) => {
      const { msg, firstTokenMs } = JSON.parse(line);
      if (msg === 'answered') firstTokens.push(firstTokenMs);
    },
  });
  const bot = new Bot({ engine: Promise.resolve(engine), logger });
  const delivery = new Delivery({ logger });
  const adapter = platform.adapter(logger);
  const reception = new Reception({ bot, delivery, opinions: new Opinions() });
  try {
    await adapter.start(
      (request) => reception.take(request, adapter),
      (press) => reception.press(press, adapter),
    );
    return await measure(firstTokens);
  } finally {
    await bot.close();
    await delivery.settled(5_000);
    await adapter.stop();
    await platform.stop();
  }
}
