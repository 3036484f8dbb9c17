import type { Milliseconds } from '../../inference/engine/engine.ts';
import type { Clock } from '../clock.ts';

/** Without words for so long, people get a line that says what is waited for. */
const PATIENCE_MS = 2_000;

/** After a failure, and twice as long after each further one in a row. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Where calls are numbered: the last edit and one more page are kept free, and the few before them spread out. */
const KEPT_CALLS = 2;
const SPARSE_MS = 3_000;

/** When one reply may make its next call, as far as that is its own business and not that of a budget. */
export class ReplyPace {
  readonly #clock: Clock;
  readonly #mostCalls: number;
  readonly #startedAt: Milliseconds;
  #calls = 0;
  #lastCallAt = Number.NEGATIVE_INFINITY;
  #notBefore = Number.NEGATIVE_INFINITY;
  #failuresInARow = 0;

  /** @param mostCalls absent: any number. */
  constructor(clock: Clock, mostCalls = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#mostCalls = mostCalls;
    this.#startedAt = clock.now();
  }

  /** No call is left. */
  get exhausted(): boolean {
    return this.#calls >= this.#mostCalls;
  }

  /**
   * The moment from which on the next call may be made; infinity: not before the end.
   *
   * @param early it would be the first, and there is not much to show.
   */
  due({ ended, early }: { readonly ended: boolean; readonly early: boolean }): Milliseconds {
    if (ended) return this.#notBefore;
    if (early) return Math.max(this.#notBefore, this.#startedAt + PATIENCE_MS);
    if (this.#mostCalls === Number.POSITIVE_INFINITY) return this.#notBefore;
    if (this.#mostCalls - this.#calls <= KEPT_CALLS) return Number.POSITIVE_INFINITY;
    return Math.max(this.#notBefore, this.#lastCallAt + SPARSE_MS);
  }

  called(): void {
    this.#calls += 1;
    this.#lastCallAt = this.#clock.now();
  }

  succeeded(): void {
    this.#failuresInARow = 0;
  }

  /** Something that may work later: after a pause. */
  failed(): void {
    const pause = FIRST_PAUSE_MS * 2 ** this.#failuresInARow;
    this.#notBefore = this.#clock.now() + Math.min(LONGEST_PAUSE_MS, pause);
    this.#failuresInARow += 1;
  }

  /** There were too many calls; this one does not count. */
  refused(pause: Milliseconds): void {
    this.#calls -= 1;
    this.#notBefore = this.#clock.now() + pause;
  }
}
