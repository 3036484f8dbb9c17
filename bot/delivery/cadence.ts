import type { Milliseconds } from '../../inference/engine/engine.ts';
import type { Clock } from '../clock.ts';
import type { CallBudget } from '../ports.ts';
import { CallWindow, type Urgency } from './call-window.ts';

export type { Urgency } from './call-window.ts';

/** Permission for one call, counted from the moment it is given; exactly one of the three ends it. */
export interface Call {
  /** It was answered, in whatever way but the next. */
  settle(): void;
  /** The platform said: too many calls. */
  refuse(retryAfterMs: Milliseconds | undefined): void;
  /** There was nothing to call for any more. */
  release(): void;
}

/** A place in the line for a call. */
export interface Place {
  /** Undefined: the place was left. */
  readonly call: Promise<Call | undefined>;
  /** It has become more urgent. */
  hurry(urgency: Urgency): void;
  leave(): void;
}

interface Waiting {
  urgency: Urgency;
  readonly admit: (call: Call | undefined) => void;
}

const MOST_URGENT_FIRST: readonly Urgency[] = ['final', 'post', 'growth'];

/** How often lanes that nobody uses any more are looked for. */
const SWEEP_MS = 60_000;

/**
 * Who may call a platform when: every budget is kept by all replies together. The most urgent goes first, and among
 * equals the one that has waited longest, so that replies in one channel grow in turns.
 */
export class Cadence {
  readonly #clock: Clock;
  readonly #lanes = new Map<string, Lane>();
  #sweptAt: Milliseconds;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sweptAt = clock.now();
  }

  /** @param budget absent: nothing limits the calls. */
  queue(budget: CallBudget | undefined, urgency: Urgency): Place {
    return budget ? this.#lane(budget).queue(urgency) : UNLIMITED;
  }

  /** How many budgets are being kept: those used lately. */
  get size(): number {
    return this.#lanes.size;
  }

  #lane(budget: CallBudget): Lane {
    this.#sweep();
    const known = this.#lanes.get(budget.key);
    if (known) return known;
    const lane = new Lane(budget, this.#clock);
    this.#lanes.set(budget.key, lane);
    return lane;
  }

  #sweep(): void {
    const now = this.#clock.now();
    if (now - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = now;
    for (const [key, lane] of this.#lanes) if (lane.idle) this.#lanes.delete(key);
  }
}

/** The line for one budget. */
class Lane {
  readonly #budget: CallBudget;
  readonly #clock: Clock;
  readonly #window: CallWindow;
  /** In the order of arrival. */
  readonly #waiting: Waiting[] = [];
  #cancelTimer: () => void = () => undefined;

  constructor(budget: CallBudget, clock: Clock) {
    this.#budget = budget;
    this.#clock = clock;
    this.#window = new CallWindow(budget);
  }

  get idle(): boolean {
    return this.#waiting.length === 0 && this.#window.idle(this.#clock.now());
  }

  queue(urgency: Urgency): Place {
    const { promise: call, resolve: admit } = deferred<Call | undefined>();
    const waiting: Waiting = { urgency, admit };
    this.#waiting.push(waiting);
    this.#admit();
    return {
      call,
      hurry: (now) => {
        if (rank(now) >= rank(waiting.urgency)) return;
        waiting.urgency = now;
        this.#admit();
      },
      leave: () => {
        if (!this.#remove(waiting)) return;
        admit(undefined);
        this.#admit();
      },
    };
  }

  /** Lets in whoever may go, and comes back when the next one may. */
  #admit(): void {
    this.#cancelTimer();
    for (let next = this.#next(); next; next = this.#next()) {
      const now = this.#clock.now();
      const opensAt = this.#window.opensAt(next.urgency, now);
      if (opensAt > now) {
        // A call that has to be answered first calls back itself.
        if (opensAt < Number.POSITIVE_INFINITY) {
          this.#cancelTimer = this.#clock.after(opensAt - now, () => this.#admit());
        }
        return;
      }
      this.#remove(next);
      next.admit(this.#begin(next.urgency));
    }
  }

  /** False when it has gone before. */
  #remove(waiting: Waiting): boolean {
    const at = this.#waiting.indexOf(waiting);
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }

  #next(): Waiting | undefined {
    for (const urgency of MOST_URGENT_FIRST) {
      const first = this.#waiting.find((waiting) => waiting.urgency === urgency);
      if (first) return first;
    }
    return undefined;
  }

  #begin(urgency: Urgency): Call {
    const begun = this.#clock.now();
    this.#window.begin(urgency, begun);
    return {
      settle: () => {
        this.#window.settle(this.#clock.now());
        this.#admit();
      },
      refuse: (retryAfterMs) => {
        const now = this.#clock.now();
        this.#window.settle(now);
        // Without a word from the platform, or one that says nothing: as long as one call takes at an even pace.
        const named = retryAfterMs !== undefined && retryAfterMs > 0;
        const pause = named ? retryAfterMs : this.#budget.perMs / this.#budget.calls;
        this.#window.refused(begun, pause, now);
        this.#admit();
      },
      release: () => {
        this.#window.unused();
        this.#admit();
      },
    };
  }
}

const UNLIMITED: Place = {
  call: Promise.resolve({ settle: () => undefined, refuse: () => undefined, release: () => undefined }),
  hurry: () => undefined,
  leave: () => undefined,
};

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function rank(urgency: Urgency): number {
  return MOST_URGENT_FIRST.indexOf(urgency);
}
