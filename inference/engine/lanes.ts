import { Batch } from './batch.ts';
import type { RunCosts } from './draft-width.ts';
import type { GraphRunner } from './graph-runner.ts';
import { bucketFor, type KvCache } from './kv-cache.ts';
import type { Sequence } from './sequence.ts';

/**
 * All rows of one run are as long as its longest, so a long reply makes the run of many short ones long. A run of their own
 * costs reading all weights once more, which takes as long as reading the keys and values of about so many tokens
 * (docs/performance.md).
 */
const TOKENS_WORTH_A_RUN = 2000;
/** Rows are moved back together only when much less than a run would be lost: moving takes time itself. */
const STAYS_APART = 0.5;

/**
 * The replies that are being written: in one batch, or the short ones in a batch of their own while that is faster. Which
 * replies are short is known from the beginning, so each moves only when others come or leave.
 */
export class Lanes {
  readonly #maxRows: number;
  readonly #short: Batch | undefined;
  readonly #long: Batch;
  readonly #longCapacity: number;
  /** A reply that can come to hold no more tokens than this is short. */
  readonly #shortest: number;
  #apart = false;

  /**
   * @param tokens of keys and values that may be in use; where they do not suffice for two batches there is one.
   * @param costs see `Batch`.
   */
  constructor(runner: GraphRunner, tokens: number, maxRows: number, costs: RunCosts | undefined) {
    const { positions } = runner.shape;
    this.#maxRows = maxRows;
    this.#shortest = bucketFor(positions / 2);
    this.#longCapacity = Math.min(tokens, maxRows * bucketFor(positions));
    this.#long = new Batch(runner, this.#longCapacity, costs);
    const shortCapacity = maxRows * this.#shortest;
    if (tokens - this.#longCapacity >= shortCapacity) this.#short = new Batch(runner, shortCapacity, costs);
  }

  /** Tokens of keys and values that a model's longest replies can use, and short ones beside them. */
  static mostTokens(positions: number, maxRows: number): number {
    return maxRows * (bucketFor(positions) + bucketFor(positions / 2));
  }

  get sequences(): readonly Sequence[] {
    return this.#batches.flatMap(({ sequences }) => sequences);
  }

  /** Tokens of keys and values in use, and the most that were. */
  get tokens(): { readonly used: number; readonly peak: number } {
    const all = this.#batches.map(({ tokens }) => tokens);
    return {
      used: all.reduce((sum, { used }) => sum + used, 0),
      peak: all.reduce((sum, { peak }) => sum + peak, 0),
    };
  }

  /** Whether there is a row, and room for the longest possible text of all rows then. */
  fits(sequence: Sequence): boolean {
    const all = [...this.sequences, sequence];
    const longest = Math.max(...all.map(({ mostTokens }) => mostTokens));
    return all.length <= this.#maxRows && all.length * bucketFor(longest) <= this.#longCapacity;
  }

  /** Takes a sequence in, whose prompt is computed in row 0 of another cache. */
  join(sequence: Sequence, computed: KvCache): void {
    const lane = this.#short && this.#isShort(sequence) ? this.#short : this.#long;
    lane.join(sequence, computed, 0);
    this.#arrange();
  }

  /** Lets go of the sequences for which `over` says so. */
  release(over: (sequence: Sequence) => boolean): readonly Sequence[] {
    const released = this.#batches.flatMap((batch) => batch.release(over));
    if (released.length > 0) this.#arrange();
    return released;
  }

  /** Lets go of all at once, at a close; the caches are not touched, for the model may be reading them. */
  abandon(): readonly Sequence[] {
    return this.#batches.flatMap((batch) => batch.abandon());
  }

  /** One step of every batch (see `Batch.step`). Tokens drawn. */
  async step(advance: (sequence: Sequence, logits: Float32Array) => boolean): Promise<number> {
    let drawn = 0;
    for (const batch of this.#batches) drawn += await batch.step(advance);
    return drawn;
  }

  get #batches(): readonly Batch[] {
    return this.#short ? [this.#short, this.#long] : [this.#long];
  }

  #isShort = ({ mostTokens }: Sequence): boolean => mostTokens <= this.#shortest;

  /** Puts the short ones where they are written the fastest: with the long ones, if there are any, or apart. */
  #arrange(): void {
    if (!this.#short) return;
    const long = this.#long.sequences.filter((sequence) => !this.#isShort(sequence));
    const short = this.sequences.filter(this.#isShort);
    const saved = short.length * (longestOf(long) - longestOf(short));
    this.#apart = saved > TOKENS_WORTH_A_RUN * (this.#apart ? STAYS_APART : 1);
    if (long.length === 0 || this.#apart) this.#long.move(this.#isShort, this.#short);
    else this.#short.move(this.#isShort, this.#long);
  }
}

/** Tokens that the longest of them holds now. */
function longestOf(sequences: readonly Sequence[]): number {
  return Math.max(0, ...sequences.map(({ ids }) => ids.length));
}
