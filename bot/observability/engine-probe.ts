import type { Engine, EngineStats, Milliseconds } from '../../inference/engine/engine.ts';
import type { Clock } from '../clock.ts';

/**
 * - `loading`: the first model is not there yet.
 * - `answers`: now, or a moment ago and it is in the middle of something long.
 * - `silent`: it should answer and does not, or is being started again.
 * - `given up`: nothing will answer any more until the program is started again.
 */
export type EngineState =
  | { readonly state: 'loading' | 'silent' | 'given up' }
  | { readonly state: 'answers'; readonly stats: EngineStats };

/** Kubernetes' probes wait a second by default, and whoever asks wants an answer and not a cut connection. */
const PATIENCE_MS = 800;

/** A large model on a small machine reads a piece of a prompt this long, and a lost process is replaced within it. */
const RECENTLY_MS = 15_000;

/** Asks the engine how it is. However often somebody looks, at most one question is on its way. */
export class EngineProbe {
  readonly #clock: Clock;
  #engine: Engine | undefined;
  #question: Promise<EngineStats> | undefined;
  #last: { readonly stats: EngineStats; readonly at: Milliseconds } | undefined;

  /** @param engine settles when the model is loaded. */
  constructor(engine: Promise<Engine>, clock: Clock) {
    this.#clock = clock;
    engine.then(
      (loaded) => {
        this.#engine = loaded;
      },
      () => undefined,
    );
  }

  /** Settles within a second. */
  async look(): Promise<EngineState> {
    const engine = this.#engine;
    if (!engine) return { state: 'loading' };
    this.#question ??= this.#ask(engine);
    try {
      const stats = await this.#inTime(this.#question);
      if (stats) return { state: 'answers', stats };
    } catch {
      return { state: 'given up' };
    }
    const last = this.#last;
    const recently = last !== undefined && this.#clock.now() - last.at < RECENTLY_MS;
    return recently ? { state: 'answers', stats: last.stats } : { state: 'silent' };
  }

  async #ask(engine: Engine): Promise<EngineStats> {
    try {
      const stats = await engine.stats();
      this.#last = { stats, at: this.#clock.now() };
      return stats;
    } finally {
      this.#question = undefined;
    }
  }

  async #inTime(question: Promise<EngineStats>): Promise<EngineStats | undefined> {
    let cancel: () => void = () => undefined;
    const late = new Promise<undefined>((resolve) => {
      cancel = this.#clock.after(PATIENCE_MS, () => resolve(undefined));
    });
    try {
      return await Promise.race([question, late]);
    } finally {
      cancel();
    }
  }
}
