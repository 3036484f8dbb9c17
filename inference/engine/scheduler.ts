import { InferenceError } from '../errors.ts';
import type { RunCosts } from './draft-width.ts';
import type { Milliseconds, Score, TokenId } from './engine.ts';
import { FairQueue } from './fair-queue.ts';
import type { GraphRunner } from './graph-runner.ts';
import { bucketFor, KvCache, kvBytesPerToken } from './kv-cache.ts';
import { Lanes } from './lanes.ts';
import { Prefill } from './prefill.ts';
import { PrefixPool } from './prefix-pool.ts';
import { Scoring } from './scoring.ts';
import type { Sequence } from './sequence.ts';

export interface SchedulerLimits {
  /** Sequences decoded together. */
  readonly maxRows: number;
  /** Requests that may wait while as many as `maxRows` run. */
  readonly maxQueue: number;
  /** Keys and values of what is being computed, in bytes. */
  readonly kvBytes: number;
  /** Keys and values of earlier prompts that are kept in case they come again, in bytes; none by default. */
  readonly prefixBytes?: number;
  /** Whether replies may check several likely tokens at once (see `speculation.ts`); yes by default. */
  readonly speculate?: boolean;
}

/** A question about likelihoods, in the same queue as the replies. */
export interface ScoreRequest {
  readonly conversation: string;
  readonly prompt: readonly TokenId[];
  readonly continuations: readonly (readonly TokenId[])[];
  /** Told when it is computed, and no longer waits. */
  readonly begun: () => void;
  readonly done: (scores: readonly Score[]) => void;
  readonly fail: (error: Error) => void;
}

type Waiting = { readonly conversation: string; readonly work: Sequence | ScoreRequest };

/** Something that is computed alone, piece by piece, between the steps of the replies. */
type Current =
  | { readonly kind: 'prefill'; readonly sequence: Sequence; readonly prefill: Prefill }
  | { readonly kind: 'score'; readonly request: ScoreRequest; readonly scoring: Scoring };

/** Before the first reply has ended: an ordinary one on an ordinary machine. */
const FIRST_TURN_ESTIMATE: Milliseconds = 2000;
/** Weight of the newest reply in the average: the last ten or so count. */
const AVERAGING = 0.1;

/**
 * Decides what the model computes next: one piece of one prompt, then one token of every running reply, and so on. Replies
 * join and leave the batch between steps; a request is admitted when a row and room for its longest possible text are free.
 */
export class Scheduler {
  readonly kvLimitBytes: number;
  readonly #runner: GraphRunner;
  readonly #limits: SchedulerLimits;
  readonly #now: () => Milliseconds;
  readonly #queue: FairQueue<Waiting>;
  readonly #lanes: Lanes;
  readonly #scratch: KvCache;
  readonly #pool: PrefixPool;
  #current: Current | undefined;
  #wake: (() => void) | undefined;
  #closed: Error | undefined;
  #turnEstimate = FIRST_TURN_ESTIMATE;
  #generated = 0;
  #speed = 0;
  #promptSpeed = 0;
  #promptTokens = 0;
  #reusedTokens = 0;

  /** @throws InferenceError `REQUEST_INVALID` when `kvBytes` has no room for one sequence. */
  constructor(runner: GraphRunner, limits: SchedulerLimits, now: () => Milliseconds, costs: RunCosts) {
    this.#runner = runner;
    this.#limits = limits;
    this.#now = now;
    this.#queue = new FairQueue();
    const { shape } = runner;
    const longest = bucketFor(shape.positions);
    const perToken = kvBytesPerToken(shape);
    const tokens = Math.floor(limits.kvBytes / perToken);
    if (tokens < 2 * longest) {
      const needed = Math.ceil((2 * longest * perToken) / 2 ** 20);
      throw new InferenceError(
        'REQUEST_INVALID',
        `KV_MB is too small for this model: keys and values of a prompt and a reply need ${needed} MB. Set KV_MB=${needed} or more.`,
      );
    }
    this.#scratch = new KvCache(shape, longest);
    this.#pool = new PrefixPool(limits.prefixBytes ?? 0);
    const speculate = limits.speculate ?? true;
    this.#lanes = new Lanes(runner, tokens - longest, limits.maxRows, speculate ? costs : undefined);
    this.kvLimitBytes = (longest + this.#lanes.capacity) * perToken;
  }

  get running(): number {
    return this.#lanes.sequences.length + (this.#current ? 1 : 0);
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Steps of the model so far: pieces of a prompt or score, and tokens of the whole batch, each for itself. */
  get steps(): number {
    return this.#runner.runs;
  }

  get generatedTokens(): number {
    return this.#generated;
  }

  /** Tokens a second over the last steps, all rows together; 0 before the first. */
  get tokensPerSecond(): number {
    return this.#speed;
  }

  /** Prompt tokens a second over the last pieces; 0 before the first. */
  get promptTokensPerSecond(): number {
    return this.#promptSpeed;
  }

  /** Of all prompt tokens so far, the share that had been computed before and was copied; 0 before the first. */
  get reusedShare(): number {
    return this.#promptTokens === 0 ? 0 : this.#reusedTokens / this.#promptTokens;
  }

  /** Keys and values of earlier prompts that are kept. */
  get prefixBytes(): number {
    return this.#pool.bytes;
  }

  /** Keys and values in use. */
  get kvBytes(): number {
    const tokens = this.#lanes.tokens.used + this.#scratch.rows * this.#scratch.bucket;
    return tokens * kvBytesPerToken(this.#runner.shape);
  }

  /** Keys and values for which memory was taken so far: it is not given back. */
  get kvPeakBytes(): number {
    return (this.#lanes.tokens.peak + this.#scratch.peak) * kvBytesPerToken(this.#runner.shape);
  }

  /** @throws InferenceError `QUEUE_FULL` or, after `close`, the reason. */
  submit(work: Sequence | ScoreRequest): void {
    if (this.#closed) throw this.#closed;
    // Counted together, so that all that were taken before a crash are taken again, however many of them ran.
    if (this.#queue.size + this.running >= this.#limits.maxQueue + this.#limits.maxRows) {
      const seconds = Math.ceil(this.#estimate(this.#queue.size + 1) / 1000);
      throw new InferenceError(
        'QUEUE_FULL',
        `${this.#queue.size} requests are waiting already, and no more are taken. Ask again in about ${seconds} s.`,
      );
    }
    this.#queue.push({ conversation: work.conversation, work });
    this.notify();
    // The loop admits before it computes; whoever is not taken then learns its place.
    setImmediate(() => this.#tellPlaces());
  }

  /** Something changed from outside: work came, or a caller gave up. */
  notify(): void {
    this.#wake?.();
  }

  /** Ends everything with this error; `run` returns. */
  close(error: Error): void {
    if (this.#closed) return;
    this.#closed = error;
    const all = [...this.#queue.order().map(({ work }) => work), ...this.#lanes.abandon()];
    if (this.#current)
      all.push(this.#current.kind === 'prefill' ? this.#current.sequence : this.#current.request);
    for (const item of this.#queue.order()) this.#queue.remove(item);
    this.#current = undefined;
    for (const work of all) work.fail(error);
    this.notify();
  }

  /**
   * Computes until closed. An error from the model itself closes the scheduler: everything fails with `ENGINE_FAILED`, and
   * so does what is submitted later. Never rejects; gives that error.
   */
  async run(): Promise<Error | undefined> {
    try {
      while (!this.#closed) {
        this.#dropAborted();
        this.#admit();
        if (this.#current) await this.#stepCurrent();
        if (this.#lanes.sequences.length > 0 && !this.#closed) await this.#decode();
        if (!this.#current && this.#lanes.sequences.length === 0 && !this.#queue.peek()) await this.#sleep();
      }
    } catch (error) {
      if (this.#closed) return undefined;
      const why = error instanceof Error ? error.message : String(error);
      const failure = new InferenceError('ENGINE_FAILED', `The model failed: ${why}`, { cause: error });
      this.close(failure);
      return failure;
    }
    return undefined;
  }

  #sleep(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #dropAborted(): void {
    const waiting = this.#queue.size;
    for (const item of this.#queue.order()) {
      if (!isSequence(item.work) || !item.work.aborted) continue;
      this.#queue.remove(item);
      item.work.end('aborted');
    }
    if (this.#queue.size < waiting) this.#tellPlaces();
    if (this.#current?.kind === 'prefill' && this.#current.sequence.aborted) {
      this.#current.sequence.end('aborted');
      this.#current = undefined;
    }
    for (const sequence of this.#lanes.release(({ aborted }) => aborted)) sequence.end('aborted');
  }

  #admit(): void {
    while (!this.#current) {
      const next = this.#queue.peek();
      if (!next || !this.#fits(next.work)) return;
      this.#queue.take();
      this.#tellPlaces();
      this.#start(next.work);
    }
  }

  #fits(work: Sequence | ScoreRequest): boolean {
    return !isSequence(work) || this.#lanes.fits(work);
  }

  #start(work: Sequence | ScoreRequest): void {
    if (!isSequence(work)) {
      work.begun();
      const scoring = new Scoring(this.#runner, this.#scratch, this.#pool, work.prompt, work.continuations);
      this.#current = { kind: 'score', request: work, scoring };
      return;
    }
    work.admit();
    if (work.endIfComplete()) return;
    const prefill = new Prefill(this.#runner, this.#scratch, this.#pool, work.ids);
    this.#promptTokens += work.ids.length;
    this.#reusedTokens += prefill.reused;
    this.#current = { kind: 'prefill', sequence: work, prefill };
  }

  async #stepCurrent(): Promise<void> {
    const current = this.#current;
    if (current?.kind === 'score') {
      await this.#score(current.request, current.scoring);
    } else if (current) {
      const before = this.#scratch.length(0);
      const began = this.#now();
      const logits = await current.prefill.step();
      this.#promptSpeed = average(this.#promptSpeed, this.#scratch.length(0) - before, this.#now() - began);
      if (!logits || this.#closed) return;
      this.#current = undefined;
      if (current.sequence.aborted) current.sequence.end('aborted');
      else if (!this.#advance(current.sequence, logits)) this.#lanes.join(current.sequence, this.#scratch);
    }
  }

  /** One piece. Numbers that are none are the text's own fault, and no other request's. */
  async #score(request: ScoreRequest, scoring: Scoring): Promise<void> {
    try {
      const scores = await scoring.step();
      if (!scores || this.#closed) return;
      request.done(scores);
    } catch (error) {
      if (!(error instanceof InferenceError) || error.code !== 'PROMPT_FAILED') throw error;
      request.fail(error);
    }
    this.#current = undefined;
  }

  async #decode(): Promise<void> {
    const began = this.#now();
    const drawn = await this.#lanes.step((sequence, logits) => this.#advance(sequence, logits));
    if (this.#closed) return;
    this.#speed = average(this.#speed, drawn, this.#now() - began);
  }

  /** Draws one token. A failure (a prompt that drives the model to NaN) is that sequence's own. True when it is over. */
  #advance(sequence: Sequence, logits: Float32Array): boolean {
    try {
      const over = sequence.advance(logits);
      this.#generated++;
      if (over) this.#learn(sequence);
      return over;
    } catch (error) {
      sequence.fail(error as Error);
      return true;
    }
  }

  #learn(sequence: Sequence): void {
    this.#turnEstimate += AVERAGING * (sequence.runningMs - this.#turnEstimate);
  }

  #estimate(place: number): Milliseconds {
    return Math.ceil(place / this.#limits.maxRows) * this.#turnEstimate;
  }

  #tellPlaces(): void {
    this.#queue.order().forEach(({ work }, i) => {
      if (isSequence(work)) work.wait(i + 1, this.#estimate(i + 1));
    });
  }
}

/** The speed so far, moved towards what was just measured. */
function average(speed: number, tokens: number, elapsed: Milliseconds): number {
  if (elapsed <= 0) return speed;
  const now = (tokens * 1000) / elapsed;
  return speed === 0 ? now : speed + AVERAGING * (now - speed);
}

function isSequence(work: Sequence | ScoreRequest): work is Sequence {
  return 'mostTokens' in work;
}
