import type { Milliseconds } from './engine/engine.ts';
import { InferenceError } from './errors.ts';
import { isShortage } from './shortage.ts';

/** Pauses before the process is started again: at once after a first crash, slower when it keeps crashing. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** When people are no longer kept waiting, so that a start that cannot succeed takes little of the machine. */
const PAUSE_WHILE_DOWN_MS = 30_000;
/** A process that lived this long had nothing wrong with it from the start: the next pause is short again. */
const HEALTHY_MS = 30_000;
/** Starts that fail in a row until people are told: some six seconds when each fails at once, a minute when each loads for long. */
export const FAILED_STARTS_UNTIL_DOWN = 6;

/** When a process that has worked is started again, and from when on nobody is to wait for it. */
export class RestartPolicy {
  #pause: Milliseconds = FIRST_PAUSE_MS;
  #failedStarts = 0;

  /** Starts that failed since a process was last ready. */
  get failedStarts(): number {
    return this.#failedStarts;
  }

  /** A process is ready. */
  started(): void {
    this.#failedStarts = 0;
    this.#pause = Math.min(this.#pause, LONGEST_PAUSE_MS);
  }

  /** The pause behind a process that was ready, and lived for so long. */
  afterLife(lived: Milliseconds): Milliseconds {
    return lived > HEALTHY_MS ? this.#pauseOf(FIRST_PAUSE_MS) : this.#pauseOf(this.#pause * 2);
  }

  /** The pause behind a process that was never ready. */
  afterFailedStart(): Milliseconds {
    this.#failedStarts++;
    return this.#pauseOf(this.#pause * 2);
  }

  #pauseOf(wanted: Milliseconds): Milliseconds {
    const longest = this.#failedStarts < FAILED_STARTS_UNTIL_DOWN ? LONGEST_PAUSE_MS : PAUSE_WHILE_DOWN_MS;
    this.#pause = Math.min(wanted, longest);
    return this.#pause;
  }
}

/** Whether no other start can succeed before somebody mends the model's files; what the machine lacks may be there in a moment. */
export function isLasting(error: unknown): boolean {
  return error instanceof InferenceError && error.code.startsWith('CHECKPOINT_') && !isShortage(error.cause);
}
