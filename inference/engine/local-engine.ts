import { webcrypto } from 'node:crypto';
import { InferenceError } from '../errors.ts';
import { Channel } from './channel.ts';
import { RUN_COSTS } from './draft-width.ts';
import type {
  Chunk,
  Engine,
  EngineModel,
  EngineStats,
  GenerateOptions,
  Milliseconds,
  Score,
  TokenId,
} from './engine.ts';
import type { GraphRunner } from './graph-runner.ts';
import { newSeed } from './random.ts';
import { Scheduler, type SchedulerLimits } from './scheduler.ts';
import { Sequence, type SequenceListeners } from './sequence.ts';
import type { Tokenizer } from './tokenizer.ts';
import { validateOptions } from './validate-options.ts';

export interface LocalEngineParts {
  readonly model: EngineModel;
  readonly runner: GraphRunner;
  readonly tokenizer: Tokenizer;
  readonly limits: SchedulerLimits;
  /** Monotonic, in milliseconds. */
  readonly now: () => Milliseconds;
  readonly dispose: () => Promise<void>;
}

/** A request that was handed in; `abort` ends it within one token. */
export interface Submission {
  abort(): void;
}

/** The engine in this very process. `run()` synchronously occupies the thread during each step of the model. */
export class LocalEngine implements Engine {
  readonly model: EngineModel;
  /** Resolves when the engine has stopped computing; to the reason if it was the model that failed. */
  readonly finished: Promise<Error | undefined>;
  readonly #parts: LocalEngineParts;
  readonly #scheduler: Scheduler;
  #closing: Promise<void> | undefined;

  /** @throws InferenceError `REQUEST_INVALID` when the limits leave no room for one sequence. */
  constructor(parts: LocalEngineParts) {
    this.model = parts.model;
    this.#parts = parts;
    this.#scheduler = new Scheduler(parts.runner, parts.limits, parts.now, RUN_COSTS[parts.model.weights]);
    this.finished = this.#scheduler.run();
  }

  /**
   * Hands a request in and reports through listeners instead of an iterator.
   *
   * @throws InferenceError as `generate`, at once.
   */
  submit(prompt: string, options: GenerateOptions, listeners: SequenceListeners): Submission {
    const { shape } = this.#parts.runner;
    validateOptions(options, shape.vocabulary);
    const ids = this.#promptIds(prompt);
    const limits = { positions: shape.positions, endOfText: shape.endOfText };
    const seed = options.seed ?? newSeed(webcrypto);
    const sequence = new Sequence(
      ids,
      options,
      seed,
      this.#parts.tokenizer,
      limits,
      listeners,
      this.#parts.now,
    );
    this.#scheduler.submit(sequence);
    return {
      abort: () => {
        sequence.aborted = true;
        this.#scheduler.notify();
      },
    };
  }

  async *generate(prompt: string, options: GenerateOptions, signal?: AbortSignal): AsyncGenerator<Chunk> {
    let submission: Submission | undefined;
    const abort = () => submission?.abort();
    const channel = new Channel<Chunk>(abort);
    submission = this.submit(prompt, options, {
      chunk: (chunk) => {
        channel.push(chunk);
        if (chunk.type === 'end') channel.end();
      },
      failure: (error) => channel.fail(error),
    });
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    try {
      yield* channel;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** @param begun Told when it is computed, and no longer waits. */
  async score(
    prompt: string,
    continuations: readonly string[],
    conversation: string,
    begun: () => void = () => undefined,
  ): Promise<readonly Score[]> {
    const ids = this.#promptIds(prompt);
    const encoded = continuations.map((text) => this.#parts.tokenizer.encode(text));
    const longest = ids.length + Math.max(0, ...encoded.map((tokens) => tokens.length));
    if (longest > this.model.contextLength) throw tooLong(this.model.contextLength);
    return new Promise((done, fail) => {
      this.#scheduler.submit({
        conversation,
        prompt: ids,
        continuations: encoded,
        begun,
        done,
        fail,
      });
    });
  }

  /** Steps of the model so far: while something is to be computed, their number grows. */
  get steps(): number {
    return this.#scheduler.steps;
  }

  async count(text: string): Promise<number> {
    return this.#parts.tokenizer.count(text);
  }

  async fit(text: string, limit: number, keep: 'start' | 'end'): Promise<string> {
    return this.#parts.tokenizer.fit(text, limit, keep);
  }

  async stats(): Promise<EngineStats> {
    const scheduler = this.#scheduler;
    return {
      model: this.model,
      running: scheduler.running,
      queued: scheduler.queued,
      tokensPerSecond: scheduler.tokensPerSecond,
      promptTokensPerSecond: scheduler.promptTokensPerSecond,
      generatedTokens: scheduler.generatedTokens,
      kvBytes: scheduler.kvBytes,
      kvPeakBytes: scheduler.kvPeakBytes,
      kvLimitBytes: scheduler.kvLimitBytes,
      prefixBytes: scheduler.prefixBytes,
      reusedShare: scheduler.reusedShare,
      memoryBytes: process.memoryUsage.rss(),
      restarts: 0,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#scheduler.close(
      new InferenceError('ENGINE_CLOSED', 'The engine has been closed; this reply will not go on.'),
    );
    await this.finished;
    await this.#parts.dispose();
  }

  /** One end-of-text id, as documents begin in training, then the text. */
  #promptIds(prompt: string): TokenId[] {
    const { shape } = this.#parts.runner;
    const { tokenizer } = this.#parts;
    // Asked first: encoding millions of characters only to refuse them would hold up the replies that run.
    if (!tokenizer.fits(prompt, shape.positions - 2)) throw tooLong(shape.positions);
    return [shape.endOfText, ...tokenizer.encode(prompt)];
  }
}

function tooLong(positions: number): InferenceError {
  return new InferenceError(
    'PROMPT_TOO_LONG',
    `The text does not fit into the model's context of ${positions} tokens with room for an answer. Shorten it.`,
  );
}
