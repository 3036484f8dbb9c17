import { InferenceError, type InferenceErrorCode } from '../inference/errors.ts';
import { TaskInputError } from '../inference/tasks/task.ts';
import { AttachmentError } from './attachment-error.ts';

export interface Failure {
  /** Stable: tests, logs and `--json` rely on it. */
  readonly code: string;
  /** For the person who asked. */
  readonly message: string;
  /** It belongs into the log: nothing that people do should lead to it. */
  readonly unexpected: boolean;
}

/** What can go wrong without anything being broken. Most of the engine's messages speak to whoever runs the bot; these speak to whoever asked. */
const TO_PEOPLE: Partial<Record<InferenceErrorCode, string>> = {
  PROMPT_TOO_LONG: 'That is more than this model can read at once. Make it shorter.',
  PROMPT_FAILED: 'The model failed on exactly that text, more than once. Ask in other words.',
  ENGINE_CLOSED: 'The bot is shutting down, so this answer ends here. Ask again when it is back.',
};

const NO_ENGINE =
  'The model is not running, so there is no answer. Whoever runs the bot finds the reason in its log.';
const UNKNOWN =
  'Something went wrong inside the bot, and its log says what. Ask again; if it goes on, tell whoever runs it.';

const FAULTS =
  /^(?:INTERNAL|INTERRUPTED|PROMPT_FAILED|REQUEST_INVALID|(?:CACHE|CHECKPOINT|COMPILE|ENGINE|HUB)_.*)$/u;

/** Whether a turn that failed so did because something is wrong with the bot, and not with what was asked. */
export function isFault(code: string): boolean {
  return FAULTS.test(code);
}

/** What to tell a person about an error. */
export function explain(error: unknown): Failure {
  if (error instanceof TaskInputError || error instanceof AttachmentError) {
    return { code: error.code, message: error.message, unexpected: false };
  }
  if (error instanceof InferenceError) {
    // A full queue is the one thing that the engine knows better: how long it takes.
    const message = error.code === 'QUEUE_FULL' ? error.message : TO_PEOPLE[error.code];
    return { code: error.code, message: message ?? NO_ENGINE, unexpected: message === undefined };
  }
  return { code: 'INTERNAL', message: UNKNOWN, unexpected: true };
}
