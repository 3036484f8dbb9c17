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
  | 'ENGINE_CLOSED'
  | 'PROMPT_TOO_LONG'
  | 'PROMPT_FAILED'
  | 'QUEUE_FULL'
  | 'REQUEST_INVALID';

export class InferenceError extends Error {
  readonly code: InferenceErrorCode;

  constructor(code: InferenceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InferenceError';
    this.code = code;
  }
}
