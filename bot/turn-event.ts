import type { EndReason, GenerateResult, Milliseconds } from '../inference/engine/engine.ts';

/**
 * What happens to a turn, in order, as plain data. The last event is always one `final` or one `failed`, and the deltas
 * joined are its text.
 */
export type TurnEvent =
  /** `model`: it is still being loaded. `turn`: an earlier request of the same conversation goes first. */
  | { readonly type: 'waiting'; readonly for: 'model' | 'turn' }
  /** The place in the engine's queue, sent again whenever it changes. */
  | { readonly type: 'queued'; readonly place: number; readonly estimatedWaitMs: Milliseconds }
  /** A passing line while there is nothing to show yet: "part 2 of 5". */
  | { readonly type: 'progress'; readonly text: string }
  | { readonly type: 'delta'; readonly text: string }
  /** One plain line beside the answer: what was not read, why it ends here, that there is none. */
  | { readonly type: 'notice'; readonly text: string }
  | {
      readonly type: 'final';
      readonly text: string;
      readonly reason: EndReason;
      /** Absent where the model had no part in it. */
      readonly result?: GenerateResult;
    }
  | {
      readonly type: 'failed';
      /** What people have seen of the answer. */
      readonly text: string;
      /** Stable; see `failure.ts`. */
      readonly code: string;
      /** What happened and what to do, for the person who asked. */
      readonly message: string;
    };
