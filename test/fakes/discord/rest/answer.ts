import type { ServerResponse } from 'node:http';
import type { Limited } from './rate-limits.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** A 5xx as the edge in front of Discord sends it: not JSON, except for 500. */
export function failure(status: number): Answer {
  if (status === 500) return jsonAnswer(500, { message: '500: Internal Server Error', code: 0 });
  return { status, headers: { 'Content-Type': 'text/plain' }, body: 'upstream connect error' };
}

/**
 * A 429. `Retry-After` comes in whole seconds, rounded up; below one second the fake keeps the fraction, so that tests
 * with short windows stay short.
 */
export function tooManyRequests(
  { retryAfterMs, scope, code }: Limited,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const seconds = Math.max(retryAfterMs, 1) / 1000;
  const body = {
    message: 'You are being rate limited.',
    retry_after: Number(seconds.toFixed(3)),
    global: scope === 'global',
    ...(code === undefined ? {} : { code }),
  };
  return jsonAnswer(429, body, {
    ...headers,
    'Retry-After': seconds < 1 ? seconds.toFixed(3) : String(Math.ceil(seconds)),
    'X-RateLimit-Scope': scope,
    ...(scope === 'global' ? { 'X-RateLimit-Global': 'true' } : {}),
    Via: '1.1 google',
  });
}

/** Writes the whole answer, or half of it and then no more. */
export function send(
  response: ServerResponse,
  answer: Answer,
  cutInTheMiddle: 'end' | 'reset' | undefined,
): void {
  const body = Buffer.from(answer.body ?? '');
  const length = answer.status === 204 ? {} : { 'Content-Length': String(body.byteLength) };
  response.writeHead(answer.status, { ...answer.headers, ...length });
  if (!cutInTheMiddle) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, Math.floor(body.byteLength / 2)), () => {
    drop(response, cutInTheMiddle);
  });
}

/** Ends the connection without a word, in an orderly way or with a reset. */
export function drop(response: ServerResponse, how: 'end' | 'reset'): void {
  if (how === 'reset') response.socket?.resetAndDestroy();
  else response.socket?.destroy();
}
