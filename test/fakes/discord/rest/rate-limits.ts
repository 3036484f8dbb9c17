import { createHash } from 'node:crypto';
import type { RouteName } from './routes/all-routes.ts';

export interface LimitRule {
  readonly limit: number;
  readonly windowMs: number;
}

export interface RateLimitOptions {
  /** Multiplies every window: 0.1 makes "5 in 5 s" "5 in 500 ms", so that tests need not wait. Default 1. */
  readonly scale?: number;
  readonly rules?: Partial<Record<RouteName, LimitRule>>;
  /** Requests a second over all routes. Default 50, as documented. */
  readonly globalPerSecond?: number;
  /** Edits of messages older than an hour, a channel. Discord does not say how many; default 5 a minute. */
  readonly oldEdits?: LimitRule;
}

/** What a bot measures on Discord; none of it is promised, so clients must read the headers. */
const measured: Partial<Record<RouteName, LimitRule>> = {
  'POST /channels/:channel/messages': { limit: 5, windowMs: 5_000 },
  'PATCH /channels/:channel/messages/:message': { limit: 5, windowMs: 5_000 },
  'DELETE /channels/:channel/messages/:message': { limit: 5, windowMs: 1_000 },
  'GET /channels/:channel/messages': { limit: 5, windowMs: 5_000 },
  'POST /channels/:channel/typing': { limit: 5, windowMs: 5_000 },
  'POST /webhooks/:application/:token': { limit: 5, windowMs: 2_000 },
  'PATCH /webhooks/:application/:token/messages/:message': { limit: 5, windowMs: 2_000 },
};

/**
 * A little under the second that clients count, whose seconds begin when they send and not when it arrives: a request
 * that was faster than the one before must not be one too many.
 */
const globalWindowMs = 900;

const anyOther: LimitRule = { limit: 50, windowMs: 1_000 };

/** A 429, and who caused it. */
export interface Limited {
  readonly retryAfterMs: number;
  readonly scope: 'user' | 'global' | 'shared';
  /** 30046 for edits of old messages. */
  readonly code?: number;
}

export interface Verdict {
  readonly limited?: Limited;
  /** `X-RateLimit-*`, which every answer of a limited route carries. */
  readonly headers: Readonly<Record<string, string>>;
}

interface Window {
  used: number;
  /** On the monotonic clock, in milliseconds. */
  endsAt: number;
}

/** Counts requests in fixed windows, one for each route and top-level resource, and one for everything. */
export class RateLimits {
  readonly #windows = new Map<string, Window>();
  readonly #options: RateLimitOptions;
  readonly #now: () => number;

  /** @param now the monotonic clock in milliseconds; real time, because clients wait in real time */
  constructor(options: RateLimitOptions, now: () => number = () => performance.now()) {
    this.#options = options;
    this.#now = now;
  }

  /** Interaction callbacks are limited by nothing. */
  take(route: RouteName, majorParameter: string): Verdict {
    if (route.startsWith('POST /interactions/')) return { headers: {} };
    const global = this.#count('global', {
      limit: this.#options.globalPerSecond ?? 50,
      windowMs: globalWindowMs,
    });
    if (global.over) return { limited: { retryAfterMs: global.leftMs, scope: 'global' }, headers: {} };
    const rule = this.#scaled(this.#options.rules?.[route] ?? measured[route] ?? anyOther);
    const { over, used, leftMs } = this.#count(`${route} ${majorParameter}`, rule);
    const headers = {
      'X-RateLimit-Limit': String(rule.limit),
      'X-RateLimit-Remaining': String(Math.max(0, rule.limit - used)),
      'X-RateLimit-Reset': seconds(Date.now() + leftMs),
      'X-RateLimit-Reset-After': seconds(leftMs),
      'X-RateLimit-Bucket': createHash('md5').update(route).digest('hex'),
    };
    return over ? { limited: { retryAfterMs: leftMs, scope: 'user' }, headers } : { headers };
  }

  /** For an edit of a message that is older than an hour. */
  takeOldEdit(channelId: string): Limited | undefined {
    const rule = this.#scaled(this.#options.oldEdits ?? { limit: 5, windowMs: 60_000 });
    const { over, leftMs } = this.#count(`old edits ${channelId}`, rule);
    return over ? { retryAfterMs: leftMs, scope: 'shared', code: 30046 } : undefined;
  }

  #scaled({ limit, windowMs }: LimitRule): LimitRule {
    return { limit, windowMs: windowMs * (this.#options.scale ?? 1) };
  }

  #count(
    key: string,
    rule: LimitRule,
  ): { readonly over: boolean; readonly used: number; readonly leftMs: number } {
    const now = this.#now();
    let window = this.#windows.get(key);
    if (!window || window.endsAt <= now) {
      this.#forgetEnded(now);
      window = { used: 0, endsAt: now + rule.windowMs };
      this.#windows.set(key, window);
    }
    const over = window.used >= rule.limit;
    if (!over) window.used += 1;
    return { over, used: window.used, leftMs: window.endsAt - now };
  }

  /** Interaction tokens make windows that nobody asks for again. */
  #forgetEnded(now: number): void {
    if (this.#windows.size < 1_000) return;
    for (const [key, window] of this.#windows) if (window.endsAt <= now) this.#windows.delete(key);
  }
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
