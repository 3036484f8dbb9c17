import type { Milliseconds } from '../../inference/engine/engine.ts';

/**
 * What a call is for, the most urgent first. `final`: the reply is complete, and people wait for the rest of it.
 * `post`: first words, or the next page. `growth`: more of what can be read already.
 */
export type Urgency = 'final' | 'post' | 'growth';

export interface WindowLimits {
  /** At most so many calls … */
  readonly calls: number;
  /** … in any stretch of so long. */
  readonly perMs: Milliseconds;
}

/** What growth leaves free, so that a final edit or the first words of another reply need not wait. */
const RESERVED_SHARE = 1 / 5;

/** Faster than this nobody sees the steps, and every one is a call that others could have used. */
const SHORTEST_GROWTH_GAP_MS = 300;

/** A full window may keep growth waiting for its first call to end, but not for much longer than this. */
const LONGEST_STALL_MS = 2_000;

/** After a 429 half of the calls are used, at least an eighth, and with every full stretch an eighth more. */
const SHARE_AFTER_LIMIT = 1 / 2;
const SMALLEST_SHARE = 1 / 8;
const RECOVERED_EACH_STRETCH = 1 / 8;

/**
 * Keeps a budget of calls: in no stretch of time more of them than allowed. A call counts from its beginning until the
 * stretch after its answer, because nobody knows when within that time the platform has counted it. Knows no timers:
 * every question comes with its moment.
 */
export class CallWindow {
  readonly #limits: WindowLimits;
  #inFlight = 0;
  /** When each finished call that still counts stops counting; ascending. */
  #countUntil: Milliseconds[] = [];
  #lastGrowth = Number.NEGATIVE_INFINITY;
  #closedUntil = Number.NEGATIVE_INFINITY;
  /** The share of the calls that is used, and since when; it grows from there. */
  #share = 1;
  #shareSince = Number.NEGATIVE_INFINITY;
  #slowedAt = Number.NEGATIVE_INFINITY;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  /**
   * When a call may begin, as far as is known now: `now` means at once, infinity that a running call has to be answered
   * first. More urgent calls never have to wait longer than less urgent ones.
   */
  opensAt(urgency: Urgency, now: Milliseconds): Milliseconds {
    const endings = this.#countUntil.filter((until) => until > now);
    const calls = this.#calls(now);
    const allowed = urgency === 'growth' ? withoutReserve(calls) : calls;
    for (let ended = 0; ended <= endings.length; ended += 1) {
      // From here on, until the next call stops counting, so many count:
      const from = endings[ended - 1] ?? now;
      const used = this.#inFlight + endings.length - ended;
      if (used >= allowed) continue;
      const paced = urgency === 'growth' ? this.#lastGrowth + this.#growthGap(used, allowed) : now;
      const at = Math.max(from, paced, this.#closedUntil);
      if (at < (endings[ended] ?? Number.POSITIVE_INFINITY)) return at;
    }
    return Number.POSITIVE_INFINITY;
  }

  begin(urgency: Urgency, now: Milliseconds): void {
    this.#countUntil = this.#countUntil.filter((until) => until > now);
    this.#inFlight += 1;
    if (urgency === 'growth') this.#lastGrowth = now;
  }

  /** A call was answered, in whatever way. */
  settle(now: Milliseconds): void {
    this.#inFlight -= 1;
    this.#countUntil.push(now + this.#limits.perMs);
  }

  /** A call was never made. */
  unused(): void {
    this.#inFlight -= 1;
  }

  /**
   * The platform said that there were too many calls. Nothing begins before `retryAfterMs` is over, and less of the
   * budget is used for a while.
   *
   * @param begun when the refused call began: calls of one burst that are refused together slow the pace down once.
   */
  refused(begun: Milliseconds, retryAfterMs: Milliseconds, now: Milliseconds): void {
    this.#closedUntil = Math.max(this.#closedUntil, now + retryAfterMs);
    if (begun >= this.#slowedAt) {
      this.#share = Math.max(SMALLEST_SHARE, this.#shareAt(now) * SHARE_AFTER_LIMIT);
      this.#slowedAt = now;
    }
    this.#shareSince = this.#closedUntil;
  }

  /** Nothing is known of it any more that a new window would not know. */
  idle(now: Milliseconds): boolean {
    const counts = this.#countUntil.some((until) => until > now);
    return this.#inFlight === 0 && !counts && now >= this.#closedUntil && this.#shareAt(now) === 1;
  }

  #calls(now: Milliseconds): number {
    return Math.max(1, Math.floor(this.#limits.calls * this.#shareAt(now)));
  }

  #shareAt(now: Milliseconds): number {
    const stretches = Math.max(0, Math.floor((now - this.#shareSince) / this.#limits.perMs));
    return Math.min(1, this.#share + stretches * RECOVERED_EACH_STRETCH);
  }

  /**
   * In proportion to how full the window is: short while it is empty, so that the first words of a reply grow fast. Gaps
   * that end at `slowest` times an even pace fill a window in half as many stretches, which is soon enough for short
   * stretches, and late enough for long ones to have their first calls back.
   */
  #growthGap(used: number, allowed: number): Milliseconds {
    const { perMs } = this.#limits;
    const slowest = 2 * Math.max(0, 1 - LONGEST_STALL_MS / perMs);
    const even = perMs / allowed;
    return Math.max(SHORTEST_GROWTH_GAP_MS, (even * slowest * used) / allowed);
  }
}

function withoutReserve(calls: number): number {
  return Math.max(1, calls - Math.floor(calls * RESERVED_SHARE));
}
