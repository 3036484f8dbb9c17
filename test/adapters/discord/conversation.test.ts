import { PermissionFlagsBits } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { answer, prepare, scene } from './parley.ts';

const READS_ALL = { server: { privileged: { messageContent: true } } };

describe('a chain of replies is memory', () => {
  test('with the names of the speakers, and without what else is said in the channel', async () => {
    const { discord, general, engine, ada, bob } = await scene();
    ada.says(general, 'say: Low.', { mention: true });
    const first = await answer(discord, general);
    bob.says(general, 'say: Elsewhere.', { mention: true });
    await answer(discord, general, 2);
    bob.says(general, 'And when is it high?', { replyTo: first });
    await answer(discord, general, 3);
    expect(engine.replies[2]?.prompt).toBe('Q: Ada: say: Low.\nA: Low.\nQ: Bob: And when is it high?\nA:');
  });

  test('also of an answer to a command', async () => {
    const { discord, general, engine, ada } = await scene();
    ada.slash(general, 'ask', { question: 'say: Low.' });
    const first = await answer(discord, general);
    ada.says(general, 'say: High.', { replyTo: first });
    const second = await answer(discord, general, 2);
    ada.says(general, 'And then?', { replyTo: second });
    await answer(discord, general, 3);
    expect(engine.replies[2]?.prompt).toBe('Q: say: High.\nA: High.\nQ: And then?\nA:');
  });

  test('and is read back from Discord: a bot that was started again knows it', async () => {
    const first = await scene();
    const { discord, general, ada } = first;
    ada.says(general, 'say: Low.', { mention: true });
    ada.says(general, 'say: High.', { replyTo: await answer(discord, general) });
    const last = await answer(discord, general, 2);
    await first.adapter.stop();
    const { engine, start } = await prepare({ joins: discord });
    await start();
    ada.says(general, 'And then?', { replyTo: last });
    await answer(discord, general, 3);
    expect(engine.replies[0]?.prompt).toBe(
      'Q: say: Low.\nA: Low.\nQ: say: High.\nA: High.\nQ: And then?\nA:',
    );
  });

  test('without the lines that the bot added, and with the text as the model wrote it', async () => {
    const engine = new ScriptedEngine();
    const { discord, general, ada } = await scene({ engine });
    ada.says(general, 'Who?', { mention: true });
    (await engine.next()).write(' Ask <@1> or [me](https://example.org). Or not');
    const first = await discord.waitFor(() => general.fromBot()[0]);
    ada.pressButton(first, 'Stop');
    await answer(discord, general);
    expect(first.content).toMatch(/^Ask \\<@1> or \[me\]\u200b\(https.*\n-# Stopped\.$/su);
    ada.says(general, 'And then?', { replyTo: first });
    const second = await engine.next();
    expect(second.prompt).toBe('Q: Who?\nA: Ask <@1> or [me](https://example.org). Or not\nQ: And then?\nA:');
    second.end();
  });

  test('which /reset in the channel forgets', async () => {
    const { discord, general, engine, ada } = await scene();
    ada.says(general, 'say: Low.', { mention: true });
    const first = await answer(discord, general);
    discord.clock.advance(1_000);
    ada.slash(general, 'reset');
    await answer(discord, general, 2);
    discord.clock.advance(1_000);
    ada.says(general, 'And then?', { replyTo: first });
    await answer(discord, general, 3);
    expect(engine.replies[1]?.prompt).toBe('Q: And then?\nA:');
  });
});

describe('memory', () => {
  test('of direct messages is all that was said there, until /reset', async () => {
    const { discord, engine, ada } = await scene();
    const dm = ada.dm();
    ada.says(dm, 'say: Low.');
    await answer(discord, dm);
    ada.says(dm, 'say: High.');
    await answer(discord, dm, 2);
    discord.clock.advance(1_000);
    ada.says(dm, 'reset');
    await answer(discord, dm, 3);
    discord.clock.advance(1_000);
    ada.says(dm, 'And then?');
    await answer(discord, dm, 4);
    expect(engine.replies.map(({ prompt }) => prompt)).toEqual([
      'Q: say: Low.\nA:',
      'Q: say: Low.\nA: Low.\nQ: say: High.\nA:',
      'Q: And then?\nA:',
    ]);
  });

  test('of a thread is the thread, and the message that it hangs on', async () => {
    const { discord, general, engine, ada, bob } = await scene(READS_ALL);
    const start = ada.says(general, 'I wonder about tides.');
    const thread = general.thread({ name: 'Tides', by: ada, from: start });
    bob.says(thread, 'say: Low.', { mention: true });
    await answer(discord, thread);
    ada.says(thread, 'And when is it high?', { mention: true });
    await answer(discord, thread, 2);
    expect(engine.replies[1]?.prompt).toBe(
      'Q: Ada: I wonder about tides. Bob: say: Low.\nA: Low.\nQ: Ada: And when is it high?\nA:',
    );
  });

  test('is none where the history may not be read, and there is an answer all the same', async () => {
    const { discord, guild, general, engine, ada } = await scene();
    for (const role of [guild.botRole, guild.everyone])
      general.deny(role, PermissionFlagsBits.ReadMessageHistory);
    ada.says(general, 'say: Low.', { mention: true });
    const first = await answer(discord, general);
    expect(first).toMatchObject({ content: 'Low.', replyTo: undefined });
    ada.says(general, 'And then?', { replyTo: first });
    await answer(discord, general, 2);
    expect(engine.replies[1]?.prompt).toBe('Q: And then?\nA:');
  });
});

describe('two requests', () => {
  test('in one conversation are answered in order, while another goes on', async () => {
    const engine = new ScriptedEngine();
    const { discord, ada, bob } = await scene({ engine });
    ada.says(ada.dm(), 'One?');
    const one = await engine.next();
    ada.says(ada.dm(), 'Two?');
    bob.says(bob.dm(), 'Three?');
    const three = await engine.next();
    expect(three.prompt).toContain('Three?');
    three.write(' Three.').end();
    await answer(discord, bob.dm());
    one.write(' One.').end();
    const two = await engine.next();
    expect(two.prompt).toBe('Q: One?\nA: One.\nQ: Two?\nA:');
    two.write(' Two.').end();
    await answer(discord, ada.dm(), 2);
    expect(
      ada
        .dm()
        .fromBot()
        .map(({ content }) => content),
    ).toEqual(['One.', 'Two.']);
  });
});

describe('threads', () => {
  test('are not opened unless the setting says so', async () => {
    const { discord, general, ada } = await scene();
    ada.says(general, 'say: hello', { mention: true });
    await answer(discord, general);
    expect(general.threads()).toEqual([]);
  });

  test('are opened for every mention in a channel with "always", and there nobody needs to mention the bot', async () => {
    const { discord, general, engine, ada } = await scene({ ...READS_ALL, adapter: { threads: 'always' } });
    ada.says(general, 'say: Low.\n\nPlease', { mention: true });
    const thread = await discord.waitFor(() => general.threads()[0]);
    expect(thread.name).toBe('say: Low.');
    await answer(discord, thread);
    ada.says(thread, 'And then?');
    await answer(discord, thread, 2);
    expect(engine.replies[1]?.prompt).toBe('Q: say: Low. Please\nA: Low. Please\nQ: And then?\nA:');
    expect(general.fromBot()).toEqual([]);
  });

  test('are opened with "auto" when somebody goes on with an answer, and know what led to them', async () => {
    const { discord, general, engine, ada } = await scene({ adapter: { threads: 'auto' } });
    ada.says(general, 'say: Low.', { mention: true });
    const first = await answer(discord, general);
    ada.says(general, 'say: High.', { replyTo: first });
    const thread = await discord.waitFor(() => general.threads()[0]);
    await answer(discord, thread);
    ada.says(thread, 'And then?', { mention: true });
    await answer(discord, thread, 2);
    expect(engine.replies.map(({ prompt }) => prompt)).toEqual([
      'Q: say: Low.\nA:',
      'Q: say: Low.\nA: Low.\nQ: say: High.\nA:',
      'Q: say: Low.\nA: Low.\nQ: say: High.\nA: High.\nQ: And then?\nA:',
    ]);
  });

  test('of the bot are not answered where people talk to each other', async () => {
    const { discord, general, ada, bob } = await scene({ ...READS_ALL, adapter: { threads: 'always' } });
    ada.says(general, 'say: Low.', { mention: true });
    const thread = await discord.waitFor(() => general.threads()[0]);
    await answer(discord, thread);
    bob.says(thread, `${ada.mention} is that so?`);
    ada.says(thread, 'say: It is.');
    expect((await answer(discord, thread, 2)).content).toBe('It is.');
  });

  test('that may not be opened leave the answer in the channel', async () => {
    const there = await scene({ adapter: { threads: 'always' } });
    const { discord, guild, general, ada } = there;
    for (const role of [guild.botRole, guild.everyone])
      general.deny(role, PermissionFlagsBits.CreatePublicThreads);
    ada.says(general, 'say: Low.', { mention: true });
    expect((await answer(discord, general)).content).toBe('Low.');
    const quay = guild.channel({ name: 'quay' });
    discord.failNext('POST /channels/:channel/messages/:message/threads', { status: 400 });
    ada.says(quay, 'say: High.', { mention: true });
    expect((await answer(discord, quay)).content).toBe('High.');
  });
});
