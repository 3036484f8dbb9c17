import { ChannelType, Events, PermissionFlagsBits, type TextChannel } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { inboxOf } from './inbox.ts';
import { login, startDiscord } from './real-client.ts';

async function scene() {
  const discord = await startDiscord();
  const guild = discord.guild({ name: 'Reading Club' });
  const general = guild.channel({ name: 'general' });
  const ada = guild.person({ name: 'Ada' });
  const client = await login(discord);
  return { discord, guild, general, ada, client, inbox: inboxOf(client) };
}

describe('direct messages', () => {
  test('arrive in a channel that the client does not know yet, with their text and without any privileged intent', async () => {
    const { ada, inbox } = await scene();

    const message = await inbox.has(ada.says(ada.dm(), 'hello'));

    expect(message.content).toBe('hello');
    expect(message.channel.type).toBe(ChannelType.DM);
    expect(message.guildId).toBeNull();
    await message.reply('Hello, Ada.');
    expect(
      ada
        .dm()
        .messages()
        .map(({ content }) => content),
    ).toEqual(['hello', 'Hello, Ada.']);
  });

  test('do not arrive in a client that forgot the partial channels', async () => {
    const discord = await startDiscord();
    const guild = discord.guild();
    const ada = guild.person({ name: 'Ada' });
    const client = await login(discord, { partials: [] });
    const inbox = inboxOf(client);
    const raw = new Promise<void>((resolve) => {
      client.on(Events.Raw, ({ t }: { t: string }) => t === 'MESSAGE_CREATE' && resolve());
    });

    ada.says(ada.dm(), 'hello');
    await raw;

    expect(inbox.messages).toEqual([]);
  });

  test('come from people who share no server, and the bot can write first', async () => {
    const { discord, client } = await scene();
    const stranger = discord.user({ name: 'Eve' });

    await client.users.send(stranger.id, 'Good morning.');

    expect(
      stranger
        .dm()
        .messages()
        .map(({ content }) => content),
    ).toEqual(['Good morning.']);
  });

  test('to people who closed theirs are refused', async () => {
    const { ada, client } = await scene();
    ada.closesDms();

    await expect(client.users.send(ada.id, 'hello')).rejects.toMatchObject({ status: 403, code: 50007 });
  });
});

describe('threads', () => {
  test('on a message have its id and begin with it; what is said there arrives and can be read back', async () => {
    const { discord, general, ada, client, inbox } = await scene();
    const asked = await inbox.has(ada.says(general, 'a tide?', { mention: true }));

    const thread = await asked.startThread({ name: 'A tide?' });
    await thread.send('The sea that breathes.');
    const [seen] = general.threads();
    const more = await inbox.has(ada.says(seen!, 'and the moon?', { mention: true }));

    expect(thread.id).toBe(asked.id);
    expect(more.channel.isThread()).toBe(true);
    expect(seen?.messages().map(({ content }) => content)).toEqual([
      '',
      'The sea that breathes.',
      `${discord.bot.mention} and the moon?`,
    ]);
    const starter = await thread.fetchStarterMessage();
    expect(starter?.content).toContain('a tide?');
    await expect(
      client.rest.post(`/channels/${general.id}/messages/${asked.id}/threads`, { body: { name: 'again' } }),
    ).rejects.toMatchObject({ code: 160004 });
  });

  test('of people are heard as soon as they open, and need their own permission to write', async () => {
    const { guild, general, ada, client, inbox } = await scene();
    const opened = new Promise<string>((resolve) => {
      client.once(Events.ThreadCreate, ({ name }) => resolve(name));
    });

    const thread = general.thread({ name: 'Tides', by: ada });
    expect(await opened).toBe('Tides');
    const said = await inbox.has(ada.says(thread, 'hello', { mention: true }));
    await said.reply('Hello.');
    general.deny(guild.botRole, PermissionFlagsBits.SendMessagesInThreads);
    general.deny(guild.everyone, PermissionFlagsBits.SendMessagesInThreads);

    await expect(said.reply('Again.')).rejects.toMatchObject({ code: 50013 });
  });

  test('that are archived wake when somebody writes, unless they are locked', async () => {
    const { general, ada, client } = await scene();
    const channel = (await client.channels.fetch(general.id)) as TextChannel;
    const thread = await channel.threads.create({ name: 'Tides', type: ChannelType.PublicThread });
    const [seen] = general.threads();
    seen!.archive();

    await thread.send('awake');
    expect(seen?.record).toMatchObject({ archived: false });
    seen!.archive({ locked: true });

    await expect(thread.send('still awake')).rejects.toMatchObject({ code: 160005 });
    expect(ada.sees(general).map(({ content }) => content)).toEqual(['Tides']);
  });
});
