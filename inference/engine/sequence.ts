import type {
  Chunk,
  EndReason,
  GenerateOptions,
  GenerateResult,
  Milliseconds,
  Seed,
  TokenId,
} from './engine.ts';
import { createSampler, type Sampler } from './sampler/sampler.ts';
import { type Proposal, Speculation } from './speculation.ts';
import { TextStream } from './text-stream.ts';
import type { Tokenizer } from './tokenizer.ts';

/** What a sequence tells while it lives: `begun` when it no longer waits, `failure` at most once, last. */
export interface SequenceListeners {
  readonly chunk: (chunk: Chunk) => void;
  readonly failure: (error: Error) => void;
  readonly begun?: () => void;
}

export interface SequenceLimits {
  /** Tokens that fit into one sequence. */
  readonly positions: number;
  readonly endOfText: TokenId;
}

/** One reply on its way: the tokens so far, how the next one is drawn, what of the text may be shown, and the times. */
export class Sequence {
  readonly conversation: string;
  readonly options: GenerateOptions;
  readonly seed: Seed;
  readonly promptTokens: number;
  /** The prompt and the reply so far. */
  readonly ids: TokenId[];
  /** Set by the caller's signal; the scheduler looks between steps. */
  aborted = false;
  /** Has told its end. */
  over = false;
  /** Failed by itself: its keys and values may be anything. */
  failed = false;
  readonly #limits: SequenceLimits;
  readonly #listeners: SequenceListeners;
  readonly #sampler: Sampler;
  readonly #speculation = new Speculation();
  readonly #stream: TextStream;
  readonly #now: () => Milliseconds;
  readonly #arrived: Milliseconds;
  #admitted: Milliseconds | undefined;
  #firstToken: Milliseconds | undefined;
  #drawnHere = 0;
  #place = 0;

  constructor(
    prompt: readonly TokenId[],
    options: GenerateOptions,
    seed: Seed,
    tokenizer: Tokenizer,
    limits: SequenceLimits,
    listeners: SequenceListeners,
    now: () => Milliseconds,
  ) {
    this.conversation = options.conversation;
    this.options = options;
    this.seed = seed;
    this.promptTokens = prompt.length;
    this.ids = [...prompt];
    this.#limits = limits;
    this.#listeners = listeners;
    this.#sampler = createSampler(options.sampling, seed);
    this.#stream = new TextStream((id) => tokenizer.bytes(id), options.stop);
    this.#now = now;
    this.#arrived = now();
    // The end-of-text in front is not part of the text: penalised as repeated, it would keep replies from ending.
    for (const id of prompt) if (id !== limits.endOfText) this.#sampler.accept(id);
    for (const id of prompt) this.#speculation.read(id);
    // What people have seen is taken in silently: the state behind it is as if it had just been written.
    for (const id of options.shown ?? []) this.#take(id);
  }

  /** Tokens of the reply so far. */
  get newTokens(): number {
    return this.ids.length - this.promptTokens;
  }

  /** The most tokens that this sequence can come to hold. */
  get mostTokens(): number {
    return Math.min(this.promptTokens + this.options.maxNewTokens, this.#limits.positions);
  }

  get lastToken(): TokenId {
    return this.ids[this.ids.length - 1] as TokenId;
  }

  /** Time since admission; 0 before it. */
  get runningMs(): Milliseconds {
    return this.#admitted === undefined ? 0 : this.#now() - this.#admitted;
  }

  admit(): void {
    this.#admitted = this.#now();
    this.#listeners.begun?.();
    this.wait(0, 0);
  }

  /** Tells the waiting caller where it stands, when that has changed. */
  wait(place: number, estimatedWaitMs: Milliseconds): void {
    if (place === this.#place) return;
    this.#place = place;
    this.#listeners.chunk({ type: 'queued', place, estimatedWaitMs });
  }

  /** Ends a sequence that has nothing to compute: resumed behind its own end. True if it did. */
  endIfComplete(): boolean {
    const reason = this.#reached();
    if (reason) this.end(reason);
    return reason !== undefined;
  }

  /** Draws the next token from the logits behind the last one, and shows what may be shown. True when the text has ended. */
  advance(logits: Float32Array): boolean {
    const id = this.#sampler.sample(logits, this.newTokens);
    this.#firstToken ??= this.#now();
    if (id === this.#limits.endOfText) {
      this.end('eos');
      return true;
    }
    this.#drawnHere++;
    const text = this.#take(id);
    this.#listeners.chunk({ type: 'text', text, tokens: [id] });
    return this.endIfComplete();
  }

  /** Tokens that are likely to come next, for a run that checks them all. */
  propose(): Proposal {
    // The last token of the text need not be checked ahead: nothing follows it.
    return this.#speculation.propose(this.mostTokens - this.ids.length - 1);
  }

  /** What checking the proposal has cost, in tokens computed alone, and how many of its tokens came true. */
  learn(cost: number, accepted: number): void {
    this.#speculation.learn(cost, accepted);
  }

  end(reason: EndReason): void {
    this.over = true;
    const rest = this.#stream.end();
    if (rest !== '') this.#listeners.chunk({ type: 'text', text: rest, tokens: [] });
    this.#listeners.chunk({ type: 'end', result: this.#result(reason) });
  }

  fail(error: Error): void {
    this.over = true;
    this.failed = true;
    this.#listeners.failure(error);
  }

  #take(id: TokenId): string {
    this.ids.push(id);
    this.#sampler.accept(id);
    this.#speculation.accept(id);
    return this.#stream.push(id);
  }

  #reached(): EndReason | undefined {
    if (this.#stream.stopped) return 'stop';
    if (this.newTokens >= this.options.maxNewTokens || this.ids.length >= this.#limits.positions)
      return 'length';
    return undefined;
  }

  #result(reason: EndReason): GenerateResult {
    const end = this.#now();
    const first = this.#firstToken ?? end;
    const decodeSeconds = (end - first) / 1000;
    return {
      reason,
      contextFull: reason === 'length' && this.newTokens < this.options.maxNewTokens,
      seed: this.seed,
      options: this.options,
      promptTokens: this.promptTokens,
      newTokens: this.newTokens,
      queuedMs: (this.#admitted ?? end) - this.#arrived,
      firstTokenMs: first - this.#arrived,
      totalMs: end - this.#arrived,
      tokensPerSecond: this.#drawnHere > 1 && decodeSeconds > 0 ? (this.#drawnHere - 1) / decodeSeconds : 0,
    };
  }
}
