import type { JsonObject } from '../json.ts';

/** What goes wrong with a call. */
export type Failure =
  /** `ok: false`, with more fields where Slack has them (`needed`, `provided`). */
  | { readonly kind: 'error'; readonly error: string; readonly details?: JsonObject }
  | { readonly kind: 'rate-limit'; readonly retryAfterSeconds: number }
  | { readonly kind: 'status'; readonly status: number; readonly body?: string }
  /** The connection ends: before Slack did anything, after it did, or in the middle of the answer. */
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' | 'mid-answer' }
  /** Done at once, answered late. */
  | { readonly kind: 'slow'; readonly milliseconds: number };

/** Stops the calls to a method at Slack's door until it is released. */
export interface Hold {
  /** Resolves when the first call has arrived. */
  readonly arrived: Promise<void>;
  /** Lets the calls pass that wait, and all later ones. */
  release(): void;
}

interface Planned {
  readonly failure: Failure;
  times: number;
}

/** Failures on demand, by method; `*` stands for every method. */
export class Faults {
  readonly #planned = new Map<string, Planned[]>();
  readonly #holds = new Map<string, { arrive: () => void; released: Promise<void> }>();

  failNext(method: string, failure: Failure, times = 1): void {
    this.#planned.set(method, [...(this.#planned.get(method) ?? []), { failure, times }]);
  }

  /** @returns what ends it. */
  failAlways(method: string, failure: Failure): () => void {
    const planned: Planned = { failure, times: Number.POSITIVE_INFINITY };
    this.#planned.set(method, [...(this.#planned.get(method) ?? []), planned]);
    return () => {
      planned.times = 0;
    };
  }

  hold(method: string): Hold {
    let arrive = () => {};
    let release = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#holds.set(method, { arrive, released });
    return {
      arrived,
      release: () => {
        this.#holds.delete(method);
        release();
      },
    };
  }

  /** Waits where the method is held. */
  async pass(method: string): Promise<void> {
    const held = this.#holds.get(method);
    if (held === undefined) return;
    held.arrive();
    await held.released;
  }

  next(method: string): Failure | undefined {
    for (const name of [method, '*']) {
      const planned = (this.#planned.get(name) ?? []).find((candidate) => candidate.times > 0);
      if (planned === undefined) continue;
      planned.times -= 1;
      return planned.failure;
    }
    return undefined;
  }
}
