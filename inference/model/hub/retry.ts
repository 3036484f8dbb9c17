import type { Clock } from './clock.ts';
import { HubError } from './hub-error.ts';

/** Attempts in a row without a single new byte before the download gives up: with the waits below about two minutes. */
const MOST_FAILURES = 8;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** A server that wants more patience than this gets an honest end instead of a bot that seems to hang. */
const LONGEST_WAIT_ASKED_MS = 10 * 60_000;

/** Told before each wait, for a line like "The connection was cut; trying again in 4 s". */
export interface RetryNotice {
  readonly error: HubError;
  readonly waitMs: number;
}

export interface RetryOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1); spreads the attempts of many bots that lost the same server. */
  readonly random: () => number;
  readonly signal?: AbortSignal | undefined;
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
  /** `false`: a missing network is final, for the first contact. */
  readonly waitForNetwork: boolean;
}

/**
 * Repeats an attempt while its failures are passing ones, waiting twice as long each time, or as long as the server asks.
 * An attempt that calls `progressed` starts the count anew: a bad line that still moves arrives in the end.
 *
 * @throws the last attempt's error
 */
export async function withRetries<T>(
  attempt: (progressed: () => void) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await attempt(() => {
        failures = 0;
      });
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof HubError) || error.retry === 'no') throw error;
      if (error.retry === 'offline' && !options.waitForNetwork) throw error;
      failures++;
      const waitMs = error.retryAfterMs ?? backoff(failures, options.random);
      if (waitMs > LONGEST_WAIT_ASKED_MS) throw tooLong(error, waitMs);
      if (failures >= MOST_FAILURES) throw givenUp(error, failures);
      options.onRetry?.({ error, waitMs });
      await options.clock.sleep(waitMs, options.signal);
    }
  }
}

function backoff(failures: number, random: () => number): number {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
  return wait * (0.5 + random() / 2);
}

function givenUp(error: HubError, failures: number): HubError {
  return new HubError(error.code, `${error.message} Tried ${failures} times.`, { cause: error });
}

function tooLong(error: HubError, waitMs: number): HubError {
  const minutes = Math.ceil(waitMs / 60_000);
  return new HubError(error.code, `${error.message} It asks for a pause of ${minutes} minutes.`, {
    cause: error,
  });
}
