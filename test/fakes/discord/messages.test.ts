import { Events, GatewayIntentBits, MessageFlags, PermissionFlagsBits, type TextChannel } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { inboxOf } from './inbox.ts';
import { login, plainIntents, startDiscord } from './real-client.ts';

async function scene(options?: Parameters<typeof startDiscord>[0], intents = plainIntents) {
  const discord = await startDiscord(options);
  const guild = discord.guild({ name: 'Reading Club' });
  const general = guild.channel({ name: 'general' });
  const ada = guild.person({ name: 'Ada' });
  const client = await login(discord, { intents });
  const channel = (await client.channels.fetch(general.id)) as TextChannel;
  return { discord, guild, general, ada, client, channel, inbox: inboxOf(client) };
}

describe('receiving', () => {
  test('a mention arrives with its author, its member and its text, and the reply shows as a reply', async () => {
    const { discord, general, ada, inbox } = await scene();

    const said = ada.says(general, 'what is a tide?', { mention: true });
    const message = await inbox.has(said);

    expect(message.content).toBe(`${discord.bot.mention} what is a tide?`);
    expect(message.author).toMatchObject({ id: ada.id, displayName: 'Ada', bot: false });
    expect(message.member?.id).toBe(ada.id);
    expect(message.mentions.has(discord.bot.id)).toBe(true);

    await message.reply({ content: 'The sea that breathes.', allowedMentions: { parse: [] } });
    const [reply] = general.fromBot();
    expect(reply).toMatchObject({ content: 'The sea that breathes.', replyTo: said.id, notified: [] });
  });

  test('without the Message Content intent, text that does not concern the bot is blank, by event and by history', async () => {
    const { discord, general, ada, channel, inbox } = await scene();

    const toAll = ada.says(general, 'lunch?', { attachments: [{ name: 'menu.txt', data: 'soup' }] });
    const toBot = ada.says(general, 'and you?', { mention: true });

    expect((await inbox.has(toAll)).content).toBe('');
    expect((await inbox.has(toAll)).attachments.size).toBe(0);
    expect((await inbox.has(toBot)).content).toContain('and you?');
    const history = await channel.messages.fetch({ limit: 10, cache: false });
    expect(history.map(({ content }) => content)).toEqual([`${discord.bot.mention} and you?`, '']);
  });

  test('a reply that pings the bot can be read, one with the ping switched off cannot', async () => {
    const { discord, general, ada, channel, inbox } = await scene();
    await channel.send('I am here.');
    const [own] = general.fromBot();

    const pinging = ada.says(general, 'good', { replyTo: own! });
    const silent = ada.says(general, 'hm', { replyTo: own!, ping: false });

    const read = await inbox.has(pinging);
    expect(read.content).toBe('good');
    expect(read.mentions.repliedUser?.id).toBe(discord.bot.id);
    const unread = await inbox.has(silent);
    expect(unread.content).toBe('');
    expect(unread.reference?.messageId).toBe(own!.id);
  });

  test('with the intent everything can be read', async () => {
    const { general, ada, inbox } = await scene({ privileged: { messageContent: true } }, [
      ...plainIntents,
      GatewayIntentBits.MessageContent,
    ]);

    const said = ada.says(general, 'lunch?');

    expect((await inbox.has(said)).content).toBe('lunch?');
  });

  test('a channel that the bot cannot see is silent', async () => {
    const { guild, ada, general, inbox } = await scene();
    const secret = guild.channel({ name: 'secret' });
    secret.deny(guild.botRole, PermissionFlagsBits.ViewChannel);

    ada.says(secret, 'psst', { mention: true });
    const said = ada.says(general, 'hello', { mention: true });
    await inbox.has(said);

    expect(inbox.messages.map(({ channelId }) => channelId)).toEqual([general.id]);
  });

  test('edits and deletions of people arrive as events', async () => {
    const { discord, general, ada, client, inbox } = await scene();
    const said = ada.says(general, 'helo', { mention: true });
    await inbox.has(said);
    const updated = new Promise<string>((resolve) => {
      client.once(Events.MessageUpdate, (_, after) => resolve(after.content));
    });
    const deleted = new Promise<string>((resolve) => {
      client.once(Events.MessageDelete, ({ id }) => resolve(id));
    });

    ada.edits(said, `${discord.bot.mention} hello`);
    ada.deletes(said);

    expect(await updated).toContain('hello');
    expect(await deleted).toBe(said.id);
  });

  test('an attachment is announced with its address and served from there, signature and all', async () => {
    const { discord, general, ada, inbox } = await scene();
    const data = new Uint8Array([0xff, 0xfe, 0x68, 0x00]);

    const said = ada.says(general, 'read this', {
      mention: true,
      attachments: [{ name: 'notes.txt', data, contentType: 'text/plain; charset=utf-16le' }],
    });
    const file = (await inbox.has(said)).attachments.first()!;

    expect(file).toMatchObject({ name: 'notes.txt', size: 4, contentType: 'text/plain; charset=utf-16le' });
    const response = await fetch(file.url);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-16le');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(data);
    expect((await fetch(file.url.split('?')[0]!)).status).toBe(404);
    discord.clock.advance(25 * 60 * 60_000);
    expect((await fetch(file.url)).status).toBe(404);
  });
});

describe('posting', () => {
  test('a reply that grows by edits is kept edit by edit', async () => {
    const { discord, general, channel } = await scene({ rateLimits: { scale: 0.01 } });

    const sent = await channel.send('The');
    await sent.edit('The sea');
    await sent.edit('The sea rises.');

    const [message] = general.fromBot();
    expect(message!.versions.map(({ content }) => content)).toEqual(['The', 'The sea', 'The sea rises.']);
    expect(discord.transcript(general)).toMatch(
      /Parley: The\n.*Parley \(edits\): The sea\n.*Parley \(edits\): The sea rises\./,
    );
  });

  test('2,000 characters fit, 2,001 are a form error, none are none, and white space around is trimmed', async () => {
    const { general, channel } = await scene();

    await channel.send('a'.repeat(2000));
    await expect(channel.send('a'.repeat(2001))).rejects.toMatchObject({
      status: 400,
      code: 50035,
      rawError: { errors: { content: { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH' }] } } },
    });
    await expect(channel.send(' \n ')).rejects.toMatchObject({ status: 400, code: 50006 });
    await channel.send('\n  tide \n');

    expect(general.fromBot().map(({ content }) => content.length)).toEqual([2000, 4]);
  });

  test('unknown channels and messages, and messages of others, are refused by their codes', async () => {
    const { general, ada, client, channel } = await scene();
    const theirs = ada.says(general, 'mine', { mention: true });
    const gone = await channel.send('gone');
    await gone.delete();

    await expect(gone.edit('back')).rejects.toMatchObject({ status: 404, code: 10008 });
    await expect(channel.messages.edit(theirs.id, 'yours')).rejects.toMatchObject({
      status: 403,
      code: 50005,
    });
    await expect(channel.messages.delete(theirs.id)).rejects.toMatchObject({ status: 403, code: 50013 });
    await expect(client.channels.fetch('123456789012345678')).rejects.toMatchObject({
      status: 404,
      code: 10003,
    });
    expect(general.messages().map(({ content }) => content)).toEqual([theirs.content]);
  });

  test('missing permissions are refused where they are missing', async () => {
    const { guild, general, channel } = await scene();

    general.deny(guild.botRole, PermissionFlagsBits.SendMessages);
    await expect(channel.send('hello')).rejects.toMatchObject({ status: 403, code: 50013 });
    general.deny(guild.botRole, PermissionFlagsBits.ViewChannel);
    await expect(channel.send('hello')).rejects.toMatchObject({ status: 403, code: 50001 });
  });

  test('a reply to a message that is gone fails, unless told not to', async () => {
    const { general, ada, channel } = await scene();
    const said = ada.says(general, 'hello', { mention: true });
    ada.deletes(said);

    await expect(
      channel.send({ content: 'hi', reply: { messageReference: said.id, failIfNotExists: true } }),
    ).rejects.toMatchObject({ code: 50035 });
    await channel.send({ content: 'hi', reply: { messageReference: said.id, failIfNotExists: false } });

    expect(general.fromBot()).toMatchObject([{ content: 'hi', replyTo: undefined }]);
  });

  test('text that names people notifies them, unless allowedMentions says no; code never does', async () => {
    const { discord, general, ada, channel } = await scene();

    await channel.send({ content: `${ada.mention} @everyone`, allowedMentions: { parse: [] } });
    await channel.send(`\`${ada.mention}\``);
    expect(discord.pings).toEqual([]);
    await channel.send(`hello ${ada.mention}`);

    expect(discord.pings.map(({ content, notified }) => [content, notified])).toEqual([
      [`hello ${ada.mention}`, [ada.id]],
    ]);
    expect(general.fromBot()[0]!.mentions).toEqual([]);
  });

  test('an edit that names somebody highlights the message for them but notifies nobody', async () => {
    const { discord, general, ada, channel } = await scene();

    const sent = await channel.send('hello');
    await sent.edit(`hello ${ada.mention}`);

    expect(general.fromBot()[0]!.mentions).toEqual([ada.id]);
    expect(discord.pings).toEqual([]);
  });

  test('a post that is sent again with its nonce appears once', async () => {
    const { discord, general, channel } = await scene();

    discord.failNext('POST /channels/:channel/messages', { cut: 'after', reset: true });
    await channel.send({ content: 'once', nonce: '1', enforceNonce: true });

    expect(general.fromBot().map(({ content }) => content)).toEqual(['once']);
    expect(discord.requests.filter(({ route }) => route === 'POST /channels/:channel/messages')).toHaveLength(
      2,
    );
  });

  test('buttons are numbered, limited and unique', async () => {
    const { general, channel } = await scene();
    const button = (custom_id: string) => ({ type: 2 as const, style: 2 as const, label: 'Stop', custom_id });

    await channel.send({ content: 'x', components: [{ type: 1, components: [button('stop')] }] });
    await expect(
      channel.send({ content: 'x', components: [{ type: 1, components: [button('a'), button('a')] }] }),
    ).rejects.toMatchObject({ code: 50035 });
    await expect(
      channel.send({ content: 'x', components: [{ type: 1, components: [button('a'.repeat(101))] }] }),
    ).rejects.toMatchObject({ code: 50035 });

    expect(general.fromBot()).toMatchObject([
      { buttons: [{ label: 'Stop', customId: 'stop', disabled: false }] },
    ]);
  });

  test('typing shows, and a 204 without JSON is what the client expects', async () => {
    const { discord, general, channel } = await scene();

    await channel.sendTyping();

    expect(discord.transcript(general)).toContain('Parley is typing…');
  });

  test('history comes newest first and by page', async () => {
    const { general, ada, channel } = await scene();
    const said = [1, 2, 3, 4, 5].map((n) => ada.says(general, String(n), { mention: true }));
    const page = async (options: object) =>
      (await channel.messages.fetch({ ...options, cache: false })).map(({ content }) => content.at(-1));

    expect(await page({ limit: 2 })).toEqual(['5', '4']);
    expect(await page({ limit: 2, before: said[3]!.id })).toEqual(['3', '2']);
    expect(await page({ limit: 2, after: said[1]!.id })).toEqual(['4', '3']);
    expect(await page({ limit: 3, around: said[2]!.id })).toEqual(['4', '3', '2']);
    await expect(page({ limit: 101 })).rejects.toMatchObject({ code: 50035 });
  });

  test('notifications can be suppressed and embeds are kept', async () => {
    const { general, channel } = await scene();

    await channel.send({
      embeds: [{ title: 'Answer', description: 'The sea.' }],
      flags: MessageFlags.SuppressNotifications,
    });

    expect(general.fromBot()[0]!.embeds).toEqual([
      { type: 'rich', title: 'Answer', description: 'The sea.' },
    ]);
  });
});
