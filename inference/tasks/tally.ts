import type { EndReason, GenerateOptions, GenerateResult, Milliseconds, Seed } from '../engine/engine.ts';

/** What several pieces of work for one request came to, told as one result. */
export class Tally {
  readonly #now: () => Milliseconds;
  readonly #began: Milliseconds;
  readonly #options: GenerateOptions;
  #seed: Seed | undefined;
  #promptTokens = 0;
  #newTokens = 0;
  #queuedMs = 0;
  #firstTokenMs: Milliseconds | undefined;
  #decodeSeconds = 0;

  /** @param options how the request asked for it; those of a score, which draws nothing, are greedy. */
  constructor(now: () => Milliseconds, options: GenerateOptions) {
    this.#now = now;
    this.#began = now();
    this.#options = options;
    this.#seed = options.seed;
  }

  /** The request's seed; before the first answer, of a request that came without one, unknown. */
  get seed(): Seed | undefined {
    return this.#seed;
  }

  get elapsedMs(): Milliseconds {
    return this.#now() - this.#began;
  }

  add({ seed, promptTokens, newTokens, queuedMs, tokensPerSecond }: GenerateResult): void {
    this.#seed ??= seed;
    this.read(promptTokens);
    this.#newTokens += newTokens;
    this.#queuedMs += queuedMs;
    if (tokensPerSecond > 0) this.#decodeSeconds += (newTokens - 1) / tokensPerSecond;
  }

  /** Tokens that were only read. */
  read(tokens: number): void {
    this.#promptTokens += tokens;
  }

  /** Something is shown for the first time. */
  show(): void {
    this.#firstTokenMs ??= this.elapsedMs;
  }

  result(reason: EndReason, contextFull = false): GenerateResult {
    return {
      reason,
      contextFull,
      seed: this.#seed ?? 0,
      options: this.#options,
      promptTokens: this.#promptTokens,
      newTokens: this.#newTokens,
      queuedMs: this.#queuedMs,
      firstTokenMs: this.#firstTokenMs ?? this.elapsedMs,
      totalMs: this.elapsedMs,
      tokensPerSecond: this.#decodeSeconds > 0 ? this.#newTokens / this.#decodeSeconds : 0,
    };
  }
}
