import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ScriptedEngine, type ScriptedReply } from '../fixtures/scripted-engine.ts';
import { slowEngine, WORD_MS, wordsOf } from '../fixtures/slow-engine.ts';
import { asked, CHANNEL, NOON, World, whole } from './interrupted-world.ts';

describe('an answer that was interrupted', () => {
  test('goes on where it was, in its message, with the words that it would have had', async () => {
    const world = await World.make();
    await world.interrupted(1_500);
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

  test('loses no word in a message that only grows, when the bot died with its last one on the way', async () => {
    const world = await World.make({ ...CHANNEL, growth: 'append' });
    const first = await world.start();
    first.ask(asked());
    while (world.platform.controls[0] !== 'done') await world.clock.pass(5);
    first.kill();
    expect(await first.unfinished()).toHaveLength(1);
    await world.clock.pass(1_000);
    const second = await world.start({ engine: slowEngine(world.clock, 'script', 3_000) });
    await second.settled();
    expect(
      world.readings.filter((reading, nth) => !reading.startsWith(world.readings[nth - 1] ?? '')),
    ).toEqual([]);
  });

  test('over several messages goes on in the last of them', async () => {
    const world = await World.make({ ...CHANNEL, messageLength: 120 });
    await world.interrupted(3_500);
    expect(world.platform.messages.length).toBeGreaterThan(1);

    const second = await world.start();
    await second.settled();
    expect(world.platform.texts.join(' ')).toBe(whole(1));
    expect(world.platform.controls.filter((state) => state !== 'none')).toEqual(['done']);
  });

  test('whose message can be edited no more goes on in a new one', async () => {
    const world = await World.make();
    await world.interrupted(1_500);
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
    await world.interrupted(3_500);
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
    await world.interrupted(1_500);
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
    await world.interrupted(1_500);
    const second = await world.start({ model: 'another' });
    await second.settled();
    expect(world.platform.texts[0]).toMatch(/ w1n\d+\n\n_I was interrupted, and another model answers now/);
  });

  test('is begun by another model when nothing of it was written', async () => {
    const world = await World.make();
    await world.interrupted(WORD_MS / 2);
    const second = await world.start({ model: 'another' });
    await second.settled();
    expect(world.platform.texts).toEqual([whole(1)]);
  });

  test('that was asked for again, and has no word yet, says so when another model answers now', async () => {
    const world = await World.make();
    const first = await world.start({ engine: slowEngine(world.clock, 'script', 3_000) });
    first.ask(asked());
    await first.settled();
    const again = { id: 'again', trigger: 'command', command: 'again', options: {}, text: '' } as const;
    first.ask(asked({ ...again, at: NOON + 60_000 }));
    await world.clock.pass(2_500);
    first.kill();
    const second = await world.start({ model: 'another' });
    await second.settled();
    expect(world.platform.texts.at(-1)).toContain('another model answers now');
    expect(await second.unfinished()).toEqual([]);
  });

  test('is not begun a second time when the platform brings its request again', async () => {
    const world = await World.make();
    await world.interrupted(1_500, { remembers: false });
    const second = await world.start();
    expect(second.ask(asked())).toBeUndefined();
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
    await world.interrupted(1_000, { engine: new ScriptedEngine() });
    for (let life = 0; life < 5; life += 1) await die(world);
    const last = await world.start();
    await last.settled();
    expect(world.platform.texts).toEqual([expect.stringMatching(/broke off at this request several times/)]);
    expect(await last.unfinished()).toEqual([]);
  });

  test('keeps the text that people have read', async () => {
    const world = await World.make();
    await world.interrupted(1_500);
    const before = world.readings.at(-1) ?? '';
    for (let life = 0; life < 5; life += 1) await die(world);
    const last = await world.start();
    await last.settled();
    expect(world.platform.texts[0]).toMatch(/^w1n0 .*\n\n_I broke off at this request several times/s);
    expect(world.platform.texts[0]?.startsWith(before)).toBe(true);
  });

  test('is dropped unseen when even its end is fatal', async () => {
    const world = await World.make();
    await world.interrupted(10, { engine: new ScriptedEngine() });
    world.platform.fate = () => ({ thereMs: 3_600_000, backMs: 0 });
    for (let life = 0; life < 10; life += 1) await die(world);
    const last = await world.start();
    expect(await last.unfinished()).toEqual([]);
  });

  test('is innocent when it is written, and only the platform keeps it waiting', async () => {
    const world = await World.make();
    const first = await world.start();
    first.ask(asked());
    await world.clock.pass(1_000);
    world.platform.fate = () => ({ thereMs: 3_600_000, backMs: 0 });
    await world.clock.pass(10_000);
    first.kill();
    for (let life = 0; life < 8; life += 1) await die(world, new ScriptedEngine((reply) => reply.end()));
    world.platform.fate = () => ({ thereMs: 20, backMs: 20 });
    const last = await world.start();
    await last.settled();
    expect(world.platform.texts).toEqual([whole(1)]);
  });

  test('is innocent as long as it waits for its turn, or gets on by a word', async () => {
    const world = await World.make();
    await world.interrupted(1_000, { engine: new ScriptedEngine() });
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
