import type { Clock } from '../../../../inference/model/hub/clock.ts';
import type { RetryNotice } from '../../../../inference/model/hub/retry.ts';

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now = 0;
  #epoch = Date.parse('2026-11-01T00:00:00Z');
  readonly #sleepers = new Set<Sleeper>();
  /** How long each wait between attempts was, where `passWaits` is in use. */
  readonly waits: number[] = [];
  readonly reasons: string[] = [];

  now(): number {
    return this.#epoch + this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  /** Somebody sets the machine's clock: no time passes. */
  set(milliseconds: number): void {
    this.#epoch += milliseconds;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const giveUp = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const sleeper = { due: this.#now + milliseconds, wake };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#sleepers.add(sleeper);
    });
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const sleeper of [...this.#sleepers].sort((a, b) => a.due - b.due)) {
      if (sleeper.due > this.#now) break;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }

  /** For `onRetry`: the wait between attempts passes at once, and is written down. */
  readonly passWaits = ({ error, waitMs }: RetryNotice): void => {
    this.waits.push(waitMs);
    this.reasons.push(error.code);
    // The attempt falls asleep after this call.
    setImmediate(() => this.advance(waitMs));
  };
}
