import { stopped } from './answers.ts';
import { conversationKey } from './conversation.ts';
import { type Crowd, inWords } from './crowd.ts';
import type { OpenTurn } from './turn.ts';
import { TurnOrder } from './turn-order.ts';
import { unlessStopped } from './unless-stopped.ts';

/** Carries turns of one conversation out one behind the other, and refuses those for whom the line is too long. */
export class TurnsInOrder {
  readonly #order: TurnOrder;
  readonly #crowd: Crowd;

  /** @param longest How many may wait in one conversation, beside the one that is answered. */
  constructor(longest: number, crowd: Crowd) {
    this.#order = new TurnOrder(longest);
    this.#crowd = crowd;
  }

  /** Waits until earlier requests of the conversation are answered. */
  async run(turn: OpenTurn, work: () => Promise<void>): Promise<void> {
    const place = this.#order.enter(conversationKey(turn.request.conversation));
    if (!place) {
      turn.refuse('TOO_MANY_WAITING', this.#crowded());
      return;
    }
    try {
      if (place.waits) turn.tell({ type: 'waiting', for: 'turn' });
      await unlessStopped(place.turn, turn.signal);
      if (turn.signal.aborted) stopped(turn);
      else await work();
    } finally {
      place.leave();
    }
  }

  #crowded(): string {
    const waiting = this.#order.longest + 1;
    const wait = inWords(waiting * this.#crowd.turnMs);
    return `${waiting} requests are waiting in this conversation already. Ask again in ${wait}.`;
  }
}
