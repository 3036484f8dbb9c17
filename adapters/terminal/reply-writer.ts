import type { TurnEvent } from '../../bot/turn-event.ts';

/** Writes replies where no person types: for a pipe, a file or a program. */
export interface ReplyWriter {
  /** @param turn numbers the reply: the line of the input that it answers. */
  write(turn: number, event: TurnEvent): Promise<void>;
}
