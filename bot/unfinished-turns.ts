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
 * Takes up what an earlier process left unfinished, the earliest first; to be called when the platforms can be written
 * to, and before their next requests are taken, so that a conversation keeps its order.
 */
export function takeUpUnfinished({ unfinished, reception, desks, now, logger }: TakeUpOptions): void {
  let late = 0;
  let taken = 0;
  for (const turn of unfinished) {
    const { conversation, at } = turn.request;
    const desk = desks[conversation.platform];
    if (!desk) continue;
    const tooLate = now() - at > TOO_LATE_MS;
    if (tooLate) late += 1;
    else taken += 1;
    reception.takeUp(turn, desk, tooLate);
  }
  if (taken + late > 0) logger.info({ taken, late }, 'answers that were interrupted are taken up again');
}
