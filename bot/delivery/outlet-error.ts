import type { Milliseconds } from '../../inference/engine/engine.ts';

/**
 * Why a platform did not show something, in the terms in which delivery goes on:
 *
 * - `OUTLET_RATE_LIMITED`: too many calls; asked again after `retryAfterMs`.
 * - `OUTLET_FAILED`: may work later (5xx, a connection that was cut, no answer); asked again with growing pauses.
 * - `OUTLET_TOO_LONG`: the text does not fit after all; it is split again, with more room.
 * - `OUTLET_EXPIRED`: this message can be edited no more (its token is too old, its stream has died), but the target
 *   still takes posts; the reply goes on in a new message.
 * - `OUTLET_GONE`: nothing more can be shown there (deleted, no access); the turn is stopped.
 */
export type OutletErrorCode =
  | 'OUTLET_RATE_LIMITED'
  | 'OUTLET_FAILED'
  | 'OUTLET_TOO_LONG'
  | 'OUTLET_EXPIRED'
  | 'OUTLET_GONE';

export interface OutletErrorOptions {
  /** The platform's own error. */
  readonly cause?: unknown;
  /** Only with `OUTLET_RATE_LIMITED`: the platform's Retry-After. */
  readonly retryAfterMs?: Milliseconds;
}

/** What adapters translate a platform's refusals into. */
export class OutletError extends Error {
  readonly code: OutletErrorCode;
  readonly retryAfterMs: Milliseconds | undefined;

  /** @param message for the log: what was tried, what the platform said, and what whoever runs the bot can do. */
  constructor(code: OutletErrorCode, message: string, { cause, retryAfterMs }: OutletErrorOptions = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'OutletError';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
