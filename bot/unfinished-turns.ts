import type { Logger } from '../config/logger.ts';
import type { Desk, Reception } from './reception.ts';
import type { Platform } from './request.ts';
import type { UnfinishedTurn } from './store/store.ts';

export interface TakeUpOptions {
  /** As the journal knew them before any request of this process was taken: those that run now are in it, too. */
  readonly unfinished: readonly UnfinishedTurn[];
  readonly reception: Reception;
  /** The platforms that are connected; turns of others wait for a start with them. */
  readonly desks: Partial<Readonly<Record<Platform, Desk>>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Later nobody waits for an answer any more, and it would come out of the blue. */
const TOO_LATE_MS = 15 * 60_000;

/**
 * Processes that may die of one turn before it is given up. What ends a process from outside seldom meets the moment in
 * which a turn is taken up and has not come to the model yet; five times in a row it does not.
 */
const MOST_TRIES = 5;
/** The end that it gets has its tries, too; then it is dropped unseen. */
const MOST_TRIES_TO_END = 2 * MOST_TRIES;

/**
 * Takes up what an earlier process left unfinished, the earliest first; to be called when the platforms can be written
 * to, and before their next requests are taken, so that a conversation keeps its order.
 */
export function takeUpUnfinished(options: TakeUpOptions): void {
  const { unfinished, reception, desks, now, logger } = options;
  tellWhatWasPosted(options);
  let late = 0;
  let taken = 0;
  for (const turn of unfinished) {
    const { conversation, at } = turn.request;
    const desk = desks[conversation.platform];
    if (!desk) continue;
    if (turn.tries >= MOST_TRIES_TO_END) {
      logger.error({ turn: turn.id, tries: turn.tries }, 'an answer is dropped: each process died of it');
      reception.drop(turn);
      continue;
    }
    const fatal = turn.tries >= MOST_TRIES;
    const tooLate = now() - at > TOO_LATE_MS;
    if (fatal)
      logger.error({ turn: turn.id, tries: turn.tries }, 'an answer is given up: processes died of it');
    else if (tooLate) late += 1;
    else taken += 1;
    reception.takeUp(turn, desk, fatal ? 'fatal' : tooLate ? 'late' : undefined);
  }
  if (taken + late > 0) logger.info({ taken, late }, 'answers that were interrupted are taken up again');
}

/** All of it before the first is shown: whose a message is cannot always be seen in the message. */
function tellWhatWasPosted({ unfinished, desks }: TakeUpOptions): void {
  for (const [platform, desk] of Object.entries(desks)) {
    const there = unfinished.filter(({ request }) => request.conversation.platform === platform);
    desk.remember?.(there.flatMap(({ posted }) => posted.map(({ message }) => message)));
  }
}
