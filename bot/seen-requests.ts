import { Duplicates } from './duplicates.ts';
import type { Platform } from './request.ts';
import type { SeenIds } from './store/store.ts';

/** Where an id means the same request in any process: the terminal counts its lines from one at every start. */
const LASTING_IDS: Readonly<Record<Platform, boolean>> = { discord: true, slack: true, terminal: false };

/**
 * Which requests were taken already, by this process or an earlier one. Whether one was is known at once, from memory;
 * the durable record is read at the start and written behind.
 */
export class SeenRequests {
  readonly #recent: Duplicates;
  readonly #record: SeenIds | undefined;

  /** @param limit ids remembered. */
  constructor(limit: number, record?: SeenIds) {
    this.#recent = new Duplicates(limit);
    this.#record = record;
  }

  /** Knows what earlier processes took. */
  static async recalled(limit: number, record: SeenIds): Promise<SeenRequests> {
    const seen = new SeenRequests(limit, record);
    const latest = await record.latest(limit);
    for (const id of latest.toReversed()) seen.#recent.seenBefore(id);
    return seen;
  }

  /**
   * Takes a request.
   *
   * @param at milliseconds since the epoch.
   * @returns undefined when it was taken before; else what settles when no later process will take it again.
   */
  take(id: string, platform: Platform, at: number): Promise<unknown> | undefined {
    if (this.#recent.seenBefore(id)) return undefined;
    return LASTING_IDS[platform] && this.#record ? this.#record.remember(id, at) : Promise.resolve();
  }
}
