import type { TokenId } from './engine.ts';
import type { GraphRunner } from './graph-runner.ts';
import { bucketFor, KvCache } from './kv-cache.ts';
import type { Sequence } from './sequence.ts';

/** The replies that are being written, one row each, and their keys and values. They join and leave between steps. */
export class Batch {
  readonly #runner: GraphRunner;
  readonly #cache: KvCache;
  readonly #maxRows: number;
  readonly #speculate: boolean;
  /** Row i of the cache belongs to sequences[i]. */
  readonly #sequences: Sequence[] = [];

  /** @param capacity in tokens, rows × bucket. */
  constructor(runner: GraphRunner, capacity: number, maxRows: number, speculate: boolean) {
    this.#runner = runner;
    this.#speculate = speculate;
    this.#cache = new KvCache(runner.shape, capacity);
    this.#maxRows = maxRows;
  }

  get sequences(): readonly Sequence[] {
    return this.#sequences;
  }

  /** Tokens of keys and values in use, and the most that were. */
  get tokens(): { readonly used: number; readonly peak: number } {
    return { used: this.#cache.rows * this.#cache.bucket, peak: this.#cache.peak };
  }

  /** Whether there is a row, and room for the longest possible text of all rows then. */
  fits(sequence: Sequence): boolean {
    const rows = this.#sequences.length + 1;
    const longest = Math.max(sequence.mostTokens, ...this.#sequences.map(({ mostTokens }) => mostTokens));
    return rows <= this.#maxRows && rows * bucketFor(longest) <= this.#cache.capacity;
  }

  /** Takes a sequence in, whose prompt is computed in row 0 of another cache. */
  join(sequence: Sequence, computed: KvCache): void {
    this.#cache.resize(Math.max(this.#cache.bucket, bucketFor(computed.length(0) + 1)));
    this.#cache.copyRow(this.#cache.addRow(), computed, 0);
    this.#sequences.push(sequence);
  }

  /** Lets go of the sequences for which `over` says so. */
  release(over: (sequence: Sequence) => boolean): readonly Sequence[] {
    const released: Sequence[] = [];
    for (let row = this.#sequences.length - 1; row >= 0; row--) {
      const sequence = this.#sequences[row];
      if (!sequence || !over(sequence)) continue;
      released.push(sequence);
      if (sequence.failed) this.#cache.wipe(row);
      const moved = this.#cache.removeRow(row);
      const last = this.#sequences.pop();
      if (moved !== undefined && last) this.#sequences[row] = last;
    }
    // Asked after every step: a bucket that a proposal has enlarged is needed again soon, and moving rows twice costs.
    if (released.length > 0) this.#cache.resize(bucketFor(this.#cache.longest));
    return released;
  }

  /** Lets go of all at once, at a close; the cache is not touched, for the model may be reading it. */
  abandon(): readonly Sequence[] {
    return this.#sequences.splice(0);
  }

  /**
   * Computes the next token of every row, or of a row that is alone as many as come true of what it proposes. Hands each
   * row's logits to `advance`, which says whether the text is over; a row that was given up meanwhile is passed over.
   */
  async step(advance: (sequence: Sequence, logits: Float32Array) => boolean): Promise<number> {
    const sequences = [...this.#sequences];
    const [alone] = sequences;
    // Rows of one run bring equally many tokens, and neighbours would compute in vain what only one row proposes.
    const proposed = this.#speculate && sequences.length === 1 && alone ? alone.propose() : [];
    const tokens = sequences.map((sequence) => [sequence.lastToken, ...proposed]);
    const width = 1 + proposed.length;
    const { logits, present } = await this.#runner.run(
      this.#cache,
      tokens,
      Array.from({ length: sequences.length * width }, (_, i) => i),
    );
    // Closed while the model computed: nobody is left to tell.
    if (this.#sequences.length === 0) return 0;
    this.#cache.resize(bucketFor(this.#cache.longest + width));
    const size = this.#runner.shape.vocabulary;
    let drawn = 0;
    sequences.forEach((sequence, row) => {
      const rowLogits = (i: number) =>
        logits.subarray((row * width + i) * size, (row * width + i + 1) * size);
      const count = advanceWhileRight(sequence, proposed, rowLogits, advance);
      this.#cache.append(row, present, row, width, Math.max(1, count));
      drawn += count;
    });
    if (alone && proposed.length > 0) alone.learn(proposed.length, Math.max(0, drawn - 1));
    return drawn;
  }
}

/** Draws a token, and the next one from the next logits as long as the draw is what had been proposed. Tokens drawn. */
function advanceWhileRight(
  sequence: Sequence,
  proposed: readonly TokenId[],
  logits: (i: number) => Float32Array,
  advance: (sequence: Sequence, logits: Float32Array) => boolean,
): number {
  let drawn = 0;
  while (!sequence.aborted && drawn <= proposed.length) {
    const over = advance(sequence, logits(drawn));
    drawn++;
    if (over || sequence.lastToken !== proposed[drawn - 1]) break;
  }
  return drawn;
}
