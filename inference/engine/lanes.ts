import { Batch } from './batch.ts';
import type { RunCosts } from './draft-width.ts';
import type { GraphRunner } from './graph-runner.ts';
import { bucketFor, type KvCache } from './kv-cache.ts';
import type { Sequence } from './sequence.ts';

/**
 * All rows of one run are as long as its longest, so a long reply makes the run of many short ones long. A run of their own
 * costs reading all weights once more, which takes as long as reading the keys and values of about so many tokens: measured
 * with GPT-2's smallest size at 8 bits (docs/performance.md), and of the same order with others. It decides how fast is
 * written, and not what.
 */
const TOKENS_WORTH_A_RUN = 2000;
/** Rows are moved together again only when much less than a run would be lost: moving takes time itself. */
const STAYS_APART = 0.5;

/**
 * The replies that are being written: in one batch, or the short ones in a batch of their own while that is faster. That is
 * looked at when one comes or leaves; in between all grow alike.
 */
export class Lanes {
  /** Tokens of keys and values that can be in use. */
  readonly capacity: number;
  readonly #maxRows: number;
  readonly #short: Batch | undefined;
  readonly #long: Batch;
  readonly #longCapacity: number;
  /** A reply that can come to hold no more tokens than this is short. */
  readonly #mostOfShort: number;
  #apart = false;

  /**
   * @param tokens of keys and values that may be in use. Memory that was once written to stays taken, so two batches need room
   *   for the longest replies and for short ones beside them; where there is less, there is one batch.
   * @param costs see `Batch`.
   */
  constructor(runner: GraphRunner, tokens: number, maxRows: number, costs: RunCosts | undefined) {
    const { positions } = runner.shape;
    this.#maxRows = maxRows;
    this.#mostOfShort = bucketFor(positions / 2);
    this.#longCapacity = Math.min(tokens, maxRows * bucketFor(positions));
    this.#long = new Batch(runner, this.#longCapacity, costs);
    const shortCapacity = maxRows * this.#mostOfShort;
    const two = tokens - this.#longCapacity >= shortCapacity;
    if (two) this.#short = new Batch(runner, shortCapacity, costs);
    this.capacity = this.#longCapacity + (two ? shortCapacity : 0);
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
    const lane = this.#short && this.#apart && this.#isShort(sequence) ? this.#short : this.#long;
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

  /** One step of every batch (see `Batch.step`), and lets go of those that have ended. Tokens drawn. */
  async step(advance: (sequence: Sequence, logits: Float32Array) => boolean): Promise<number> {
    let drawn = 0;
    let ended = 0;
    for (const batch of this.#batches) {
      drawn += await batch.step(advance);
      ended += batch.release(({ over }) => over).length;
    }
    if (ended > 0) this.#arrange();
    return drawn;
  }

  get #batches(): readonly Batch[] {
    return this.#short ? [this.#short, this.#long] : [this.#long];
  }

  #isShort = ({ mostTokens }: Sequence): boolean => mostTokens <= this.#mostOfShort;

  /** Puts the short ones where they are written the fastest: with the long ones, or apart. */
  #arrange(): void {
    const long = this.#long.sequences.filter((sequence) => !this.#isShort(sequence));
    // Without a long one all are in one batch already, whichever it is.
    if (!this.#short || long.length === 0) return;
    const short = this.sequences.filter(this.#isShort);
    const saved = short.length * (longestOf(long) - longestOf(short));
    this.#apart = saved > TOKENS_WORTH_A_RUN * (this.#apart ? STAYS_APART : 1);
    if (this.#apart) this.#long.move(this.#isShort, this.#short);
    else this.#short.move(this.#isShort, this.#long);
  }
}

/** Tokens that the longest of them holds now. */
function longestOf(sequences: readonly Sequence[]): number {
  return Math.max(0, ...sequences.map(({ ids }) => ids.length));
}
