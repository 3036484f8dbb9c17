import type { TestClock } from '../clock.ts';

export interface RateLimit {
  /** Calls that come back within `perMs`. */
  readonly calls: number;
  readonly perMs: number;
  /** Calls that may come at once after a pause; as many as `calls` when absent. */
  readonly burst?: number;
  /** What shares one budget. */
  readonly scope: 'workspace' | 'channel';
}

function tier(callsPerMinute: number): RateLimit {
  return { calls: callsPerMinute, perMs: 60_000, scope: 'workspace' };
}

export const TIER_2 = tier(20);
export const TIER_3 = tier(50);
export const TIER_4 = tier(100);
/** Slack promises one a second and tolerates short bursts; how short is not documented. */
export const MESSAGE_PER_SECOND: RateLimit = { calls: 1, perMs: 1_000, burst: 4, scope: 'channel' };

interface Bucket {
  tokens: number;
  at: number;
}

/** Token buckets, one for each method and scope. */
export class RateLimiter {
  readonly #clock: TestClock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: TestClock) {
    this.#clock = clock;
  }

  /** @returns the seconds of `Retry-After`, or 0 when the call may pass. */
  take(method: string, limit: RateLimit, channel: string | undefined): number {
    const key = limit.scope === 'channel' ? `${method} ${channel ?? ''}` : method;
    const capacity = limit.burst ?? limit.calls;
    const now = this.#clock.now();
    const bucket = this.#buckets.get(key) ?? { tokens: capacity, at: now };
    const perToken = limit.perMs / limit.calls;
    bucket.tokens = Math.min(capacity, bucket.tokens + (now - bucket.at) / perToken);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return Math.max(1, Math.ceil(((1 - bucket.tokens) * perToken) / 1000));
    bucket.tokens -= 1;
    return 0;
  }
}
