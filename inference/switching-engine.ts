import type {
  Chunk,
  Engine,
  EngineLease,
  EngineModel,
  EngineStats,
  GenerateOptions,
  Score,
} from './engine/engine.ts';
import { InferenceError } from './errors.ts';

/**
 * An engine whose model can be changed while people talk: requests that begin afterwards go to the new model, running
 * ones finish where they began, and the old engine is closed behind the last of them. So for a moment two models are in
 * memory, each with keys and values of its own within `KV_MB`.
 *
 * A prompt is written for one model: its tokens are counted by that model's tokenizer and fit that model's context. What
 * counts first and generates later must do both under one `lease`.
 */
export class SwitchingEngine implements Engine {
  #current: Tenure;
  readonly #retiring = new Set<Tenure>();
  #closed = false;

  constructor(first: Engine) {
    this.#current = new Tenure(first);
  }

  /** Of the engine that new requests go to. */
  get model(): EngineModel {
    return this.#current.engine.model;
  }

  lease(): EngineLease {
    return this.#current.lease();
  }

  /**
   * From now on new requests go to `next`, which must be ready and belongs to this engine from here on. Resolves when the
   * old engine's last request has ended and the engine is closed.
   *
   * @throws InferenceError `ENGINE_CLOSED`, with `next` closed too.
   */
  async switchTo(next: Engine): Promise<void> {
    if (this.#closed) {
      await next.close();
      throw new InferenceError('ENGINE_CLOSED', 'The engine has been closed; no other takes its place.');
    }
    const old = this.#current;
    this.#current = new Tenure(next);
    this.#retiring.add(old);
    await old.retire();
    this.#retiring.delete(old);
  }

  async *generate(prompt: string, options: GenerateOptions, signal?: AbortSignal): AsyncGenerator<Chunk> {
    const lease = this.lease();
    try {
      yield* lease.engine.generate(prompt, options, signal);
    } finally {
      lease.release();
    }
  }

  score(prompt: string, continuations: readonly string[], conversation: string): Promise<readonly Score[]> {
    return this.#leased((engine) => engine.score(prompt, continuations, conversation));
  }

  count(text: string): Promise<number> {
    return this.#leased((engine) => engine.count(text));
  }

  fit(text: string, limit: number, keep: 'start' | 'end'): Promise<string> {
    return this.#leased((engine) => engine.fit(text, limit, keep));
  }

  stats(): Promise<EngineStats> {
    return this.#leased((engine) => engine.stats());
  }

  /** Closes the old engines too, whatever still runs on them. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#current, ...this.#retiring].map((tenure) => tenure.engine.close()));
  }

  async #leased<T>(ask: (engine: Engine) => Promise<T>): Promise<T> {
    const lease = this.lease();
    try {
      return await ask(lease.engine);
    } finally {
      lease.release();
    }
  }
}

/** One engine's time in office: it is closed when it is retired and nobody needs it any more. */
class Tenure {
  readonly engine: Engine;
  readonly #vacated: Promise<void>;
  #vacate: () => void = () => undefined;
  #leases = 0;
  #retired = false;

  constructor(engine: Engine) {
    this.engine = engine;
    this.#vacated = new Promise((resolve) => {
      this.#vacate = resolve;
    });
  }

  lease(): EngineLease {
    this.#leases++;
    let held = true;
    return {
      engine: this.engine,
      release: () => {
        if (!held) return;
        held = false;
        this.#leases--;
        this.#vacateIfUnused();
      },
    };
  }

  async retire(): Promise<void> {
    this.#retired = true;
    this.#vacateIfUnused();
    await this.#vacated;
    await this.engine.close();
  }

  #vacateIfUnused(): void {
    if (this.#retired && this.#leases === 0) this.#vacate();
  }
}
