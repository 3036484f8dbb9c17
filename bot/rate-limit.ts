import type { Milliseconds } from '../inference/engine/engine.ts';

const MINUTE_MS = 60_000;

/** So many requests a minute for each of many people, in any minute. Knows no timers: every question comes with its moment. */
export class RateLimit {
  readonly #perMinute: number;
  /** When each person's requests of the last minute came; the person who asked last is last. */
  readonly #taken = new Map<string, readonly Milliseconds[]>();

  /** @param perMinute an integer; 0 sets no limit. */
  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /**
   * Takes one request into account, if it is within the limit.
   *
   * @param now of a clock that never goes back.
   * @returns how long to wait for the next one; undefined: this one is within the limit.
   */
  take(person: string, now: Milliseconds): Milliseconds | undefined {
    if (this.#perMinute === 0) return undefined;
    this.#forgetBefore(now - MINUTE_MS);
    const recent = (this.#taken.get(person) ?? []).filter((at) => at > now - MINUTE_MS);
    const [oldest] = recent;
    if (oldest !== undefined && recent.length >= this.#perMinute) return oldest + MINUTE_MS - now;
    this.#taken.delete(person);
    this.#taken.set(person, [...recent, now]);
    return undefined;
  }

  /** People of whom a request is remembered. */
  get size(): number {
    return this.#taken.size;
  }

  #forgetBefore(moment: Milliseconds): void {
    for (const [person, times] of this.#taken) {
      if ((times.at(-1) ?? moment) > moment) break;
      this.#taken.delete(person);
    }
  }
}
