import { PermissionFlagsBits } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { MemoryStore } from '../../../bot/store/memory-store.ts';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { answer, answerTo, prepare, scene } from './parley.ts';

const DONE = ['Again', 'More', '👍', '👎'];

/** Ada's question, half answered. */
async function running() {
  const engine = new ScriptedEngine();
  const there = await scene({ engine });
  const { discord, general, ada } = there;
  ada.says(general, 'What is a tide?', { mention: true });
  const reply = await engine.next();
  reply.write(' The sea that breathes');
  const message = await discord.waitFor(() => general.fromBot().find(({ content }) => content !== ''));
  return { ...there, engine, reply, message };
}

describe('Stop', () => {
  test('is under a reply while it runs, and ends it with what there is; then come the others', async () => {
    const { discord, general, ada, reply, message } = await running();
    expect(message.buttons.map(({ label }) => label)).toEqual(['Stop']);
    ada.pressButton(message, 'Stop');
    await answer(discord, general);
    expect(message.content).toBe('The sea that breathes\n\n-# Stopped.');
    expect(message.buttons.map(({ label }) => label)).toEqual(DONE);
    expect(reply.ended).toBe(true);
  });

  test('is not for others, and says so to them alone; it is for moderators', async () => {
    const { discord, guild, bob, reply, message } = await running();
    const refused = await answerTo(discord, bob.pressButton(message, 'Stop'));
    expect(refused).toMatchObject({
      isEphemeral: true,
      content: expect.stringContaining('Only the person who asked'),
    });
    expect(reply.ended).toBe(false);
    const moderators = guild.role({ name: 'Moderators', permissions: PermissionFlagsBits.ManageMessages });
    const mia = guild.person({ name: 'Mia' }, { roles: [moderators] });
    mia.pressButton(message, 'Stop');
    await discord.waitFor(() => message.buttons.length === DONE.length);
    expect(message.content).toContain('-# Stopped.');
  });

  test('under a reply that has ended meanwhile says so', async () => {
    const { discord, ada, reply, message } = await running();
    const edit = 'PATCH /channels/:channel/messages/:message';
    discord.failNext(edit, { status: 500, times: 4 });
    reply.write(' in and out.').end();
    await discord.waitFor(() =>
      discord.requests.some(({ route, status }) => route === edit && status === 500),
    );
    const refused = await answerTo(discord, ada.pressButton(message, 'Stop'));
    expect(refused).toMatchObject({
      isEphemeral: true,
      content: expect.stringContaining('complete already'),
    });
  });
});

describe('Again', () => {
  test('answers once more with another seed, in a reply to the first answer', async () => {
    const { discord, general, engine, ada } = await scene();
    ada.says(general, 'say: Low.', { mention: true });
    const first = await answer(discord, general);
    ada.pressButton(first, 'Again');
    const second = await answer(discord, general, 2);
    expect(second).toMatchObject({ content: 'Low.', replyTo: first.id });
    const [one, two] = engine.replies;
    expect(two?.prompt).toBe(one?.prompt);
    expect(two?.options.seed).not.toBe(one?.options.seed);
    expect(second.buttons.map(({ label }) => label)).toEqual(DONE);
  });

  test('is for the asker and moderators, as Stop is', async () => {
    const { discord, general, ada, bob } = await scene();
    ada.says(general, 'say: Low.', { mention: true });
    const first = await answer(discord, general);
    const refused = await answerTo(discord, bob.pressButton(first, 'Again'));
    expect(refused).toMatchObject({
      isEphemeral: true,
      content: expect.stringContaining('Only the person who asked'),
    });
    expect(general.fromBot().filter(({ isEphemeral }) => !isEphemeral)).toHaveLength(1);
  });

  test('under a private answer answers privately', async () => {
    const { discord, general, ada, bob } = await scene();
    const first = await answerTo(
      discord,
      ada.slash(general, 'ask', { question: 'say: Low.', private: true }),
    );
    const pressed = ada.pressButton(first, 'Again');
    expect(await answerTo(discord, pressed)).toMatchObject({ content: 'Low.', isEphemeral: true });
    expect(bob.sees(general)).toEqual([]);
  });

  test('keeps to the limits that the asker has', async () => {
    const { discord, general, ada } = await scene({ requestsPerMinute: 1 });
    ada.says(general, 'say: Low.', { mention: true });
    const first = await answer(discord, general);
    const refused = await answerTo(discord, ada.pressButton(first, 'Again'));
    expect(refused).toMatchObject({ isEphemeral: true, content: expect.stringContaining('Ask again in') });
  });
});

describe('More', () => {
  test('goes on with a text, whoever presses it', async () => {
    const engine = new ScriptedEngine((reply) =>
      reply.write(` Part ${engine.replies.length}.`).end('length'),
    );
    const { discord, general, ada, bob } = await scene({ engine });
    const first = await answerTo(discord, ada.slash(general, 'write', { opening: 'The Old Lighthouse' }));
    bob.pressButton(first, 'More');
    const second = await answer(discord, general, 2);
    expect(second.content).toContain('Part 2.');
    expect(engine.replies[1]?.prompt).toContain('The Old Lighthouse Part 1.');
  });

  test('says where there is nothing to go on with', async () => {
    const { discord, general, ada } = await scene();
    ada.says(general, 'say: Low.', { mention: true });
    const first = await answer(discord, general);
    const refused = await answerTo(discord, ada.pressButton(first, 'More'));
    expect(refused).toMatchObject({ isEphemeral: true, content: expect.stringContaining('/write') });
  });
});

describe('👍 and 👎', () => {
  test('are counted, one opinion a person, the later one', async () => {
    const store = new MemoryStore();
    const { discord, general, ada, bob } = await scene({ feedback: store.feedback });
    ada.says(general, 'say: Low.', { mention: true });
    const first = await answer(discord, general);
    for (const [person, button] of [
      [ada, '👍'],
      [bob, '👍'],
      [bob, '👎'],
    ] as const) {
      const thanks = await answerTo(discord, person.pressButton(first, button));
      expect(thanks).toMatchObject({ isEphemeral: true, content: expect.stringContaining('Thank you') });
    }
    expect(await store.feedback.tally()).toEqual({ good: 1, bad: 1 });
  });
});

test('a press that fails inside says so, and is in the log', async () => {
  const feedback = {
    put: () => Promise.reject(new Error('the disk is full')),
    tally: async () => ({ good: 0, bad: 0 }),
  };
  const { discord, general, ada, log } = await scene({ feedback });
  ada.says(general, 'say: Low.', { mention: true });
  const refused = await answerTo(discord, ada.pressButton(await answer(discord, general), '👍'));
  expect(refused).toMatchObject({ isEphemeral: true, content: expect.stringContaining('did not work') });
  expect(log.some(({ level, msg }) => level === 'error' && msg.includes('button'))).toBe(true);
});

describe('the buttons of replies that the bot does not remember', () => {
  test('answer politely, after a restart for example', async () => {
    const first = await scene();
    const { discord, general, ada } = first;
    ada.says(general, 'say: Low.', { mention: true });
    const old = await answer(discord, general);
    await first.adapter.stop();
    const { start } = await prepare({ joins: discord });
    await start();
    const again = await answerTo(discord, ada.pressButton(old, 'Again'));
    expect(again).toMatchObject({ isEphemeral: true, content: expect.stringContaining('do not remember') });
    const more = await answerTo(discord, ada.pressButton(old, 'More'));
    expect(more).toMatchObject({ isEphemeral: true });
  });

  test('and of a reply that the bot died in: there is nothing to stop', async () => {
    const there = await running();
    const { discord, ada, message } = there;
    await there.adapter.stop();
    const { start } = await prepare({ joins: discord });
    await start();
    const refused = await answerTo(discord, ada.pressButton(message, 'Stop'));
    expect(refused).toMatchObject({ isEphemeral: true, content: expect.stringContaining('nothing to stop') });
  });
});
