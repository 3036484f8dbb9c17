import type { Logger } from '../config/logger.ts';
import type { Engine, Milliseconds } from '../inference/engine/engine.ts';
import type { Tasks } from '../inference/tasks/tasks.ts';
import { Bot } from './bot.ts';
import type { ButtonPress, PressAnswer } from './buttons.ts';
import { systemClock } from './clock.ts';
import { Conversations } from './conversation.ts';
import { Delivery } from './delivery/delivery.ts';
import { FixedSeeds } from './fixed-seeds.ts';
import { Gate, type GateOptions } from './gate.ts';
import type { KeptDays } from './kept-data.ts';
import type { TurnObserver } from './observability/turn-observer.ts';
import { Opinions } from './opinions.ts';
import { type Desk, Reception } from './reception.ts';
import type { ChatRequest, Platform } from './request.ts';
import { SeenRequests } from './seen-requests.ts';
import type { Store } from './store/store.ts';
import type { Turn } from './turn.ts';
import { takeUpUnfinished } from './unfinished-turns.ts';

/** A platform on which people meet the bot; adapters are such. */
export interface ServedPlatform extends Desk {
  readonly platform: Platform;
  start(
    onRequest: (request: ChatRequest) => Turn | undefined,
    onPress: (press: ButtonPress) => Promise<PressAnswer>,
  ): Promise<void>;
  stop(): Promise<void>;
  /** Settles when the platform has thrown the bot out for good. */
  readonly lost?: Promise<Error>;
  /** Whether people can be heard now; absent: always. */
  readonly connected?: boolean;
  /** What whoever runs the bot wants to know once it is there: who it is, and how people get to it. */
  introduction(): string;
}

export interface ServeOptions {
  readonly platforms: readonly ServedPlatform[];
  /** Settles when the model is loaded; people are met before. */
  readonly engine: Promise<Engine>;
  readonly tasks: Tasks;
  /** Who may use the bot on each platform. */
  readonly access: GateOptions['rules'];
  readonly requestsPerMinute: number;
  /** Requests for the model that may be open at the same time. */
  readonly openInAll?: number;
  /** What outlives the program; closed at the end. */
  readonly store: Store;
  /** How long the store keeps things; without days for 👍 and 👎 none are taken. */
  readonly keeps: KeptDays;
  readonly logger: Logger;
  /** Told what becomes of requests. */
  readonly observer?: TurnObserver;
  /** Says something to whoever has started the program. */
  readonly say: (text: string) => void;
  /** Settles when the program shall end: with its exit status, or with what makes it impossible to go on. */
  readonly end: Promise<number | Error>;
  readonly patience?: Partial<Patience>;
}

export interface Patience {
  /** How long running replies may take to come to their end by themselves, once the program shall end. */
  readonly running: Milliseconds;
  /** How long the last edits may take after that, where nothing can be left to the next start. */
  readonly edits: Milliseconds;
}

/** Docker gives ten seconds before it kills: both together must end before that. */
const PATIENCE: Patience = { running: 6_000, edits: 2_000 };

/**
 * Meets people on every platform until the end comes. Running replies are whole by then; those that take too long are
 * gone on with at the next start, or, where nothing outlives the program, end with what there is.
 *
 * @returns what has ended it.
 */
export async function serve(options: ServeOptions): Promise<number | Error> {
  const { platforms, engine, tasks, access, requestsPerMinute, store, logger } = options;
  const patience = { ...PATIENCE, ...options.patience };
  const observer = options.observer && { observer: options.observer };
  const journal = store.turns;
  const gate = new Gate({ rules: access, requestsPerMinute, clock: systemClock });
  const seen = await SeenRequests.recalled(store.seen);
  const bot = new Bot({
    engine,
    logger,
    gate,
    seen,
    journal,
    ...(options.keeps.conversations > 0 && {
      conversations: await Conversations.recalled(store.resets),
      seeds: await FixedSeeds.recalled(store.seeds),
    }),
    kept: { days: options.keeps, erase: (person) => store.erase(person) },
    tasks,
    ...(options.openInAll !== undefined && { limits: { openInAll: options.openInAll } }),
    ...observer,
  });
  const delivery = new Delivery({ logger, journal, ...observer });
  const opinions = new Opinions(options.keeps.feedback > 0 ? store.feedback : undefined);
  const reception = new Reception({ bot, delivery, opinions });
  const started = startAll(options, reception);
  const lost = platforms.map(({ lost: reason = NEVER }) => reason);
  const end = await Promise.race([options.end, failureOf(started), ...lost]);
  reception.close();
  if (typeof end === 'number' && delivery.running > 0)
    logger.info({ replies: delivery.running }, 'leaving as soon as the replies that run are whole');
  // Behind a mistake nothing can be relied on for long.
  const running = await delivery.settled(typeof end === 'number' ? patience.running : patience.edits);
  if (store.lasting) {
    if (running > 0)
      logger.info({ replies: running }, 'the next start goes on with the replies that still run');
  } else {
    await bot.close();
    const unfinished = await delivery.settled(patience.edits);
    if (unfinished > 0) logger.warn({ replies: unfinished }, 'replies were not shown whole');
  }
  // What is told from here on, that all of it ends among it, nobody may read: the next start goes on from what is noted.
  await delivery.leave(patience.edits);
  // From here on nothing that fails because everything ends can pass for the end of a turn.
  await store.close();
  await Promise.all(platforms.map((platform) => platform.stop()));
  return end;
}

async function startAll(
  { platforms, store, logger, say }: ServeOptions,
  reception: Reception,
): Promise<void> {
  const unfinished = await store.turns.unfinished();
  await Promise.all(
    platforms.map(async (platform) => {
      await platform.start(
        (request) => reception.take(request, platform),
        (press) => reception.press(press, platform),
      );
      // Left again while it was coming: the next start takes them up.
      if (reception.closed) return;
      const desks = { [platform.platform]: platform };
      takeUpUnfinished({ unfinished, reception, desks, now: Date.now, logger });
      say(platform.introduction());
    }),
  );
}

const NEVER = new Promise<never>(() => undefined);

/** Settles only when it is rejected. */
function failureOf(work: Promise<unknown>): Promise<Error> {
  return new Promise((resolve) => {
    work.catch((error: unknown) => resolve(error instanceof Error ? error : new Error(String(error))));
  });
}
