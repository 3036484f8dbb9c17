import { chargeFor, draftWidth, type RunCosts } from './draft-width.ts';
import type { TokenId } from './engine.ts';
import type { GraphRunner } from './graph-runner.ts';
import { KvCache } from './kv-cache.ts';
import type { Sequence } from './sequence.ts';

/** Replies that are written in the same runs, one row each, and their keys and values. They join and leave between steps. */
export class Batch {
  readonly #runner: GraphRunner;
  readonly #cache: KvCache;
  readonly #costs: RunCosts | undefined;
  /** Row i of the cache belongs to sequences[i]. */
  readonly #sequences: Sequence[] = [];

  /**
   * @param capacity in tokens, rows × bucket.
   * @param costs What runs take, by which rows check likely tokens ahead; without them none does.
   */
  constructor(runner: GraphRunner, capacity: number, costs: RunCosts | undefined) {
    this.#runner = runner;
    this.#costs = costs;
    this.#cache = new KvCache(runner.shape, capacity);
  }

  get sequences(): readonly Sequence[] {
    return this.#sequences;
  }

  /** Tokens of keys and values in use, and the most that were. */
  get tokens(): { readonly used: number; readonly peak: number } {
    return { used: this.#cache.rows * this.#cache.bucket, peak: this.#cache.peak };
  }

  /** Takes a sequence in, whose tokens so far are computed in a row of another cache. */
  join(sequence: Sequence, computed: KvCache, row: number): void {
    const longest = Math.max(this.#cache.longest, computed.length(row));
    this.#cache.resize(this.#cache.bestBucket(longest + 1, this.#cache.rows + 1));
    this.#cache.copyRow(this.#cache.addRow(), computed, row);
    this.#sequences.push(sequence);
  }

  /** Hands those for which `which` says so over to another batch. */
  move(which: (sequence: Sequence) => boolean, other: Batch): void {
    this.#sequences.forEach((sequence, row) => {
      if (which(sequence)) other.join(sequence, this.#cache, row);
    });
    this.release(which);
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
    if (released.length > 0) this.#cache.resize(this.#cache.bestBucket(this.#cache.longest + 1));
    return released;
  }

  /** Lets go of all at once, at a close; the cache is not touched, for the model may be reading it. Those that have not ended. */
  abandon(): readonly Sequence[] {
    return this.#sequences.splice(0).filter(({ over }) => !over);
  }

  /**
   * Computes the next token of every row, and as many more as come true of what the rows propose. Hands each row's logits to
   * `advance`, which says whether the text is over; a row that was given up meanwhile is passed over. Tokens drawn.
   */
  async step(advance: (sequence: Sequence, logits: Float32Array) => boolean): Promise<number> {
    if (this.#sequences.length === 0) return 0;
    const sequences = [...this.#sequences];
    const costs = this.#costs;
    const proposals = costs ? sequences.map((sequence) => sequence.propose()) : [];
    const width = costs ? Math.min(draftWidth(proposals, costs), this.#roomAhead()) : 0;
    const drafts = sequences.map((_, row) => proposals[row]?.tokens.slice(0, width) ?? []);
    const plan = planOf(sequences, drafts, width);
    const needed = this.#cache.longest + 1 + width;
    if (needed > this.#cache.bucket) this.#cache.resize(this.#cache.bestBucket(needed));
    const { logits, present } = await this.#runner.run(this.#cache, plan.tokens, plan.wanted);
    // Closed while the model computed: nobody is left to tell.
    if (this.#sequences.length === 0) return 0;
    const size = this.#runner.shape.vocabulary;
    const logitsAt = (i: number) => logits.subarray(i * size, (i + 1) * size);
    const drawn = sequences.map((sequence, row) => {
      const first = plan.firstLogits[row] ?? 0;
      return advanceWhileRight(sequence, drafts[row] ?? [], (i) => logitsAt(first + i), advance);
    });
    drawn.forEach((count, row) => {
      // Of one that was given up meanwhile nobody has looked at the numbers: none, and they would spread when rows move.
      if (count > 0) this.#cache.append(row, present, row, 1 + width, count);
    });
    if (costs && width > 0) {
      const cost = chargeFor(proposals, width, costs);
      sequences.forEach((sequence, row) => {
        if (drafts[row]?.length) sequence.learn(cost, Math.max(0, (drawn[row] ?? 0) - 1));
      });
    }
    return drawn.reduce((sum, count) => sum + count, 0);
  }

  /** How many tokens more than one every row has places for, in the model's positions and in the cache: those that fill up take some, too. */
  #roomAhead(): number {
    return Math.min(this.#runner.shape.positions, this.#cache.largestBucket) - this.#cache.longest - 1;
  }
}

/** Each row's last token and its draft, filled up to one width, and which logits are wanted: none of what fills up. */
function planOf(sequences: readonly Sequence[], drafts: readonly (readonly TokenId[])[], width: number) {
  const wanted: number[] = [];
  const firstLogits: number[] = [];
  const tokens = sequences.map(({ lastToken }, row) => {
    const draft = drafts[row] ?? [];
    firstLogits.push(wanted.length);
    for (let i = 0; i <= draft.length; i++) wanted.push(row * (1 + width) + i);
    return [lastToken, ...draft, ...new Array<TokenId>(width - draft.length).fill(lastToken)];
  });
  return { tokens, wanted, firstLogits };
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
