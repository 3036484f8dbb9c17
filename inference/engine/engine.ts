/** An index into the model's vocabulary. */
export type TokenId = number;
export type Milliseconds = number;
/** An unsigned 32-bit integer; the same seed, prompt, options and machine give the same text. */
export type Seed = number;

/** How the next token is drawn from the logits. `temperature: 0` is greedy, and then the other limits do not matter. */
export interface Sampling {
  readonly temperature: number;
  /** Keep the k likeliest tokens; 0 keeps all. */
  readonly topK: number;
  /** Keep the smallest set of likeliest tokens whose probabilities add up to p (nucleus sampling); 1 keeps all. */
  readonly topP: number;
  /** Keep tokens at least this share as likely as the likeliest; 0 keeps all. */
  readonly minP: number;
  /** Divide (or, below zero, multiply) the logits of tokens already in the text by this (CTRL, section 4.1); 1 is off. */
  readonly repetitionPenalty: number;
  /** Never write an n-gram of this length twice; 0 is off. */
  readonly noRepeatNgram: number;
}

export interface GenerateOptions {
  readonly sampling: Sampling;
  /** Drawn by the engine when absent; the result says which. */
  readonly seed?: Seed;
  readonly maxNewTokens: number;
  /** The text ends before the first of these; they may cross token borders. */
  readonly stop: readonly string[];
  /** Requests of one conversation wait in order; conversations take turns. */
  readonly conversation: string;
  /** Tokens of this reply that people have already seen: generation goes on behind them, with as many draws spent. */
  readonly shown?: readonly TokenId[];
}

/**
 * Why a text ended: `stop` a stop string, `eos` the model's end-of-text, `length` `maxNewTokens` or a full context
 * (`contextFull` tells which), `aborted` the caller's signal.
 */
export type EndReason = 'stop' | 'eos' | 'length' | 'aborted';

export interface GenerateResult {
  readonly reason: EndReason;
  readonly contextFull: boolean;
  readonly seed: Seed;
  readonly options: GenerateOptions;
  readonly promptTokens: number;
  /** Tokens drawn for this text, `shown` ones included. */
  readonly newTokens: number;
  /** From the request's arrival to its admission into the batch. */
  readonly queuedMs: Milliseconds;
  /** From the request's arrival to its first token. */
  readonly firstTokenMs: Milliseconds;
  readonly totalMs: Milliseconds;
  /** Decode speed of this sequence after its first token; 0 when there was only one. */
  readonly tokensPerSecond: number;
}

/**
 * `queued`: where the request stands while it waits (sent on every change; place 0 when the waiting is over). `text`: what may be shown, in whole
 * characters and never past a possible stop, with the tokens drawn since the last chunk (text may be empty while a stop
 * string or a character is still undecided). `end`: once, last.
 */
export type Chunk =
  | { readonly type: 'queued'; readonly place: number; readonly estimatedWaitMs: Milliseconds }
  | { readonly type: 'text'; readonly text: string; readonly tokens: readonly TokenId[] }
  | { readonly type: 'end'; readonly result: GenerateResult };

/** Log-probabilities (natural logarithm) of one continuation's tokens behind the prompt. */
export interface Score {
  readonly tokens: readonly TokenId[];
  readonly logProbabilities: readonly number[];
}

export interface EngineModel {
  /** What people call it: `starter`, `openai-community/gpt2`, a folder's name. */
  readonly name: string;
  readonly parameters: number;
  readonly weights: 'q4' | 'q8' | 'fp32';
  /** Tokens that fit into one sequence, prompt and text together. */
  readonly contextLength: number;
  readonly vocabularySize: number;
}

export interface EngineStats {
  readonly model: EngineModel;
  readonly running: number;
  readonly queued: number;
  /** Decode speed over the last requests, all rows together; 0 before the first. */
  readonly tokensPerSecond: number;
  /** Speed at which prompts were read lately; 0 before the first. */
  readonly promptTokensPerSecond: number;
  readonly generatedTokens: number;
  /** Keys and values in use, the most that were in use so far (that memory stays reserved), and allowed, in bytes. */
  readonly kvBytes: number;
  readonly kvPeakBytes: number;
  readonly kvLimitBytes: number;
  /** Keys and values of earlier prompts, kept in case they come again, in bytes. */
  readonly prefixBytes: number;
  /** Of all prompt tokens so far, the share that had been computed before; 0 before the first. */
  readonly reusedShare: number;
  /** Resident memory of the engine's process, in bytes. */
  readonly memoryBytes: number;
  /** How often the engine's process was started again. */
  readonly restarts: number;
}

/** What tasks need of the tokenizer: exact sizes, never the ids themselves. */
export interface Tokens {
  /** Tokens of the text as it stands (no end-of-text in front). */
  count(text: string): Promise<number>;
  /**
   * The longest beginning (`keep: 'start'`) or end (`keep: 'end'`) of the text within `limit` tokens, cut at a
   * paragraph, sentence or word border where one is near. The whole text if it fits.
   */
  fit(text: string, limit: number, keep: 'start' | 'end'): Promise<string>;
}

/**
 * The one interface to a model, the same in this process (tests), in a supervised child process (default), or behind
 * a queue. The prompt is plain text; the engine puts one end-of-text id in front, and nothing in the text can become a
 * special token.
 */
export interface Engine extends Tokens {
  readonly model: EngineModel;
  /**
   * @throws InferenceError `QUEUE_FULL`, `PROMPT_TOO_LONG` (prompt leaves no room for one token), `PROMPT_FAILED`
   * (the model failed on this prompt alone), `ENGINE_FAILED` (the model fails on everything), `ENGINE_DOWN` (it cannot be
   * started for now), `CHECKPOINT_…` (it cannot be started again), `ENGINE_CLOSED`, `REQUEST_INVALID`. An aborted signal is no error: the last chunk's reason is `aborted`.
   */
  generate(prompt: string, options: GenerateOptions, signal?: AbortSignal): AsyncIterable<Chunk>;
  /** @param conversation Shares its turns in the queue, with its replies. */
  score(prompt: string, continuations: readonly string[], conversation: string): Promise<readonly Score[]>;
  stats(): Promise<EngineStats>;
  close(): Promise<void>;
  /** Holds on to the model that answers now; see `leaseOf`. Absent where the model never changes. */
  lease?(): EngineLease;
}

/** One model for the length of one turn, whatever becomes of the engine in the meantime. */
export interface EngineLease {
  /** Not to be closed by whoever holds the lease. */
  readonly engine: Engine;
  /** Must be called at the end: until then a model that was replaced stays in memory. Safe to call twice. */
  release(): void;
}

/**
 * The engine for one turn. A prompt is counted by the tokenizer and cut to the context of one model, so everything between
 * the first count and the last token must happen on the same one.
 */
export function leaseOf(engine: Engine): EngineLease {
  return engine.lease?.() ?? { engine, release: () => undefined };
}
