import { ApplicationCommandOptionType, ApplicationCommandType, PermissionFlagsBits } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { commandsFor } from '../../../bot/commands.ts';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { answer, answerTo, prepare, scene } from './parley.ts';

const READS_ALL = { server: { privileged: { messageContent: true } } };
const MINUTES = 60_000;

describe('the commands of the table', () => {
  test('are offered in Discord, with their options, types and limits, and two menus', async () => {
    const { discord } = await scene();
    const offered = discord.commands();
    expect(
      offered.filter(({ type }) => type === ApplicationCommandType.ChatInput).map(({ name }) => name),
    ).toEqual(commandsFor('discord').map(({ name }) => name));
    expect(
      offered.filter(({ type }) => type === ApplicationCommandType.Message).map(({ name }) => name),
    ).toEqual(['Summarize', 'Ask about this']);
    expect(offered.find(({ name }) => name === 'summarize')?.options).toMatchObject([
      { name: 'text', type: ApplicationCommandOptionType.String, max_length: 6000 },
      { name: 'file', type: ApplicationCommandOptionType.Attachment },
      { name: 'messages', type: ApplicationCommandOptionType.Integer, min_value: 2, max_value: 200 },
      { name: 'since', type: ApplicationCommandOptionType.String, max_length: 32 },
      { name: 'private', type: ApplicationCommandOptionType.Boolean },
    ]);
    expect(offered.find(({ name }) => name === 'ask')?.options?.[0]).toMatchObject({
      name: 'question',
      required: true,
    });
  });

  test('are registered again only when they have changed', async () => {
    const first = await scene();
    const writes = () =>
      first.discord.requests.filter(({ method, path }) => method === 'PUT' && path.endsWith('/commands'));
    expect(writes()).toHaveLength(1);
    await first.adapter.stop();
    const again = await prepare({ joins: first.discord });
    await again.start();
    expect(writes()).toHaveLength(1);
  });

  test('are registered in one server at once and nowhere else, when it is named, and not left there later', async () => {
    const parley = await prepare();
    const guild = parley.discord.guild();
    const here = await prepare({ joins: parley.discord, adapter: { guildId: guild.id } });
    await here.start();
    expect(parley.discord.commands()).toEqual([]);
    expect(parley.discord.commands(guild).map(({ name }) => name)).toContain('ask');
    await here.adapter.stop();
    const everywhere = await prepare({ joins: parley.discord });
    await everywhere.start();
    expect(parley.discord.commands().map(({ name }) => name)).toContain('ask');
    expect(parley.discord.commands(guild)).toEqual([]);
  });

  test('that cannot be registered there leave the bot running, and the log says what to do', async () => {
    const { start, log } = await prepare({ adapter: { guildId: '123456789012345678' } });
    await start();
    const warning = log.find(({ msg }) => msg.startsWith('The commands could not be registered'))?.msg;
    expect(warning).toMatch(/DISCORD_GUILD_ID.*The invite link/su);
  });
});

describe('a slash command', () => {
  test.each(commandsFor('discord').map(({ name }) => name))('/%s is answered', async (name) => {
    const { discord, general, ada } = await scene();
    const command = commandsFor('discord').find((one) => one.name === name)!;
    const inputs = Object.fromEntries(
      command.options
        .filter(({ required, name: option }) => required || option === command.text)
        .map((option) => [option.name, option.choices?.[0]?.value ?? 'A tide is the ___ of the sea.']),
    );
    const used = ada.slash(general, name, inputs);
    expect((await answerTo(discord, used)).content).not.toBe('');
    expect(discord.unknownRequests).toEqual([]);
  });

  test('is acknowledged at once, whatever the model does, and then shows the place in the queue', async () => {
    const engine = new ScriptedEngine();
    const { discord, general, ada } = await scene({ engine });
    const used = ada.slash(general, 'ask', { question: 'What is a tide?' });
    const reply = await engine.next();
    reply.queued(3);
    await discord.waitFor(() => used.reply?.content.includes('3rd in the queue'));
    expect(used.acknowledgedAfterMs).toBeLessThan(3_000);
    expect(used.replies).toHaveLength(1);
    reply.write(' The sea that breathes.').end();
    expect((await answerTo(discord, used)).content).toBe('The sea that breathes.');
    expect(used.replies).toHaveLength(1);
  });

  test('answers only the person who asked, when it is private; that is decided when it is acknowledged', async () => {
    const { discord, general, ada, bob } = await scene();
    const used = ada.slash(general, 'ask', { question: 'say: a secret', private: true });
    const said = await answerTo(discord, used);
    expect(said).toMatchObject({ content: 'a secret', isEphemeral: true });
    expect(bob.sees(general)).toEqual([]);
  });

  test('tells what is kept, and erases it, for the eyes of the person who asks', async () => {
    const { discord, general, ada, bob } = await scene();
    for (const [name, says] of [
      ['privacy', 'no message goes to an AI service'],
      ['forget', 'We start afresh'],
    ] as const) {
      const said = await answerTo(discord, ada.slash(general, name));
      expect(said.isEphemeral).toBe(true);
      expect(said.content).toContain(says);
    }
    expect(bob.sees(general)).toEqual([]);
  });

  test('works where the bot may not even look', async () => {
    const { discord, guild, general, ada } = await scene();
    general.deny(guild.botRole, PermissionFlagsBits.ViewChannel);
    general.deny(guild.everyone, PermissionFlagsBits.ViewChannel);
    general.allow(ada, PermissionFlagsBits.ViewChannel);
    const used = ada.slash(general, 'ask', { question: 'say: hello' });
    expect((await answerTo(discord, used)).content).toBe('hello');
  });

  test('fills its own message also where the clock of the machine is an hour ahead', async () => {
    const { discord, general, ada } = await scene({ adapter: { clock: () => Date.now() + 60 * MINUTES } });
    const used = ada.slash(general, 'ask', { question: 'say: hello' });
    expect((await answerTo(discord, used)).content).toBe('hello');
    expect(general.fromBot()).toHaveLength(1);
  });

  test('works in direct messages', async () => {
    const { discord, ada } = await scene();
    const used = ada.slash(ada.dm(), 'ask', { question: 'say: hello' });
    expect((await answerTo(discord, used)).content).toBe('hello');
  });
});

describe('an answer that takes longer than the fifteen minutes of a command', () => {
  async function slowAnswer(inputs: Record<string, boolean>) {
    const engine = new ScriptedEngine();
    const there = await scene({ engine });
    const { discord, general, ada } = there;
    const used = ada.slash(general, 'ask', { question: 'What is a tide?', ...inputs });
    const reply = await engine.next();
    reply.write(' The sea that breathes in and');
    await discord.waitFor(() => used.reply?.content.startsWith('The sea'));
    discord.clock.advance(15 * MINUTES);
    return { ...there, used, reply };
  }

  test('goes on as a message of the channel', async () => {
    const { discord, general, reply } = await slowAnswer({});
    reply.write(' out, twice a day.').end();
    const said = await answer(discord, general);
    expect(general.fromBot().map(({ content }) => content)).toEqual([
      'The sea that breathes in and out, twice a day.',
    ]);
    expect(said.buttons.map(({ label }) => label)).toContain('Again');
  });

  test('goes on in new messages of the channel where its own is gone on', async () => {
    const { discord, general, reply } = await slowAnswer({});
    const facts = Array.from(
      { length: 150 },
      (_, nth) => `Wave ${nth} came with the wind from ${nth} miles away.`,
    );
    reply.write(` out. ${facts.join(' ')}`).end();
    await answer(discord, general, 4);
    const joined = general
      .fromBot()
      .map(({ content }) => content)
      .join(' ');
    expect(joined).toBe(`The sea that breathes in and out. ${facts.join(' ')}`);
  });

  test('ends where it is when it was private: the channel must not read it', async () => {
    const { general, bob, reply, engine } = await slowAnswer({ private: true });
    reply.write(' out, twice a day.');
    await expect.poll(() => engine.replies[0]?.ended).toBe(true);
    expect(bob.sees(general)).toEqual([]);
  });
});

describe("a message's menu", () => {
  test('sums the message up, whatever the intents', async () => {
    const { discord, general, engine, ada, bob } = await scene();
    const said = bob.says(general, 'The tide comes in at nine. It goes out at three.');
    const used = ada.menu(said, 'Summarize');
    await answerTo(discord, used);
    expect(engine.replies[0]?.prompt).toBe('The tide comes in at nine. It goes out at three.\n\nTL;DR:');
  });

  test('sums up the text file in a message without words', async () => {
    const { discord, general, engine, ada, bob } = await scene(READS_ALL);
    const said = bob.says(general, '', {
      attachments: [{ name: 'tides.txt', data: 'The tide comes in at nine.' }],
    });
    await answerTo(discord, ada.menu(said, 'Summarize'));
    expect(engine.replies[0]?.prompt).toBe('The tide comes in at nine.\n\nTL;DR:');
  });

  test('asks for a question, and answers it about the message', async () => {
    const { discord, general, engine, ada, bob } = await scene();
    const said = bob.says(general, 'The tide comes in at nine.');
    const used = ada.menu(said, 'Ask about this');
    await discord.waitFor(() => used.modal);
    const submitted = ada.submits(used, { question: 'When does it come?' });
    await answerTo(discord, submitted);
    expect(engine.replies[0]?.prompt).toBe('The tide comes in at nine.\n\nQ: When does it come?\nA:');
  });

  test('asks about the message also when the bot was started again while the form was open', async () => {
    const first = await scene(READS_ALL);
    const { discord, general, ada, bob } = first;
    const said = bob.says(general, 'The tide comes in at nine.');
    const used = ada.menu(said, 'Ask about this');
    await discord.waitFor(() => used.modal);
    await first.adapter.stop();
    const second = await prepare({ joins: discord });
    await second.start();
    await answerTo(discord, ada.submits(used, { question: 'When does it come?' }));
    expect(second.engine.replies[0]?.prompt).toBe('The tide comes in at nine.\n\nQ: When does it come?\nA:');
  });
});
