import { HubError } from './hub-error.ts';
import type { HubFile } from './hub-file.ts';

/** Statuses that pass by themselves. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** The hub's explanation may be shown; a page of HTML may not. */
const LONGEST_EXPLANATION = 200;

export interface RefusalContext {
  readonly file: HubFile;
  /** The host that refused, as people know it. */
  readonly host: string;
  /** The storage behind the hub refused, not the hub. */
  readonly elsewhere: boolean;
  readonly hasToken: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * An answer that is neither the file nor a redirect, as an error that says what to do.
 *
 * The hub names its reasons in `X-Error-Code` and `X-Error-Message`. Without a token it answers 401 for repositories that
 * do not exist as well as for private ones, so that nobody learns which exist.
 */
export function refusal(response: Response, context: RefusalContext): HubError {
  const { file, host, hasToken } = context;
  const { status, headers } = response;
  const reason = headers.get('x-error-code') ?? '';
  const explanation = (headers.get('x-error-message') ?? '').slice(0, LONGEST_EXPLANATION);
  const answered = `${host} answered ${status}${explanation === '' ? '' : ` (${explanation})`}`;

  if (PASSING.has(status)) {
    const why = status === 429 ? 'too many requests' : 'it cannot serve the file at the moment';
    return new HubError('HUB_UNAVAILABLE', `${answered}: ${why}. Try again later.`, {
      retry: 'yes',
      retryAfterMs: waitAskedFor(headers, context.now),
    });
  }
  if (context.elsewhere) {
    // Links to the storage are signed and run out; the next attempt asks the hub for a fresh one.
    return new HubError('HUB_UNAVAILABLE', `The hub's storage ${answered}. Try again later.`, {
      retry: 'yes',
    });
  }
  if (reason === 'GatedRepo') {
    const next = hasToken
      ? `The account of HF_TOKEN has no access: open ${host}/${file.id} with it and accept the terms.`
      : `Open ${host}/${file.id}, accept its terms, and set HF_TOKEN to a token of that account.`;
    return new HubError('HUB_UNAUTHORIZED', `${file.id} is gated: ${answered}. ${next}`);
  }
  if (reason === 'EntryNotFound') {
    return new HubError(
      'HUB_NOT_FOUND',
      `${file.id} has no file ${file.path} at ${file.revision}. Choose another model.`,
    );
  }
  if (reason === 'RevisionNotFound') {
    return new HubError(
      'HUB_NOT_FOUND',
      `${file.id} has no revision ${file.revision}. Choose another one, or leave it out.`,
    );
  }
  if (status === 401 && /invalid credentials/i.test(explanation)) {
    return new HubError(
      'HUB_UNAUTHORIZED',
      `${answered}: HF_TOKEN is not valid there. Make a new one, or unset it.`,
    );
  }
  if (reason === 'RepoNotFound') {
    const next = hasToken
      ? 'it does not exist, or HF_TOKEN does not open it. Check the spelling.'
      : 'it does not exist, or it is private. Check the spelling; for a private one set HF_TOKEN.';
    return new HubError('HUB_NOT_FOUND', `${file.id} was not found on ${host}: ${next}`);
  }
  if (status === 401 || status === 403) {
    const next = hasToken ? 'HF_TOKEN does not open it.' : 'Set HF_TOKEN if you have access.';
    return new HubError('HUB_UNAUTHORIZED', `${answered} for ${file.id}/${file.path}. ${next}`);
  }
  if (status === 404 || status === 410) {
    return new HubError(
      'HUB_NOT_FOUND',
      `${answered}: there is no ${file.id}/${file.path} at ${file.revision}.`,
    );
  }
  return new HubError(
    'HUB_UNEXPECTED',
    `${answered} for ${file.id}/${file.path}, which is not how a hub answers. Check MODEL_HOST, and whether a proxy is in between.`,
  );
}

/**
 * Milliseconds to wait as `Retry-After` (seconds, or a date) or the hub's `RateLimit` (`"resolvers";r=0;t=55`, IETF draft
 * ratelimit-headers) asks for.
 */
function waitAskedFor(headers: Headers, now: number): number | undefined {
  const asked = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(asked)) return Number(asked) * 1000;
  const date = Date.parse(asked);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  const limit = headers.get('ratelimit')?.match(/\br\s*=\s*0\b.*\bt\s*=\s*(\d+)/);
  return limit ? Number(limit[1]) * 1000 : undefined;
}
