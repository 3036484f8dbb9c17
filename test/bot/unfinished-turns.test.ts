import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
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
import { ScriptedEngine, type ScriptedReply } from '../fixtures/scripted-engine.ts';
import { slowEngine, WORD_MS, wordsOf } from '../fixtures/slow-engine.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { VirtualClock } from '../fixtures/virtual-clock.ts';
import { VirtualPlatform } from '../fixtures/virtual-platform.ts';
import { BOT, request } from './requests.ts';

// Bots that are killed in the middle of an answer, one after the other over the same file, platform and clock. What a dead
// one still wanted to do never happens; what it had sent still arrives.

const NOON = Date.UTC(2026, 10, 1, 12);
const CHANNEL: OutletLimits = {
  messageLength: 2_000,
  posts: { key: 'post', calls: 5, perMs: 5_000 },
  edits: { key: 'edit', calls: 5, perMs: 5_000 },
};

class World {
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
   * @param forgetful the platform does not know any more what earlier processes posted, and would post it again.
   */
  async start({ model = 'script', forgetful = false, engine = slowEngine(this.clock, model) } = {}) {
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
      seen: await SeenRequests.recalled(store.seen),
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

  /** All that people could ever read in the first message, from the first words of the answer on. */
  get readings(): readonly string[] {
    const texts = (this.platform.messages[0]?.versions ?? []).map(({ text }) => text);
    const first = texts.findIndex((text) => text.startsWith('w'));
    return first < 0 ? [] : texts.slice(first);
  }
}

const asked = (over: Partial<ChatRequest> = {}) => request({ text: 'Tell me.', at: NOON, ...over });

const whole = (seed: number) => wordsOf(seed).join('').trim();

describe('an answer that was interrupted', () => {
  test('goes on where it was, in its message, with the words that it would have had', async () => {
    const world = await World.make();
    const first = await world.start();
    first.ask(asked());
    await world.clock.pass(1_500);
    first.kill();
    const before = world.readings.at(-1);
    expect(before).toMatch(/^w1n0 .* w1n\d$/);

    const typings = world.platform.typings.length;
    const second = await world.start();
    await second.settled();
    expect(world.platform.texts).toEqual([whole(1)]);
    expect(world.platform.controls).toEqual(['done']);
    // Edits do not take it away.
    expect(world.platform.typings).toHaveLength(typings);
    expect(await second.unfinished()).toEqual([]);
  });

  test('is whole, once, and never loses a word, whenever and however often the bot dies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3_000), { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(3_000), { minLength: 4, maxLength: 4 }),
        async (lives, pauses) => {
          const world = await World.make();
          for (const [index, life] of lives.entries()) {
            const process = await world.start();
            if (index === 0) process.ask(asked());
            await world.clock.pass(life);
            process.kill();
            await world.clock.pass(pauses[index] ?? 0);
          }
          const last = await world.start();
          // The platform was told nothing by a bot that died at once, and delivers the event again.
          last.ask(asked());
          await last.settled();
          expect(world.platform.texts).toEqual([whole(1)]);
          const { readings } = world;
          for (const [index, reading] of readings.entries()) {
            expect(whole(1).startsWith(reading), reading).toBe(true);
            expect(reading.length).toBeGreaterThanOrEqual(readings[index - 1]?.length ?? 0);
          }
          expect(await last.unfinished()).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('keeps words that were just shown when the bot died, where only a waiting line was before', async () => {
    const world = await World.make();
    const first = await world.start({ engine: slowEngine(world.clock, 'script', 3_000) });
    first.ask(asked());
    while (world.readings.length === 0) await world.clock.pass(5);
    first.kill();
    expect(await first.unfinished()).toMatchObject([{ posted: [{ shows: 0 }] }]);
    await world.clock.pass(1_000);
    const second = await world.start({ engine: slowEngine(world.clock, 'script', 3_000) });
    await second.settled();
    expect(world.readings.filter((reading) => !reading.startsWith('w'))).toEqual([]);
    expect(world.platform.texts).toEqual([whole(1)]);
  });

  test('over several messages goes on in the last of them', async () => {
    const world = await World.make({ ...CHANNEL, messageLength: 120 });
    const first = await world.start();
    first.ask(asked());
    await world.clock.pass(3_500);
    first.kill();
    expect(world.platform.messages.length).toBeGreaterThan(1);

    const second = await world.start();
    await second.settled();
    expect(world.platform.texts.join(' ')).toBe(whole(1));
    expect(world.platform.controls.filter((state) => state !== 'none')).toEqual(['done']);
  });

  test('whose message can be edited no more goes on in a new one', async () => {
    const world = await World.make();
    const first = await world.start();
    first.ask(asked());
    await world.clock.pass(1_500);
    first.kill();
    await world.clock.pass(1_000);
    const before = world.platform.texts[0] ?? '';

    const old = world.platform.messages[0];
    world.platform.fate = ({ kind }) => ({
      thereMs: 20,
      backMs: 20,
      ...(kind === 'edit' && world.platform.messages.at(-1) === old && { error: 'OUTLET_EXPIRED' as const }),
    });
    const second = await world.start();
    await second.settled();
    expect(world.platform.texts).toHaveLength(2);
    expect(world.platform.texts[0]).toBe(before);
    expect(world.platform.texts.join(' ')).toBe(whole(1));
  });

  test('finds its messages by itself, where the platform has forgotten what they were', async () => {
    const world = await World.make({ ...CHANNEL, messageLength: 120 });
    const first = await world.start();
    first.ask(asked());
    await world.clock.pass(3_500);
    first.kill();
    await world.clock.pass(1_000);
    const second = await world.start({ forgetful: true });
    await second.settled();
    expect(world.platform.texts.join(' ')).toBe(whole(1));
  });

  test('whose first message was on its way when the bot died ends right, in that message', async () => {
    const world = await World.make();
    const first = await world.start();
    first.ask(asked());
    while (world.platform.messages.length === 0) await world.clock.pass(5);
    first.kill();
    expect(await first.unfinished()).toMatchObject([{ posted: [] }]);
    await world.clock.pass(16 * 60_000);
    const second = await world.start();
    await second.settled();
    expect(world.platform.texts).toEqual([expect.stringContaining('Ask again for a whole one.')]);
  });

  test('too long ago ends with what there was, and one plain line', async () => {
    const world = await World.make();
    const first = await world.start();
    first.ask(asked());
    await world.clock.pass(1_500);
    first.kill();
    const before = world.readings.at(-1) ?? '';
    await world.clock.pass(16 * 60_000);

    const second = await world.start();
    await second.settled();
    const [text = ''] = world.platform.texts;
    expect(text.startsWith(before)).toBe(true);
    expect(text).toMatch(/\n\n_I was interrupted, .* Ask again for a whole one\._$/);
    expect(await second.unfinished()).toEqual([]);
  });

  test('says so when another model answers now: its words would be other ones', async () => {
    const world = await World.make();
    const first = await world.start();
    first.ask(asked());
    await world.clock.pass(1_500);
    first.kill();
    const second = await world.start({ model: 'another' });
    await second.settled();
    expect(world.platform.texts[0]).toMatch(/ w1n\d+\n\n_I was interrupted, and another model answers now/);
  });

  test('is begun by another model when nothing of it was written', async () => {
    const world = await World.make();
    const first = await world.start();
    first.ask(asked());
    await world.clock.pass(WORD_MS / 2);
    first.kill();
    const second = await world.start({ model: 'another' });
    await second.settled();
    expect(world.platform.texts).toEqual([whole(1)]);
  });
});

describe('an answer of which processes die', () => {
  /** A life in which nothing comes of it, as if the process had died on the way to the model. */
  async function die(world: World, engine = new ScriptedEngine()) {
    const process = await world.start({ engine });
    await world.clock.pass(1_000);
    process.kill();
    return process;
  }

  test('is given up after five, with a line that says so', async () => {
    const world = await World.make();
    const first = await world.start({ engine: new ScriptedEngine() });
    first.ask(asked());
    await world.clock.pass(1_000);
    first.kill();
    for (let life = 0; life < 5; life += 1) await die(world);
    const last = await world.start();
    await last.settled();
    expect(world.platform.texts).toEqual([expect.stringMatching(/broke off at this request several times/)]);
    expect(await last.unfinished()).toEqual([]);
  });

  test('keeps the text that people have read', async () => {
    const world = await World.make();
    const first = await world.start();
    first.ask(asked());
    await world.clock.pass(1_500);
    first.kill();
    const before = world.readings.at(-1) ?? '';
    for (let life = 0; life < 5; life += 1) await die(world);
    const last = await world.start();
    await last.settled();
    expect(world.platform.texts[0]).toMatch(/^w1n0 .*\n\n_I broke off at this request several times/s);
    expect(world.platform.texts[0]?.startsWith(before)).toBe(true);
  });

  test('is dropped unseen when even its end is fatal', async () => {
    const world = await World.make();
    const first = await world.start({ engine: new ScriptedEngine() });
    first.ask(asked());
    await world.clock.pass(10);
    first.kill();
    world.platform.fate = () => ({ thereMs: 3_600_000, backMs: 0 });
    for (let life = 0; life < 10; life += 1) await die(world);
    const last = await world.start();
    expect(await last.unfinished()).toEqual([]);
  });

  test('is innocent as long as it waits for its turn, or gets on by a word', async () => {
    const world = await World.make();
    const first = await world.start({ engine: new ScriptedEngine() });
    first.ask(asked());
    await world.clock.pass(1_000);
    first.kill();
    for (let life = 0; life < 8; life += 1) await die(world, new ScriptedEngine((reply) => reply.queued(2)));
    const aFewWords = (reply: ScriptedReply) => {
      const { seed = 0, shown = [] } = reply.options;
      for (const word of wordsOf(seed, shown.length).slice(0, 3)) reply.write(word);
    };
    for (let life = 0; life < 8; life += 1) await die(world, new ScriptedEngine(aFewWords));
    const last = await world.start();
    await last.settled();
    expect(world.platform.texts).toEqual([whole(1)]);
  });
});

test('requests of one conversation keep their order when they are taken up', async () => {
  const world = await World.make();
  const first = await world.start();
  first.ask(asked({ id: 'm1', at: NOON }));
  first.ask(asked({ id: 'm2', at: NOON + 1 }));
  await world.clock.pass(1_000);
  first.kill();
  const second = await world.start();
  await second.settled();
  expect(world.platform.messages.map(({ place }) => place.turn)).toEqual(['discord:c1/m1', 'discord:c1/m2']);
  expect(world.platform.texts).toEqual([whole(1), whole(2)]);
});

test('turns of a platform that is not connected now stay for a start with it', async () => {
  const world = await World.make();
  const first = await world.start();
  first.ask(asked({ conversation: { platform: 'slack', id: 'C1' } }));
  await world.clock.pass(1_000);
  first.kill();
  const second = await world.start();
  await second.settled();
  expect(await second.unfinished()).toHaveLength(1);
});

test('what is asked in the terminal is in no journal', async () => {
  const world = await World.make();
  const process = await world.start();
  process.ask(asked({ conversation: { platform: 'terminal', id: 'here' } }));
  await world.clock.pass(1_000);
  expect(await process.unfinished()).toEqual([]);
});
