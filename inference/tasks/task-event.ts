import type { GenerateResult, Milliseconds, Seed, TokenId } from '../engine/engine.ts';
import type { Decoding, Prompt } from './task.ts';

/** A prompt with the decoding settled: with the seed, all that it takes to write the same answer again. */
export type TaskPrompt = Prompt & {
  readonly decoding: Decoding;
  /**
   * The prompt is made from so many answers of the model to earlier ones. Absent: it is made from the request alone, so
   * that the same request with another seed is this prompt with another seed.
   */
  readonly steps?: number;
};

/**
 * What happens while a task works, the same for every task:
 *
 * - `note`: one plain line beside the answer, before it or behind it.
 * - `progress`: a passing line about work that shows nothing yet; `remainingMs` is an estimate, where there is one.
 * - `prompt`: before the model is asked for an answer that is shown as it grows, so that a journal can record it. It
 *   comes once more when the answer was no good before anything of it was shown and is tried with another seed. `fill`
 *   and `choose` have none: interrupted, they begin again, and nothing was shown.
 * - `queued`: where the request stands while it waits.
 * - `delta`: what to show next, never empty, with the tokens drawn since the last delta and what the model wrote in them
 *   (which may hold echoes and text not shown yet).
 * - `final`: once, last; `text` is all deltas joined, the part shown before an interruption included, and empty when
 *   there is no answer (a note then says why, unless somebody stopped it). `written` is the same as the model wrote it
 *   behind the prompt: with the blanks in front, without a mark for a broken end.
 */
export type TaskEvent =
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'progress'; readonly text: string; readonly remainingMs?: Milliseconds }
  | ({ readonly type: 'prompt'; readonly seed?: Seed } & TaskPrompt)
  | { readonly type: 'queued'; readonly place: number; readonly estimatedWaitMs: Milliseconds }
  | {
      readonly type: 'delta';
      readonly text: string;
      readonly tokens: readonly TokenId[];
      readonly written: string;
    }
  | {
      readonly type: 'final';
      readonly text: string;
      readonly written: string;
      readonly result: GenerateResult;
    };

/** A turn that was interrupted, to go on where people saw it end: its last `prompt` event, and its `delta`s joined. */
export interface Interrupted {
  readonly prompt: TaskPrompt;
  readonly text: string;
  readonly tokens: readonly TokenId[];
  readonly written: string;
}

export interface RunOptions {
  /** Requests of one conversation wait in order. */
  readonly conversation: string;
  /** Drawn by the engine when absent; a turn that shall survive an interruption brings its own. */
  readonly seed?: Seed;
  /** Instead of the task's. */
  readonly maxNewTokens?: number;
  /**
   * Takes the place of the input: the prompt is not written again, and deltas bring only what is new. A prompt of which
   * nothing was shown is answered from its beginning.
   */
  readonly interrupted?: Interrupted;
  /** Another answer than the likeliest is wanted: what is usually decoded greedily is drawn. */
  readonly draw?: boolean;
  /** Monotonic; for progress and the times of answers that several prompts have made. */
  readonly now?: () => Milliseconds;
}
