import type { RouteName } from './routes/all-routes.ts';

/** Where a fault strikes: a route of the API, an attachment's download, or whatever comes next. */
export type FaultTarget = RouteName | 'download' | 'any';

export interface Fault {
  /** Answers with this status. A 429 takes `retryAfter` and `scope`. */
  readonly status?: number;
  /** In seconds; default 1. */
  readonly retryAfter?: number;
  /** Default `user`. */
  readonly scope?: 'user' | 'global' | 'shared';
  /**
   * Drops the connection: `before` the request is carried out, `after` it was carried out but before any answer, in
   * the `middle` of the answer. With `reset` as a TCP reset, which discord.js tries again; else as an orderly end,
   * which it reports.
   */
  readonly cut?: 'before' | 'after' | 'middle';
  readonly reset?: boolean;
  /** Carries the request out although `status` says that it failed. */
  readonly applied?: boolean;
  /** The answer waits for this. */
  readonly until?: Promise<unknown>;
  /** How many requests it hits; default 1. */
  readonly times?: number;
}

/** What goes wrong next, by route. Each fault strikes once, or `times` times, in the order in which they were asked for. */
export class Faults {
  readonly #waiting: { readonly target: FaultTarget; readonly fault: Fault; left: number }[] = [];

  add(target: FaultTarget, fault: Fault): void {
    this.#waiting.push({ target, fault, left: fault.times ?? 1 });
  }

  /** The fault for this request, used up. */
  take(target: RouteName | 'download'): Fault | undefined {
    const index = this.#waiting.findIndex((one) => one.target === target || one.target === 'any');
    const found = this.#waiting[index];
    if (!found) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.#waiting.splice(index, 1);
    return found.fault;
  }
}
