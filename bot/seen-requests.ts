import { Duplicates } from './duplicates.ts';
import type { Platform } from './request.ts';
import type { SeenIds } from './store/store.ts';

/** Ids known at once. Slack's last redelivery comes after five minutes: room for 33 requests a second. */
const LIMIT = 10_000;

/** Where an id means the same request in any process: the terminal counts its lines from one at every start. */
export const LASTING_IDS: Readonly<Record<Platform, boolean>> = {
  discord: true,
  slack: true,
  terminal: false,
};

/**
 * Which requests were taken already, by this process or an earlier one. Whether one was is known at once, from memory;
 * the durable record is read at the start and written behind.
 */
export class SeenRequests {
  readonly #recent: Duplicates;
  readonly #record: SeenIds | undefined;

  /**
   * @param record must not fail (`UnfailingStore`); absent: a later process knows nothing.
   * @param limit ids known at once.
   */
  constructor(record?: SeenIds, limit: number = LIMIT) {
    this.#recent = new Duplicates(limit);
    this.#record = record;
  }

  /** Knows what earlier processes took. */
  static async recalled(record: SeenIds, limit: number = LIMIT): Promise<SeenRequests> {
    const seen = new SeenRequests(record, limit);
    const latest = await record.latest(limit);
    for (const id of latest.toReversed()) seen.#recent.seenBefore(id);
    return seen;
  }

  /**
   * Takes a request, and writes it down for later processes.
   *
   * @param at milliseconds since the epoch.
   * @returns false when it was taken before.
   */
  take(id: string, platform: Platform, at: number): boolean {
    if (this.#recent.seenBefore(id)) return false;
    if (LASTING_IDS[platform]) void this.#record?.remember(id, at);
    return true;
  }
}
