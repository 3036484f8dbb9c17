import { describe, expect, test } from 'vitest';
import { answer, answerTo, prepare, scene } from './parley.ts';

const NOBODY = { allow: ['123456789012345678'], deny: [] };

/** Two servers, a role and a category's worth of people, as settings name them by id. */
async function place() {
  const parley = await prepare();
  const guild = parley.discord.guild({ name: 'Reading Club' });
  const general = guild.channel({ name: 'general' });
  const members = guild.role({ name: 'Members' });
  const ada = guild.person({ name: 'Ada' }, { roles: [members] });
  const bob = guild.person({ name: 'Bob' });
  return { ...parley, guild, general, members, ada, bob };
}

describe('what is refused says so', () => {
  test('to a command: only the asker sees it, every time, and no model has to think', async () => {
    const { discord, general, engine, ada } = await scene({ rules: { users: NOBODY } });
    for (let time = 0; time < 2; time++) {
      const refused = await answerTo(discord, ada.slash(general, 'ask', { question: 'say: hello' }));
      expect(refused).toMatchObject({
        isEphemeral: true,
        content: expect.stringContaining('not among those whom I may answer'),
        buttons: [],
      });
    }
    expect(engine.replies).toEqual([]);
  });

  test('to a mention: a short reply, once a minute for each person', async () => {
    const { discord, general, ada, bob } = await scene({ rules: { users: NOBODY } });
    for (let time = 0; time < 3; time++) ada.says(general, 'say: hello', { mention: true });
    bob.says(general, 'say: hello', { mention: true });
    await answer(discord, general, 2);
    expect(general.fromBot()).toHaveLength(2);
  });

  test('to a menu and to a form', async () => {
    const { discord, general, ada, bob } = await scene({ rules: { users: NOBODY } });
    const said = bob.says(general, 'The tide comes in at nine.');
    expect(await answerTo(discord, ada.menu(said, 'Summarize'))).toMatchObject({ isEphemeral: true });
    const used = ada.menu(said, 'Ask about this');
    await discord.waitFor(() => used.modal);
    expect(await answerTo(discord, ada.submits(used, { question: 'When?' }))).toMatchObject({
      isEphemeral: true,
    });
  });

  test('to a direct message, when those are turned off', async () => {
    const { discord, general, ada } = await scene({ rules: { directMessages: false } });
    ada.says(ada.dm(), 'say: hello');
    expect((await answer(discord, ada.dm())).content).toContain('Mention me in a channel');
    ada.says(general, 'say: hello', { mention: true });
    expect((await answer(discord, general)).content).toBe('hello');
  });
});

describe('allow and deny lists', () => {
  test.each(['workspaces', 'channels', 'roles', 'users'] as const)('of %s', async (list) => {
    const there = await place();
    const { discord, guild, general, members, ada } = there;
    const id = { workspaces: guild.id, channels: general.id, roles: members.id, users: ada.id }[list];
    for (const [rule, allowed] of [
      [{ allow: [id], deny: [] }, true],
      [{ allow: [], deny: [id] }, false],
      [NOBODY, false],
    ] as const) {
      const bot = await prepare({ joins: discord, rules: { [list]: rule } });
      await bot.start();
      const said = await answerTo(discord, ada.slash(general, 'ask', { question: 'say: hello' }));
      expect(said.content === 'hello', JSON.stringify(rule)).toBe(allowed);
      await bot.adapter.stop();
    }
  });

  test('of servers hold also in one that has the commands without the bot', async () => {
    const { discord } = await scene({ rules: { workspaces: NOBODY } });
    const elsewhere = discord.guild({ name: 'Elsewhere', botPermissions: null });
    const eve = elsewhere.person({ name: 'Eve' });
    const used = eve.slash(elsewhere.channel({ name: 'general' }), 'ask', { question: 'say: hello' });
    expect(await answerTo(discord, used)).toMatchObject({
      isEphemeral: true,
      content: expect.stringContaining('I do not answer here'),
    });
  });

  test('of channels include their threads', async () => {
    const there = await place();
    const { discord, general, ada } = there;
    const bot = await prepare({ joins: discord, rules: { channels: { allow: [general.id], deny: [] } } });
    await bot.start();
    const thread = general.thread({ name: 'Tides', by: ada });
    ada.says(thread, 'say: hello', { mention: true });
    expect((await answer(discord, thread)).content).toBe('hello');
  });

  test('of roles go by what the person is now, by mention as well as by command', async () => {
    const there = await place();
    const { discord, general, members, ada, bob } = there;
    const bot = await prepare({ joins: discord, rules: { roles: { allow: [members.id], deny: [] } } });
    await bot.start();
    ada.says(general, 'say: hello', { mention: true });
    expect((await answer(discord, general)).content).toBe('hello');
    bob.says(general, 'say: hello', { mention: true });
    expect((await answer(discord, general, 2)).content).toContain('not among those');
  });
});

describe('the limit of requests a minute', () => {
  test('holds for each person, over all ways to ask, and says how long to wait', async () => {
    const { discord, general, ada, bob } = await scene({ requestsPerMinute: 2 });
    ada.says(general, 'say: one', { mention: true });
    ada.says(ada.dm(), 'say: two');
    await answer(discord, general);
    await answer(discord, ada.dm());
    const refused = await answerTo(discord, ada.slash(general, 'ask', { question: 'say: three' }));
    expect(refused.content).toMatch(/2 requests a minute.*Ask again in \d+ s/u);
    bob.says(general, 'say: four', { mention: true });
    await discord.waitFor(() => general.fromBot().some(({ content }) => content === 'four'));
  });
});

describe('too many requests in one conversation', () => {
  test('are told at once', async () => {
    const { ScriptedEngine } = await import('../../fixtures/scripted-engine.ts');
    const { discord, ada } = await scene({ engine: new ScriptedEngine() });
    const dm = ada.dm();
    for (let nth = 0; nth < 10; nth++) ada.says(dm, `Question ${nth}?`);
    await discord.waitFor(() =>
      dm.fromBot().some(({ content }) => /requests of yours .* Ask again in about/.test(content)),
    );
  });
});
