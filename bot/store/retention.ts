import type { Logger } from '../../config/logger.ts';
import type { Milliseconds } from '../../inference/engine/engine.ts';
import type { Clock } from '../clock.ts';
import type { Limits, Store } from './store.ts';

/** Long after the last redelivery of any platform; short enough to say little about anybody. */
export const SEEN_KEPT_MS = 3 * 24 * 3_600_000;

/** An answer that comes a day late is none; a platform that was away for a weekend brings its turns to an end unseen. */
export const TURNS_KEPT_MS = 24 * 3_600_000;

/** What was missed longer ago is not answered any more. */
export const HEARD_KEPT_MS = 24 * 3_600_000;

/** So long at most the log of writes holds what has ended since. */
const EVERY_MS = 10 * 60_000;
/** Rows at a time: some milliseconds of work, so that nobody waits for it … */
const AT_MOST = 500;
/** … and as soon again where more are old. */
const SOON_MS = 1_000;

export interface RetentionOptions {
  readonly store: Store;
  /** How old what is kept may become. */
  readonly keep: { readonly [Kind in keyof Limits]: Milliseconds };
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Forgets what has become too old, at once and then every ten minutes. */
export class Retention {
  readonly #options: RetentionOptions;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Resolves after the first time; never rejects. */
  async start(): Promise<void> {
    const more = await this.#prune();
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.after(more ? SOON_MS : EVERY_MS, () => void this.start());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #prune(): Promise<boolean> {
    const { store, keep, now, logger } = this.#options;
    try {
      const limits = {
        seen: now() - keep.seen,
        feedback: now() - keep.feedback,
        turns: now() - keep.turns,
        resets: now() - keep.resets,
        heard: now() - keep.heard,
        seeds: now() - keep.seeds,
      };
      return await store.prune(limits, AT_MOST);
    } catch (error) {
      logger.error({ err: error }, 'what is too old could not be forgotten');
      return false;
    }
  }
}
