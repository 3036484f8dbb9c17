import type { Milliseconds } from '../inference/engine/engine.ts';

/** Time as the bot sees it: tests pass in one that they move by hand. */
export interface Clock {
  /** Only differences count; never goes back. */
  now(): Milliseconds;
  /**
   * Calls back once, after at least so long.
   *
   * @returns what takes the call back; harmless when it has happened.
   */
  after(delay: Milliseconds, callback: () => void): () => void;
}

/** The longest that Node's timers can wait; with a longer delay they would not wait at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    // Node counts from the beginning of its loop's turn, in whole milliseconds, and so would be early by up to one.
    const timer = setTimeout(callback, Math.min(Math.ceil(delay) + 1, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
