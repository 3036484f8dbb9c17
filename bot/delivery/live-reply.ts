import type { Logger } from '../../config/logger.ts';
import type { Milliseconds } from '../../inference/engine/engine.ts';
import type { Clock } from '../clock.ts';
import { explain } from '../failure.ts';
import type { CallKind, CallResult } from '../observability/turn-observer.ts';
import type { CallBudget, Outlet, OutletLimits } from '../ports.ts';
import type { MessageRef, ReplyTarget } from '../request.ts';
import type { PostedMessage, Turns } from '../store/store.ts';
import type { Turn } from '../turn.ts';
import type { Cadence, Call, Place, Urgency } from './cadence.ts';
import { OutletError } from './outlet-error.ts';
import { SHORTEST_PAGE } from './pages.ts';
import { ReplyPace } from './reply-pace.ts';
import { type Frame, ReplyView } from './reply-view.ts';
import { type ShownMessage, ShownMessages } from './shown-messages.ts';
import { Typing } from './typing.ts';

/** How a reply was shown, and with how many calls. */
export interface Delivered {
  /**
   * `whole`: all of it. `gone`: the place for it is no more, and the turn was stopped. `given up`: the platform did not
   * take the rest. `left`: the rest is for a later process to show.
   */
  readonly state: 'whole' | 'gone' | 'given up' | 'left';
  readonly messages: readonly MessageRef[];
  /** Calls made, those that failed among them. */
  readonly posts: number;
  readonly edits: number;
  /** How many of them were refused because there were too many. */
  readonly refused: number;
}

export interface LiveReplyOptions {
  readonly turn: Turn;
  readonly outlet: Outlet;
  readonly where: ReplyTarget;
  readonly cadence: Cadence;
  readonly clock: Clock;
  /** Its records already name the turn. */
  readonly logger: Logger;
  /** Learns which messages were posted. */
  readonly journal?: Pick<Turns, 'post'>;
  /** What an earlier process posted of this reply, if one began it. */
  readonly earlier?: readonly PostedMessage[];
  /** Told of every post and edit, once the platform has answered. */
  readonly onCall?: (call: CallKind, message: number, result: CallResult) => void;
}

/** From the turn's end, or from the last call since that was taken. An outage that lasts longer has lost the readers too. */
const GIVE_UP_MS = 15 * 60_000;

/** After a 429 that names no time, where no budget knows a better one. */
const PAUSE_AFTER_LIMIT_MS = 1_000;

/** How much shorter pages become when the platform finds them too long. */
const SHORTER = 3 / 4;

/** One call that would bring what is shown closer to what ought to be. */
interface Step {
  readonly index: number;
  readonly frame: Frame;
  /** Absent: it has to be posted. */
  readonly message: ShownMessage | undefined;
  readonly urgency: Urgency;
}

/**
 * Shows one turn's reply while it grows: what its events say on one side, what the platform shows on the other, and one
 * call after the other that brings the second closer to the first. What a call carries is decided when its time has
 * come, so it is always the newest, and nothing stale is ever sent.
 */
export class LiveReply {
  readonly #options: LiveReplyOptions;
  readonly #limits: OutletLimits;
  readonly #view: ReplyView;
  readonly #shown: ShownMessages;
  readonly #typing: Typing;
  readonly #pace: ReplyPace;
  readonly #counts = { posts: 0, edits: 0, refused: 0 };
  /** How much of the answer an earlier process has written. */
  #told = 0;
  #state: Delivered['state'] | undefined;
  #place: Place | undefined;
  /** The last call, and what is noted of it. */
  #underWay: Promise<void> = Promise.resolve();
  #cancelGivingUp: () => void = () => undefined;
  #wake: () => void = () => undefined;

  constructor(options: LiveReplyOptions) {
    const { turn, outlet, where, clock, logger } = options;
    this.#options = options;
    this.#shown = new ShownMessages(options.earlier);
    this.#limits = outlet.limits(where);
    this.#view = new ReplyView({
      id: turn.id,
      task: turn.task,
      limits: this.#limits,
      subdue: outlet.subdue?.bind(outlet),
    });
    this.#pace = new ReplyPace(clock, this.#limits.mostCalls);
    this.#typing = new Typing(async () => {
      try {
        await outlet.typing(where);
      } catch (error) {
        logger.debug({ err: error }, 'typing is not shown');
      }
    }, clock);
  }

  /** Resolves when the turn has ended and its end is shown, or cannot be. Never rejects; called once. */
  async run(): Promise<Delivered> {
    // Only a post takes it away, and there may be none where an earlier process has posted already.
    if (this.#shown.at(0) === undefined) this.#typing.start();
    const read = this.#read();
    // People may have read all that an earlier process wrote, so it is taken in before anything is shown.
    if (this.#options.earlier) {
      await this.#moment();
      this.#told = this.#view.length;
    }
    await this.#write();
    // What is left to a later process may not end in this one.
    if (this.#state !== 'left') await read;
    this.#cancelGivingUp();
    return { state: this.#state ?? 'whole', messages: this.#shown.refs, ...this.#counts };
  }

  /**
   * Begins no further call: what is shown by now, a later process goes on from. Resolves when the call that is under way has
   * come back, and what it has shown is noted.
   */
  async leave(): Promise<void> {
    this.#state ??= 'left';
    this.#place?.leave();
    this.#wake();
    await this.#underWay;
  }

  /** In which all events are read that are there already. */
  #moment(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(0, resolve);
    });
  }

  /** To the end in any case: who leaves early stops the turn. */
  async #read(): Promise<void> {
    try {
      for await (const event of this.#options.turn.events) {
        this.#view.take(event);
        if (!this.#view.ended) this.#wake();
      }
    } catch (error) {
      this.#view.take({ type: 'failed', text: '', ...explain(error) });
    }
    if (this.#state === 'left') return;
    this.#place?.hurry('final');
    this.#waitForSuccess();
    this.#wake();
  }

  /** However long the whole takes: many pages at a slow pace are no outage. */
  #waitForSuccess(): void {
    this.#cancelGivingUp();
    this.#cancelGivingUp = this.#options.clock.after(GIVE_UP_MS, () =>
      this.#giveUp('the platform took nothing for too long'),
    );
  }

  async #write(): Promise<void> {
    while (!this.#state) {
      const step = this.#next();
      if (step === 'done') this.#state = 'whole';
      else if (typeof step === 'number') await this.#somethingNewOr(step);
      else await this.#takeTurn(step);
    }
    await this.#typing.stop();
  }

  /** The next call; or the moment to look again, if nothing happens before; or that all is shown. */
  #next(): Step | Milliseconds | 'done' {
    const { frames, ended, worthPosting } = this.#view;
    const index = this.#shown.firstUnlike(frames);
    const frame = index === undefined ? undefined : frames[index];
    if (index === undefined || !frame) return ended ? 'done' : Number.POSITIVE_INFINITY;
    const message = this.#shown.at(index);
    // The page turned out to end before what is shown of it, where nothing can be taken back.
    const tooMuch = this.#limits.growth === 'append' && message && message.shows > frame.shows;
    if (tooMuch && this.#view.cut(index, message.shows)) return this.#next();
    const growth = message && index === frames.length - 1;
    // Of what an earlier process has shown, or may have shown, nobody sees a word go.
    const read = Math.max(message?.shows ?? 0, this.#told);
    if (growth && !ended && read > frame.shows) return Number.POSITIVE_INFINITY;
    const first = this.#shown.at(0) === undefined;
    const due = this.#pace.due({ ended, early: first && !worthPosting });
    if (due > this.#options.clock.now()) return due;
    return { index, frame, message, urgency: ended ? 'final' : growth ? 'growth' : 'post' };
  }

  async #somethingNewOr(moment: Milliseconds): Promise<void> {
    const { clock } = this.#options;
    let cancel: () => void = () => undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (moment < Number.POSITIVE_INFINITY) cancel = clock.after(moment - clock.now(), resolve);
    });
    cancel();
  }

  /** Waits in the line for a call, and makes the one that is the right one by then. */
  async #takeTurn({ message, urgency }: Step): Promise<void> {
    // Asked each time: a target's budget may change while a reply runs, as when an interaction's token ends.
    const { posts, edits } = this.#options.outlet.limits(this.#options.where);
    const budget = message ? edits : posts;
    this.#place = this.#options.cadence.queue(budget, urgency);
    const call = await this.#place.call;
    this.#place = undefined;
    if (!message) await this.#typing.stop();
    const step = this.#state ? 'done' : this.#next();
    const stillThatKind =
      typeof step === 'object' && (step.message === undefined) === (message === undefined);
    if (!call || !stillThatKind) {
      call?.release();
      return;
    }
    this.#underWay = this.#make(step, call, budget);
    await this.#underWay;
  }

  async #make(step: Step, call: Call, budget: CallBudget | undefined): Promise<void> {
    if (this.#pace.exhausted) {
      call.release();
      this.#giveUp('the place for this reply takes no more calls');
      return;
    }
    const { index } = step;
    const kind = step.message ? 'edit' : 'post';
    const { onCall } = this.#options;
    this.#pace.called();
    try {
      await this.#show(step);
      onCall?.(kind, index, 'done');
      call.settle();
      this.#pace.succeeded();
      if (this.#view.ended) this.#waitForSuccess();
    } catch (error) {
      const refusal = toOutletError(error);
      onCall?.(kind, index, refusal.code === 'OUTLET_RATE_LIMITED' ? 'limited' : 'failed');
      this.#options.logger.debug({ err: refusal, code: refusal.code, message: index }, 'not shown');
      if (refusal.code === 'OUTLET_RATE_LIMITED') {
        this.#counts.refused += 1;
        call.refuse(refusal.retryAfterMs);
        this.#pace.refused(budget ? 0 : refusal.retryAfterMs || PAUSE_AFTER_LIMIT_MS);
      } else {
        call.settle();
        this.#adapt(step, refusal);
      }
      if (this.#shown.at(0) === undefined && !this.#state) this.#typing.start();
    }
  }

  async #show({ index, frame, message }: Step): Promise<void> {
    const { outlet, where, turn, journal, earlier } = this.#options;
    const { text, controls, shows } = frame;
    if (message) {
      this.#counts.edits += 1;
      await outlet.edit(message.ref, text, controls);
      this.#shown.edited(index, message.ref, frame);
      await journal?.post(turn.id, index, { message: message.ref, shows });
    } else {
      this.#counts.posts += 1;
      const unknown = earlier !== undefined && this.#counts.posts === 1;
      const place = {
        turn: turn.id,
        index: this.#shown.refs.length,
        ...(unknown && { since: turn.request.at }),
      };
      // Whatever it was posted with then may be what it shows.
      if (unknown) this.#shown.doubt(index, { ...frame, text: '' });
      const ref = await outlet.post(where, text, controls, place);
      this.#shown.posted(index, ref, frame);
      await journal?.post(turn.id, index, { message: ref, shows });
    }
  }

  /** Makes the best of a refusal that more patience alone would not cure. */
  #adapt({ index, frame, message }: Step, refusal: OutletError): void {
    switch (refusal.code) {
      case 'OUTLET_GONE':
        this.#gone();
        return;
      case 'OUTLET_EXPIRED':
        if (!message) this.#gone();
        else if (this.#shown.showsText(index)) {
          this.#view.cut(index, message.shows);
          this.#shown.fix(index);
        } else this.#shown.abandon(index);
        return;
      case 'OUTLET_TOO_LONG':
        this.#shorten(index, message);
        return;
      default:
        this.#shown.doubt(index, frame);
        this.#pace.failed();
    }
  }

  /** What is shown stays, and the rest goes on in shorter pages. */
  #shorten(index: number, message: ShownMessage | undefined): void {
    const { maxLength } = this.#view;
    if (maxLength <= SHORTEST_PAGE) {
      this.#giveUp('the platform finds even the shortest page too long');
      return;
    }
    let from = index;
    if (message && this.#shown.showsText(index)) {
      if (!this.#view.cut(index, message.shows)) this.#shown.fix(index);
      from += 1;
    }
    this.#view.split(from, Math.max(SHORTEST_PAGE, Math.floor(maxLength * SHORTER)));
  }

  #gone(): void {
    this.#state = 'gone';
    this.#options.turn.stop();
  }

  #giveUp(why: string): void {
    if (this.#state) return;
    this.#state = 'given up';
    this.#options.logger.error({ messages: this.#shown.refs.length }, `a reply is not shown whole: ${why}`);
    this.#place?.leave();
    this.#wake();
  }
}

function toOutletError(error: unknown): OutletError {
  if (error instanceof OutletError) return error;
  return new OutletError('OUTLET_FAILED', 'the adapter failed in a way of which it says nothing', {
    cause: error,
  });
}
