import { describe, expect, test } from 'vitest';
import { answer, scene } from './parley.ts';

const READS_ALL = { server: { privileged: { messageContent: true } } };

describe('a message is for the bot', () => {
  test('when it mentions the bot: the answer replies to it and pings nobody', async () => {
    const { discord, general, ada } = await scene();
    const asked = ada.says(general, 'say: hello there', { mention: true });
    const said = await answer(discord, general);
    expect(said.content).toBe('hello there');
    expect(said.replyTo).toBe(asked.id);
    expect(discord.pings).toEqual([]);
    expect(discord.unknownRequests).toEqual([]);
    expect(discord.rateLimited).toEqual([]);
  });

  test('when it mentions the role that came with the bot, which people pick by mistake', async () => {
    const { discord, guild, general, ada } = await scene(READS_ALL);
    Object.assign(guild.botRole, { mentionable: true });
    ada.says(general, `<@&${guild.botRole.id}> say: hello`);
    expect((await answer(discord, general)).content).toBe('hello');
  });

  test('when it replies to one of its messages, also without a mention and by somebody else', async () => {
    const { discord, general, ada, bob } = await scene();
    ada.says(general, 'say: hello', { mention: true });
    const first = await answer(discord, general);
    const reply = bob.says(general, 'say: hello to you, too', { replyTo: first });
    const second = await answer(discord, general, 2);
    expect(second).toMatchObject({ content: 'hello to you, too', replyTo: reply.id });
  });

  test('when it is a direct message, and then the answer is no reply', async () => {
    const { discord, ada } = await scene();
    ada.says(ada.dm(), 'say: hello');
    expect(await answer(discord, ada.dm())).toMatchObject({ content: 'hello', replyTo: undefined });
  });

  test('in a thread, where the answer stays', async () => {
    const { discord, general, ada } = await scene();
    const thread = general.thread({ name: 'Tides', by: ada });
    ada.says(thread, 'say: hello', { mention: true });
    expect((await answer(discord, thread)).content).toBe('hello');
    expect(general.fromBot()).toEqual([]);
  });

  test('and the bare mention gets help', async () => {
    const { discord, general, ada } = await scene();
    ada.says(general, '', { mention: true });
    expect((await answer(discord, general)).content).toContain('/summarize');
  });

  test('wherever in the text the mention is, and it is no part of the question; other names are', async () => {
    const { discord, general, engine, ada, bob } = await scene();
    ada.says(general, `Has ${bob.mention} read it, ${discord.bot.mention}?`);
    await answer(discord, general);
    expect(engine.replies[0]?.prompt).toBe('Q: Has @Bob read it, ?\nA:');
  });
});

describe('a message is not for the bot', () => {
  test('when people talk to each other, mention everyone, or reply to each other; when it is a bot or the bot itself', async () => {
    const { discord, guild, general, ada, bob, engine } = await scene(READS_ALL);
    const robot = guild.person({ name: 'Robot', bot: true });
    const said = bob.says(general, 'Good morning.');
    ada.says(general, 'Good morning!', { replyTo: said });
    ada.says(general, '@everyone Good morning!');
    robot.says(general, 'beep', { mention: true });
    ada.says(general, 'say: hello', { mention: true });
    await answer(discord, general);
    expect(general.fromBot()).toHaveLength(1);
    expect(engine.replies).toHaveLength(1);
  });
});

describe('a mention that replies to somebody else', () => {
  test('asks about that message', async () => {
    const { discord, general, engine, ada, bob } = await scene(READS_ALL);
    const said = bob.says(general, 'The tide comes in at nine.');
    ada.says(general, 'When does it come?', { mention: true, replyTo: said });
    await answer(discord, general);
    expect(engine.replies[0]?.prompt).toBe('The tide comes in at nine.\n\nQ: When does it come?\nA:');
  });

  test('sums that message up when it says so', async () => {
    const { discord, general, engine, ada, bob } = await scene(READS_ALL);
    const said = bob.says(general, 'The tide comes in at nine. It goes out at three.');
    ada.says(general, 'summarize, please', { mention: true, replyTo: said });
    await answer(discord, general);
    expect(engine.replies[0]?.prompt).toBe('The tide comes in at nine. It goes out at three.\n\nTL;DR:');
  });

  test('says what to do where that message may not be read', async () => {
    const { discord, general, engine, ada, bob } = await scene();
    const said = bob.says(general, 'The tide comes in at nine.');
    ada.says(general, 'When does it come?', { mention: true, replyTo: said });
    const refused = await answer(discord, general);
    expect(refused.content).toMatch(/Apps, Summarize or Ask about this.*Message Content Intent/su);
    expect(engine.replies).toEqual([]);
  });
});

describe('the first word of a mention', () => {
  test.each([
    ['status', 'running'],
    ['help', '/ask'],
    ['reset', 'Forgotten'],
  ])('may be a command: %s', async (word, says) => {
    const { discord, general, ada } = await scene();
    ada.says(general, word, { mention: true });
    expect((await answer(discord, general)).content).toContain(says);
  });
});
