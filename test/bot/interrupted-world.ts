import path from 'node:path';
import { onTestFinished } from 'vitest';
import { Bot } from '../../bot/bot.ts';
import { Delivery } from '../../bot/delivery/delivery.ts';
import { Opinions } from '../../bot/opinions.ts';
import type { OutletLimits } from '../../bot/ports.ts';
import { type Desk, Reception } from '../../bot/reception.ts';
import type { ChatRequest } from '../../bot/request.ts';
import { SeenRequests } from '../../bot/seen-requests.ts';
import { SqliteStore } from '../../bot/store/sqlite-store.ts';
import { takeUpUnfinished } from '../../bot/unfinished-turns.ts';
import { createLogger } from '../../config/logger.ts';
import { slowEngine, wordsOf } from '../fixtures/slow-engine.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { VirtualClock } from '../fixtures/virtual-clock.ts';
import { VirtualPlatform } from '../fixtures/virtual-platform.ts';
import { BOT, request } from './requests.ts';

// Bots that are killed in the middle of an answer, one after the other over the same file, platform and clock. What a dead
// one still wanted to do never happens; what it had sent still arrives.

export const NOON = Date.UTC(2026, 10, 1, 12);
export const CHANNEL: OutletLimits = {
  messageLength: 2_000,
  posts: { key: 'post', calls: 5, perMs: 5_000 },
  edits: { key: 'edit', calls: 5, perMs: 5_000 },
};

export class World {
  readonly clock = new VirtualClock();
  readonly platform: VirtualPlatform;
  readonly #file: string;
  /** Seeds are drawn from here: each process draws others. */
  #draws = 0;

  constructor(file: string, limits = CHANNEL) {
    this.#file = file;
    this.platform = new VirtualPlatform(this.clock, limits);
  }

  static async make(limits?: OutletLimits): Promise<World> {
    return new World(path.join(await temporaryFolder(), 'parley.db'), limits);
  }

  now = (): number => NOON + this.clock.now();

  /**
   * A bot that has started and taken up what it found.
   *
   * @param remembers which requests were taken is written down.
   * @param forgetful the platform does not know any more what earlier processes posted, and would post it again.
   */
  async start({
    model = 'script',
    remembers = true,
    forgetful = false,
    engine = slowEngine(this.clock, model),
  } = {}) {
    const { clock, platform, now } = this;
    const store = await SqliteStore.open(this.#file);
    onTestFinished(() => store.close());
    let alive = true;
    /** Once the process is dead, nothing that it calls does anything or comes back. */
    const whileAlive = <T extends object>(part: T): T =>
      new Proxy(part, {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== 'function') return member;
          return (...args: unknown[]) =>
            alive ? Reflect.apply(member, target, args) : new Promise(() => undefined);
        },
      });
    const journal = whileAlive(store.turns);
    const logger = createLogger({ level: 'silent', secrets: [], format: 'json' });
    const delivery = new Delivery({ logger, clock, journal });
    const bot = new Bot({
      engine: Promise.resolve(engine),
      logger,
      journal,
      seen: remembers ? await SeenRequests.recalled(store.seen) : new SeenRequests(),
      random: {
        getRandomValues: (values) => {
          this.#draws += 1;
          return values.fill(this.#draws);
        },
      },
    });
    const reception = new Reception({ bot, delivery, opinions: new Opinions(store.feedback) });
    const surroundings = { self: BOT, history: async () => [], attachment: async () => new Uint8Array() };
    const outlet = whileAlive(platform);
    const desk: Desk = {
      ...surroundings,
      limits: (where) => platform.limits(where),
      post: (where, page, controls, { turn, ...place }) =>
        outlet.post(where, page, controls, { ...place, turn: forgetful ? `${turn}, anew` : turn }),
      edit: (...args) => outlet.edit(...args),
      typing: () => outlet.typing(),
    };
    const unfinished = await journal.unfinished();
    takeUpUnfinished({ unfinished, reception, desks: { discord: desk }, now, logger });
    return {
      ask: (asked: ChatRequest) => reception.take(asked, desk),
      unfinished: () => store.turns.unfinished(),
      count: () => store.turns.count(),
      kill: () => {
        alive = false;
      },
      settled: () => clock.until(delivery.settled(3_600_000)),
    };
  }

  /** A bot that is asked, and killed so long afterwards. */
  async interrupted(afterMs: number, options?: Parameters<World['start']>[0]): Promise<void> {
    const bot = await this.start(options);
    bot.ask(asked());
    await this.clock.pass(afterMs);
    bot.kill();
  }

  /** All that people could ever read in the first message, from the first words of the answer on. */
  get readings(): readonly string[] {
    const texts = (this.platform.messages[0]?.versions ?? []).map(({ text }) => text);
    const first = texts.findIndex((text) => text.startsWith('w'));
    return first < 0 ? [] : texts.slice(first);
  }
}

export const asked = (over: Partial<ChatRequest> = {}) => request({ text: 'Tell me.', at: NOON, ...over });

export const whole = (seed: number) => wordsOf(seed).join('').trim();
