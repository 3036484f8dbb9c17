import type { Logger } from '../../config/logger.ts';
import type { Engine } from '../../inference/engine/engine.ts';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import { EngineProbe, type EngineState } from './engine-probe.ts';
import { type Connectable, Health } from './health.ts';
import { Metrics } from './metrics.ts';
import { MonitorServer } from './monitor-server.ts';
import type { TurnObserver } from './turn-observer.ts';
import { TurnWatch } from './turn-watch.ts';

export interface MonitorOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Parley's own. */
  readonly version: string;
}

/** What is looked at when somebody asks. */
export interface Watched {
  readonly engine: Promise<Engine>;
  readonly store: Pick<Store, 'lasting' | 'turns'>;
  readonly platforms: readonly Connectable[];
}

/** Counts what happens, follows each turn in the log, and tells it to programs that watch the bot, if there is a port. */
export class Monitor {
  /** Follows every turn. */
  readonly turns: TurnObserver;
  readonly #clock: Clock;
  readonly #version: string;
  readonly #metrics = new Metrics();
  #health: Health | undefined;
  #server: MonitorServer | undefined;

  constructor({ logger, clock, version }: MonitorOptions) {
    const { meters } = this.#metrics;
    this.#clock = clock;
    this.#version = version;
    this.turns = new TurnWatch({ logger, meters, clock });
    meters.restarts.inc(0);
  }

  /** A platform has answered 429. */
  rateLimited(platform: string): void {
    this.#metrics.meters.rateLimited.inc({ platform });
  }

  /** The engine's process was lost, and is started again. */
  engineLost(): void {
    this.#metrics.meters.restarts.inc();
  }

  /**
   * Answers from now on, whatever is still being loaded or connected.
   *
   * @returns where.
   * @throws MonitorError `METRICS_PORT`
   */
  async open(host: string, port: number, watched: Watched): Promise<string> {
    const probe = new EngineProbe(watched.engine, this.#clock);
    const health = new Health({ probe, platforms: watched.platforms });
    const server = new MonitorServer({
      live: () => health.live(),
      ready: () => health.ready(),
      metrics: async () => {
        await this.#look(watched, await probe.look());
        return { contentType: this.#metrics.contentType, text: await this.#metrics.text() };
      },
    });
    const where = await server.listen(host, port);
    this.#metrics.watchProcess();
    this.#health = health;
    this.#server = server;
    return where;
  }

  /** The bot takes nothing new any more, and shows what still runs. */
  leave(): void {
    this.#health?.leave();
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  async #look({ store, platforms }: Watched, engine: EngineState): Promise<void> {
    const { meters } = this.#metrics;
    meters.memory.set({ process: 'bot' }, process.memoryUsage.rss());
    meters.lasting.set(store.lasting ? 1 : 0);
    meters.journal.set(await store.turns.count());
    for (const { platform, connected = true } of platforms) {
      meters.connected.set({ platform }, connected ? 1 : 0);
      meters.rateLimited.inc({ platform }, 0);
    }
    this.#lookAtEngine(engine);
  }

  #lookAtEngine(engine: EngineState): void {
    const { meters } = this.#metrics;
    meters.info.reset();
    meters.engineUp.set(engine.state === 'answers' ? 1 : 0);
    if (engine.state !== 'answers') {
      const { running, queued, tokensPerSecond, promptTokensPerSecond, reused } = meters;
      for (const meter of [running, queued, tokensPerSecond, promptTokensPerSecond, reused]) meter.remove();
      meters.kvBytes.reset();
      meters.memory.remove({ process: 'engine' });
      return;
    }
    const { stats } = engine;
    meters.running.set(stats.running);
    meters.queued.set(stats.queued);
    meters.tokensPerSecond.set(stats.tokensPerSecond);
    meters.promptTokensPerSecond.set(stats.promptTokensPerSecond);
    meters.reused.set(stats.reusedShare);
    meters.kvBytes.set({ state: 'used' }, stats.kvBytes);
    meters.kvBytes.set({ state: 'allowed' }, stats.kvLimitBytes);
    meters.memory.set({ process: 'engine' }, stats.memoryBytes);
    // A counter that another process keeps: it is copied, with its resets.
    meters.generatedTokens.reset();
    meters.generatedTokens.inc(stats.generatedTokens);
    const { name: model, weights } = stats.model;
    meters.info.set({ version: this.#version, model, weights }, 1);
  }
}
