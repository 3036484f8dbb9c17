import { type HubErrorCode, InferenceError } from '../../errors.ts';

/**
 * Whether trying again can help: `no` (the answer would be the same), `yes` (a passing fault), `offline` (there seems to
 * be no way to the host: worth waiting for in the middle of a download, not before its beginning).
 */
export type Retry = 'no' | 'yes' | 'offline';

export interface HubErrorOptions extends ErrorOptions {
  readonly retry?: Retry;
  /** What the server asked for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * Something went wrong between the hub and the cache.
 *
 * | code | meaning |
 * |---|---|
 * | `HUB_ID_INVALID` | not the form of a hub id |
 * | `HUB_HOST_INVALID` | the host's address is not one |
 * | `HUB_OFFLINE` | it is not in the cache, and the settings forbid the network |
 * | `HUB_UNREACHABLE` | no connection, or it broke or fell silent too often |
 * | `HUB_NOT_FOUND` | no such repository, revision or file |
 * | `HUB_UNAUTHORIZED` | it exists, and the token (or its absence) does not open it |
 * | `HUB_UNAVAILABLE` | the hub says that it cannot now (429, 5xx), too often |
 * | `HUB_UNEXPECTED` | an answer that no hub gives: a proxy or a login page, most likely |
 * | `HUB_CHANGED` | the repository changed in the middle, twice |
 * | `HUB_CORRUPT` | what arrived is not what was announced, twice |
 * | `HUB_NO_SPACE` | the disk has too little room, seen before the download |
 * | `HUB_DISK_FULL` | the disk became full in the middle |
 * | `HUB_CACHE_UNWRITABLE` | the cache folder cannot be written |
 * | `HUB_LOCK_LOST` | another process took the download over while this one stood still |
 */
export class HubError extends InferenceError {
  declare readonly code: HubErrorCode;
  readonly retry: Retry;
  readonly retryAfterMs: number | undefined;

  constructor(code: HubErrorCode, message: string, options: HubErrorOptions = {}) {
    super(code, message, options);
    this.name = 'HubError';
    this.retry = options.retry ?? 'no';
    this.retryAfterMs = options.retryAfterMs;
  }
}
