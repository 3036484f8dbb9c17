import type { Logger } from '../config/logger.ts';
import type { Engine, Milliseconds } from '../inference/engine/engine.ts';
import type { Tasks } from '../inference/tasks/tasks.ts';
import { Bot } from './bot.ts';
import type { ButtonPress, PressAnswer } from './buttons.ts';
import { systemClock } from './clock.ts';
import { Delivery } from './delivery/delivery.ts';
import { Gate, type GateOptions } from './gate.ts';
import { Opinions } from './opinions.ts';
import { type Desk, Reception } from './reception.ts';
import type { ChatRequest, Platform } from './request.ts';
import type { Turn } from './turn.ts';

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
  readonly logger: Logger;
  /** Says something to whoever has started the program. */
  readonly say: (text: string) => void;
  /** Settles when the program shall end: with its exit status, or with what makes it impossible to go on. */
  readonly end: Promise<number | Error>;
  readonly patience?: Patience;
}

export interface Patience {
  /** How long running replies may take to come to their end by themselves, once the program shall end. */
  readonly running: Milliseconds;
  /** How long the last edits may take after that. */
  readonly edits: Milliseconds;
}

/** Docker gives ten seconds before it kills. */
const PATIENCE: Patience = { running: 6_000, edits: 2_000 };

/**
 * Meets people on every platform until the end comes; running replies are whole by then, or end with what there is.
 *
 * @returns what has ended it.
 */
export async function serve(options: ServeOptions): Promise<number | Error> {
  const { platforms, engine, tasks, access, requestsPerMinute, logger, say, patience = PATIENCE } = options;
  const gate = new Gate({ rules: access, requestsPerMinute, clock: systemClock });
  const bot = new Bot({ engine, logger, gate, tasks });
  const delivery = new Delivery({ logger });
  const reception = new Reception({ bot, delivery, opinions: new Opinions() });
  const started = startAll(platforms, reception, say);
  const lost = platforms.map(({ lost: reason = NEVER }) => reason);
  const end = await Promise.race([options.end, failureOf(started), ...lost]);
  reception.close();
  // Whoever is thrown out, or has no model, has nothing more to show.
  if (typeof end === 'number') await delivery.settled(patience.running);
  await bot.close();
  const unfinished = await delivery.settled(patience.edits);
  if (unfinished > 0) logger.warn({ replies: unfinished }, 'replies were not shown whole');
  await Promise.all(platforms.map((platform) => platform.stop()));
  return end;
}

async function startAll(
  platforms: readonly ServedPlatform[],
  reception: Reception,
  say: (text: string) => void,
): Promise<void> {
  await Promise.all(
    platforms.map(async (platform) => {
      await platform.start(
        (request) => reception.take(request, platform),
        (press) => reception.press(press, platform),
      );
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
