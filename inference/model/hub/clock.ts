import { setTimeout as timeout } from 'node:timers/promises';

/** Time as the downloads see it: tests pass in one that they move by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since some moment, for spans of time: nobody sets it, and it never goes back. */
  monotonic(): number;
  /** @throws the signal's reason when it is aborted before the time is over. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(milliseconds, signal) {
    try {
      await timeout(milliseconds, undefined, signal ? { signal } : {});
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
