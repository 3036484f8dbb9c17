/**
 * The vocabulary of what can go wrong in this room. `code` is stable: logs, tests and adapters may rely on it;
 * `message` says what happened, why, and what to do next, in words a person can act on.
 */
export type InferenceErrorCode =
  | 'CHECKPOINT_NOT_FOUND'
  | 'CHECKPOINT_INVALID'
  | 'CHECKPOINT_UNSUPPORTED'
  | 'CACHE_UNWRITABLE'
  | 'COMPILE_FAILED'
  | 'ENGINE_FAILED'
  | 'ENGINE_DOWN'
  | 'ENGINE_CLOSED'
  | 'PROMPT_TOO_LONG'
  | 'PROMPT_FAILED'
  | 'QUEUE_FULL'
  | 'REQUEST_INVALID'
  | HubErrorCode;

/** What can go wrong between the hub and the cache; the class is `HubError` in `model/hub/hub-error.ts`. */
export type HubErrorCode =
  | 'HUB_ID_INVALID'
  | 'HUB_HOST_INVALID'
  | 'HUB_OFFLINE'
  | 'HUB_UNREACHABLE'
  | 'HUB_NOT_FOUND'
  | 'HUB_UNAUTHORIZED'
  | 'HUB_UNAVAILABLE'
  | 'HUB_UNEXPECTED'
  | 'HUB_CHANGED'
  | 'HUB_CORRUPT'
  | 'HUB_NO_SPACE'
  | 'HUB_DISK_FULL'
  | 'HUB_CACHE_UNWRITABLE'
  | 'HUB_LOCK_LOST';

export class InferenceError extends Error {
  readonly code: InferenceErrorCode;

  constructor(code: InferenceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InferenceError';
    this.code = code;
  }
}

/** An error as it crossed a process border: plain data. */
export function asError({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): InferenceError {
  return new InferenceError(code as InferenceErrorCode, message);
}
