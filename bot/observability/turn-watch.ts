import type { Logger } from '../../config/logger.ts';
import type { EndReason, GenerateResult, Milliseconds } from '../../inference/engine/engine.ts';
import type { Clock } from '../clock.ts';
import type { Delivered } from '../delivery/live-reply.ts';
import { isFault } from '../failure.ts';
import type { ChatRequest } from '../request.ts';
import type { Turn } from '../turn.ts';
import type { TurnEvent } from '../turn-event.ts';
import type { Meters } from './metrics.ts';
import type { Beginning, CallKind, CallResult, TurnObserver } from './turn-observer.ts';

export interface TurnWatchOptions {
  readonly logger: Logger;
  readonly meters: Meters;
  readonly clock: Clock;
}

/** What came of a turn. */
type Outcome = 'answered' | 'stopped' | 'refused' | 'failed';

interface Course {
  readonly how: Beginning;
  readonly began: Milliseconds;
  firstTokenMs?: Milliseconds;
  firstMessageMs?: Milliseconds;
  end?: {
    readonly outcome: Outcome;
    readonly code?: string;
    readonly reason?: EndReason;
    readonly result?: GenerateResult;
  };
}

/** Which task a turn counts as where the bot answers itself. */
const NO_TASK = 'none';

/**
 * Follows each turn from its arrival to the final edit: a line of the log for each step, all with the turn's id, and the
 * measurements. No line holds a word that anybody wrote.
 */
export class TurnWatch implements TurnObserver {
  readonly #logger: Logger;
  readonly #meters: Meters;
  readonly #clock: Clock;
  /** Turns that nobody shows leave nothing behind. */
  readonly #courses = new WeakMap<Turn, Course>();

  constructor({ logger, meters, clock }: TurnWatchOptions) {
    this.#logger = logger;
    this.#meters = meters;
    this.#clock = clock;
  }

  arrived(turn: string, { trigger, command, conversation: { platform } }: ChatRequest): void {
    this.#logger.debug({ turn, platform, trigger, ...(command !== undefined && { command }) }, 'arrived');
  }

  began(turn: Turn, how: Beginning): void {
    this.#courses.set(turn, { how, began: this.#clock.now() });
    this.#meters.open.inc({ platform: platformOf(turn) });
    this.#logger.debug({ turn: turn.id, task: turn.task ?? NO_TASK }, how === 'asked' ? 'routed' : how);
  }

  told(turn: Turn, event: TurnEvent): void {
    const course = this.#courses.get(turn);
    if (!course || course.end) return;
    switch (event.type) {
      case 'waiting':
        this.#logger.debug({ turn: turn.id, for: event.for }, 'waits');
        return;
      case 'queued': {
        const { place, estimatedWaitMs } = event;
        this.#logger.debug({ turn: turn.id, place, estimatedWaitMs }, 'queued');
        return;
      }
      case 'delta':
        this.#firstToken(turn, course);
        return;
      case 'final':
      case 'failed':
        this.#ended(turn, course, event);
    }
  }

  called(turn: Turn, call: CallKind, message: number, result: CallResult): void {
    this.#meters.calls.inc({ platform: platformOf(turn), call, result });
    const course = this.#courses.get(turn);
    if (!course || result !== 'done') return;
    const afterMs = this.#since(course);
    if (call === 'edit') {
      this.#logger.trace({ turn: turn.id, message, afterMs }, 'edited');
      return;
    }
    this.#logger.debug({ turn: turn.id, message, afterMs }, 'posted');
    if (course.firstMessageMs !== undefined) return;
    course.firstMessageMs = afterMs;
    if (course.how === 'asked')
      this.#meters.firstMessage.observe({ platform: platformOf(turn) }, afterMs / 1000);
  }

  shown(turn: Turn, { state, messages, posts, edits, refused: limited }: Delivered): void {
    const platform = platformOf(turn);
    this.#meters.replies.inc({ platform, state });
    const course = this.#courses.get(turn);
    if (!course) return;
    const task = turn.task ?? NO_TASK;
    const totalMs = this.#since(course);
    if (course.how === 'asked') this.#meters.reply.observe({ platform, task }, totalMs / 1000);
    const { result, ...end } = course.end ?? { outcome: 'failed' };
    const { firstTokenMs, firstMessageMs } = course;
    const shown = { shown: state, messages: messages.length, posts, edits, limited };
    const times = { ...(result && { queuedMs: result.queuedMs }), firstTokenMs, firstMessageMs, totalMs };
    this.#logger.info(
      { turn: turn.id, platform, task, ...end, ...shown, ...times, ...figuresOf(result) },
      'done',
    );
  }

  #firstToken(turn: Turn, course: Course): void {
    // What the bot says itself was not drawn, and an interrupted answer begins with what was drawn before.
    if (course.firstTokenMs !== undefined || turn.task === undefined || course.how !== 'asked') return;
    const afterMs = this.#since(course);
    course.firstTokenMs = afterMs;
    this.#meters.firstToken.observe({ platform: platformOf(turn), task: turn.task }, afterMs / 1000);
    this.#logger.debug({ turn: turn.id, afterMs }, 'first token');
  }

  #ended(turn: Turn, course: Course, event: Extract<TurnEvent, { type: 'final' | 'failed' }>): void {
    const platform = platformOf(turn);
    course.end =
      event.type === 'failed'
        ? { outcome: isFault(event.code) ? 'failed' : 'refused', code: event.code }
        : {
            outcome: event.reason === 'aborted' ? 'stopped' : 'answered',
            reason: event.reason,
            ...(event.result && { result: event.result }),
          };
    this.#meters.open.dec({ platform });
    const { outcome, code } = course.end;
    this.#meters.requests.inc({ platform, task: turn.task ?? NO_TASK, outcome });
    const afterMs = this.#since(course);
    this.#logger.debug({ turn: turn.id, outcome, ...(code !== undefined && { code }), afterMs }, 'ended');
  }

  #since({ began }: Course): Milliseconds {
    return Math.round(this.#clock.now() - began);
  }
}

function platformOf(turn: Turn): string {
  return turn.request.conversation.platform;
}

function figuresOf(result: GenerateResult | undefined): Readonly<Record<string, number>> {
  if (!result) return {};
  const { promptTokens, newTokens, tokensPerSecond } = result;
  return { promptTokens, newTokens, tokensPerSecond: Math.round(tokensPerSecond * 10) / 10 };
}
