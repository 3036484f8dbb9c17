import { describe, expect, test } from 'vitest';
import { Bot } from '../../../bot/bot.ts';
import { systemClock } from '../../../bot/clock.ts';
import { answering } from '../../../bot/delivery/answering.ts';
import { Delivery, targetOf } from '../../../bot/delivery/delivery.ts';
import type { Surroundings } from '../../../bot/ports.ts';
import { OpenTurn } from '../../../bot/turn.ts';
import { createLogger } from '../../../config/logger.ts';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';
import { mostWithin, VirtualPlatform } from '../../fixtures/virtual-platform.ts';
import { BOT, request } from '../requests.ts';
import { CHANNEL, finish, setUp, write } from './replies.ts';

const silent = createLogger({ level: 'silent', secrets: [], format: 'json' });

describe('a request to the bot', () => {
  function open() {
    const clock = new VirtualClock();
    const outlet = new VirtualPlatform(clock, CHANNEL);
    const nothing: Surroundings = {
      self: BOT,
      history: async () => [],
      attachment: async () => new Uint8Array(),
    };
    const platform = Object.assign(outlet, nothing);
    const engine = new ScriptedEngine();
    const bot = new Bot({ engine: Promise.resolve(engine), logger: silent });
    const delivery = new Delivery({ logger: silent, clock });
    return { clock, platform, engine, bot, delivery, onRequest: answering(bot, delivery, platform) };
  }

  test('is answered with messages, from the queue to the buttons under the last one', async () => {
    const { clock, platform, engine, onRequest } = open();
    onRequest(request({ text: 'What is a glacier?' }));
    await clock.pass(100);
    const reply = await engine.next();
    reply.queued(2);
    await clock.pass(2000);
    expect(platform.texts).toEqual(['_Thinking … 2nd in the queue, about 2 s_']);
    reply.write(' A river').write(' of ice.');
    reply.end();
    await clock.pass(1000);
    expect(platform.texts).toEqual(['A river of ice.']);
    expect(platform.controls).toEqual(['done']);
  });

  test('that is not to be answered leaves the platform alone', async () => {
    const { clock, platform, onRequest } = open();
    expect(onRequest(request({ author: BOT, text: 'My own words.' }))).toBeUndefined();
    await clock.pass(10_000);
    expect([platform.calls, platform.typings]).toEqual([[], []]);
  });

  test('ends with what there is when the bot is closed, and closing can wait for that', async () => {
    const { clock, platform, engine, bot, delivery, onRequest } = open();
    onRequest(request({ text: 'What is a glacier?' }));
    await clock.pass(100);
    (await engine.next()).write(' A river').write(' of ice. And');
    await clock.pass(1000);
    await bot.close();
    expect(await clock.until(delivery.settled(10_000))).toBe(0);
    expect(platform.texts[0]).toMatch(/^A river of ice\..*_Stopped\._$/s);
  });
});

describe('delivery', () => {
  test('keeps a budget for all replies that share it, whoever they belong to', async () => {
    const { clock, platform, begin, turn: first, delivered } = setUp();
    const replies = [{ turn: first, delivered }, ...Array.from({ length: 19 }, () => begin())];
    for (const [index, { turn }] of replies.entries()) {
      write(turn, `This is reply ${index}, which has more to say`);
      await clock.pass(130);
    }
    for (const { turn } of replies) {
      write(turn, ' until here.');
      finish(turn);
    }
    await clock.until(Promise.all(replies.map(({ delivered }) => delivered)));
    expect(platform.texts).toEqual(
      replies.map((_, index) => `This is reply ${index}, which has more to say until here.`),
    );
    for (const key of ['post', 'edit']) {
      expect(
        mostWithin(
          platform.calls.filter(({ budget }) => budget === key),
          5000,
        ),
      ).toBeLessThanOrEqual(5);
    }
  });

  test('shows two hundred replies in fifty channels at once, each whole, and no channel is asked for too much', async () => {
    const clock = new VirtualClock();
    const platform = new VirtualPlatform(clock, ({ conversation: { id } }) => ({
      ...CHANNEL,
      posts: { key: `post ${id}`, calls: 5, perMs: 5000 },
      edits: { key: `edit ${id}`, calls: 5, perMs: 5000 },
    }));
    const delivery = new Delivery({ logger: silent, clock });
    const shown = Array.from({ length: 200 }, async (_, index) => {
      const conversation = { platform: 'discord', id: `c${index % 50}` } as const;
      const turn = new OpenTurn(`turn ${index}`, request({ id: `m${index}`, conversation }), 'chat');
      const delivered = delivery.deliver(turn, platform);
      for (let word = 0; word < 60; word += 1) {
        await clock.sleep(50);
        write(turn, `${word > 0 ? ' ' : ''}word${word}`);
      }
      finish(turn);
      return delivered;
    });
    const results = await clock.until(Promise.all(shown));
    expect(results.every(({ state, refused }) => state === 'whole' && refused === 0)).toBe(true);
    expect(new Set(platform.texts).size).toBe(1);
    expect(platform.texts[0]).toMatch(/^word0 .* word59$/);
    for (const key of new Set(platform.calls.map(({ budget }) => budget))) {
      expect(
        mostWithin(
          platform.calls.filter(({ budget }) => budget === key),
          5000,
        ),
      ).toBeLessThanOrEqual(5);
    }
  });

  test('waits for replies that are being shown, but not for ever', async () => {
    const { clock, delivery, turn } = setUp();
    write(turn, 'A few words');
    expect(await clock.until(delivery.settled(5000))).toBe(1);
    expect(clock.now()).toBe(5000);
    finish(turn);
    expect(await clock.until(delivery.settled(5000))).toBe(0);
    expect(clock.now()).toBeLessThan(6000);
    expect(delivery.running).toBe(0);
  });

  test('leaves what it shows as it is, once the call that is under way has come back, and ends nothing', async () => {
    const clock = new VirtualClock();
    const platform = new VirtualPlatform(clock, CHANNEL);
    const journal: string[] = [];
    const delivery = new Delivery({
      logger: silent,
      clock,
      journal: {
        post: async (_turn, index, { shows }) => void journal.push(`message ${index} shows ${shows}`),
        end: async (turn) => void journal.push(`${turn} has ended`),
      },
    });
    const turn = new OpenTurn('turn', request(), 'chat');
    const delivered = delivery.deliver(turn, platform);
    platform.fate = () => ({ thereMs: 400, backMs: 400 });
    write(turn, 'A few words');
    while (platform.messages.length === 0) await clock.pass(20);
    const left = clock.until(delivery.leave(5000));
    write(turn, ' and more');
    finish(turn);
    await left;
    expect(journal).toEqual(['message 0 shows 11']);
    await clock.pass(60_000);
    expect(await delivered).toMatchObject({ state: 'left', posts: 1, edits: 0 });
    expect(clock.pending).toBe(0);
    expect(platform.texts).toEqual(['A few words']);
    const late = new OpenTurn('late', request({ id: 'm2' }), 'chat');
    const unseen = delivery.deliver(late, platform);
    late.say('I am about to leave.');
    await clock.pass(60_000);
    expect(await unseen).toMatchObject({ state: 'left', posts: 0 });
    expect(journal).toHaveLength(1);
  });

  test('asks for the budget each time: it may be another by then', async () => {
    const clock = new VirtualClock();
    let edits = { key: 'token', calls: 5, perMs: 2000 };
    const platform = new VirtualPlatform(clock, () => ({ ...CHANNEL, edits }));
    const turn = new OpenTurn('turn', request(), 'chat');
    const delivered = new Delivery({ logger: silent, clock }).deliver(turn, platform);
    write(turn, 'A few words');
    await clock.pass(1000);
    write(turn, ' and more');
    await clock.pass(1000);
    edits = { key: 'channel', calls: 5, perMs: 5000 };
    finish(turn);
    await clock.until(delivered);
    expect(platform.calls.map(({ budget }) => budget)).toEqual(['post', 'token', 'channel']);
  });

  test('loses one reply to a mistake in an adapter, and no other', async () => {
    const { clock, platform, delivery, log, begin } = setUp();
    const { limits } = platform;
    platform.limits = () => ({ messageLength: 1 });
    const { turn: broken, delivered } = begin();
    expect(await delivered).toMatchObject({ state: 'given up' });
    expect(broken.signal.aborted).toBe(true);
    expect(log.filter(({ level }) => level === 'error')).toHaveLength(1);
    platform.limits = limits;
    const { turn } = begin();
    turn.say('Here it is.');
    await clock.until(delivery.settled(1000));
    expect(platform.texts).toContain('Here it is.');
  });
});

describe('the target of a reply', () => {
  test('is the conversation, by the way that the request names', () => {
    const asked = request();
    expect(targetOf(asked)).toEqual({ conversation: asked.conversation });
    expect(targetOf({ ...asked, replyAddress: { token: 'abc' } })).toEqual({
      conversation: asked.conversation,
      address: { token: 'abc' },
    });
  });
});

describe("the system's clock", () => {
  test('calls back when the time has come, however long or short, unless it is called off', async () => {
    const from = systemClock.now();
    systemClock.after(0, () => expect.unreachable())();
    systemClock.after(2 ** 40, () => expect.unreachable())();
    await new Promise<void>((resolve) => {
      systemClock.after(1.5, resolve);
    });
    expect(systemClock.now()).toBeGreaterThanOrEqual(from + 1.5);
  });
});
