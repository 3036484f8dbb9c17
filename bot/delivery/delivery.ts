import type { Logger } from '../../config/logger.ts';
import type { Milliseconds } from '../../inference/engine/engine.ts';
import { type Clock, systemClock } from '../clock.ts';
import { noLongerThan } from '../no-longer-than.ts';
import type { TurnObserver } from '../observability/turn-observer.ts';
import type { Outlet } from '../ports.ts';
import type { ChatRequest, ReplyTarget } from '../request.ts';
import type { PostedMessage, Turns } from '../store/store.ts';
import type { Turn } from '../turn.ts';
import { Cadence } from './cadence.ts';
import { type Delivered, LiveReply } from './live-reply.ts';

export type { Delivered } from './live-reply.ts';

export interface DeliveryOptions {
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Learns which messages were posted, and that a turn is over once its end is shown. Must not fail. */
  readonly journal?: Pick<Turns, 'post' | 'end'>;
  /** Told of every call to a platform, and of every reply that is shown. */
  readonly observer?: Pick<TurnObserver, 'called' | 'shown'>;
}

/** Shows the replies of all turns on all platforms, with every budget kept by all of them together. */
export class Delivery {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #cadence: Cadence;
  readonly #journal: DeliveryOptions['journal'];
  readonly #observer: DeliveryOptions['observer'];
  readonly #running = new Set<Promise<unknown>>();
  readonly #replies = new Set<LiveReply>();
  #left = false;

  constructor({ logger, clock = systemClock, journal, observer }: DeliveryOptions) {
    this.#logger = logger;
    this.#clock = clock;
    this.#journal = journal;
    this.#observer = observer;
    this.#cadence = new Cadence(clock);
  }

  /** Replies that are being shown. */
  get running(): number {
    return this.#running.size;
  }

  /**
   * Reads the turn's events and shows them; resolves when its end is shown or cannot be. Never rejects.
   *
   * @param earlier what an earlier process posted of the reply, if one began it.
   */
  async deliver(
    turn: Turn,
    outlet: Outlet,
    where: ReplyTarget = targetOf(turn.request),
    earlier?: readonly PostedMessage[],
  ): Promise<Delivered> {
    const showing = this.#show(turn, outlet, where, earlier)
      .then(async (delivered) => {
        if (delivered.state !== 'left') await this.#journal?.end(turn.id);
        return delivered;
      })
      .finally(() => this.#running.delete(showing));
    this.#running.add(showing);
    const delivered = await showing;
    if (delivered.state !== 'left') this.#observer?.shown(turn, delivered);
    return delivered;
  }

  async #show(
    turn: Turn,
    outlet: Outlet,
    where: ReplyTarget,
    earlier: readonly PostedMessage[] | undefined,
  ): Promise<Delivered> {
    const logger = this.#logger.child({ turn: turn.id });
    const observer = this.#observer;
    try {
      const reply = new LiveReply({
        turn,
        outlet,
        where,
        cadence: this.#cadence,
        clock: this.#clock,
        logger,
        ...(this.#journal && { journal: this.#journal }),
        ...(earlier && { earlier }),
        ...(observer && {
          onCall: (call, message, result) => observer.called(turn, call, message, result),
        }),
      });
      this.#replies.add(reply);
      if (this.#left) void reply.leave();
      return await reply.run().finally(() => this.#replies.delete(reply));
    } catch (error) {
      // A mistake in the program costs this reply, and no other.
      logger.error({ err: error }, 'the reply could not be shown');
      turn.stop();
      return { state: 'given up', messages: [], posts: 0, edits: 0, refused: 0 };
    }
  }

  /**
   * Leaves every reply as it is shown now, and those that come for a later process; resolves when the calls that are under way
   * have come back and are noted, or after so long.
   */
  async leave(withinMs: Milliseconds): Promise<void> {
    this.#left = true;
    const left = Promise.all([...this.#replies].map((reply) => reply.leave()));
    await noLongerThan(withinMs, left, this.#clock);
  }

  /**
   * Resolves when no reply is being shown any more, those that began meanwhile included, or after so long.
   *
   * @returns how many replies are not whole by then.
   */
  async settled(withinMs: Milliseconds): Promise<number> {
    await noLongerThan(withinMs, this.#allShown(), this.#clock);
    return this.#running.size;
  }

  async #allShown(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}

/** Where a request's reply goes. */
export function targetOf({ conversation, replyAddress }: ChatRequest): ReplyTarget {
  return replyAddress === undefined ? { conversation } : { conversation, address: replyAddress };
}
