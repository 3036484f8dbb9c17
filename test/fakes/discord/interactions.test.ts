import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  ButtonStyle,
  type ChatInputCommandInteraction,
  type Interaction as ClientInteraction,
  ComponentType,
  Events,
  InteractionContextType,
  InteractionResponseType,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
  PermissionFlagsBits,
  TextInputStyle,
} from 'discord.js';
import { describe, expect, test } from 'vitest';
import { login, startDiscord } from './real-client.ts';

const summarize = {
  name: 'summarize',
  description: 'Sums a text up',
  options: [
    {
      type: ApplicationCommandOptionType.String as const,
      name: 'text',
      description: 'What to sum up',
      max_length: 6000,
    },
    {
      type: ApplicationCommandOptionType.Integer as const,
      name: 'messages',
      description: 'How many of the last messages',
      min_value: 1,
      max_value: 200,
    },
    { type: ApplicationCommandOptionType.Attachment as const, name: 'file', description: 'A text file' },
    { type: ApplicationCommandOptionType.Boolean as const, name: 'private', description: 'Only for you' },
  ],
};
const menu = { type: ApplicationCommandType.Message as const, name: 'Summarize' };
const stop = {
  type: ComponentType.ActionRow as const,
  components: [
    {
      type: ComponentType.Button as const,
      style: ButtonStyle.Secondary as const,
      label: 'Stop',
      custom_id: 'stop:1',
    },
  ],
};

async function scene(answer?: (interaction: ClientInteraction) => unknown) {
  const discord = await startDiscord({ rateLimits: { scale: 0.01 } });
  const guild = discord.guild({ name: 'Reading Club' });
  const general = guild.channel({ name: 'general' });
  const ada = guild.person({ name: 'Ada' });
  const bob = guild.person({ name: 'Bob' });
  const client = await login(discord);
  await client.application.commands.set([summarize, menu]);
  const arrived: ClientInteraction[] = [];
  const waiting: ((interaction: ClientInteraction) => void)[] = [];
  client.on(Events.InteractionCreate, (interaction) => {
    arrived.push(interaction);
    waiting.shift()?.(interaction);
    answer?.(interaction);
  });
  const next = () => new Promise<ClientInteraction>((resolve) => waiting.push(resolve));
  return { discord, guild, general, ada, bob, client, next };
}

describe('slash commands', () => {
  test('arrive with their options, and the deferred answer grows by edits', async () => {
    const { discord, general, ada, next } = await scene();
    const arriving = next();

    const used = ada.slash(general, 'summarize', { text: 'a long story', messages: 50 });
    const interaction = (await arriving) as ChatInputCommandInteraction;
    expect(interaction.commandName).toBe('summarize');
    expect(interaction.options.getString('text')).toBe('a long story');
    expect(interaction.options.getInteger('messages')).toBe(50);
    expect(interaction.options.getBoolean('private')).toBeNull();
    expect(interaction.member).toMatchObject({ id: ada.id });
    expect(interaction.context).toBe(InteractionContextType.Guild);

    const deferred = await interaction.deferReply({ withResponse: true });
    expect(deferred.interaction.responseMessageLoading).toBe(true);
    expect(used.replies).toMatchObject([{ isLoading: true, content: '' }]);
    await interaction.editReply('A story');
    await interaction.editReply('A story, short.');

    expect(used.reply?.content).toBe('A story, short.');
    expect(used.response).toBe(InteractionResponseType.DeferredChannelMessageWithSource);
    expect(discord.transcript(general)).toMatch(
      /Ada uses \/summarize\n.*Parley is thinking…\n.*\(edits\): A story\n.*\(edits\): A story, short\./,
    );
    // It is a message of the channel like any other: the bot can also edit it as such.
    const message = await interaction.fetchReply();
    await message.edit('A story, shorter.');
    expect(general.messages().at(-1)?.content).toBe('A story, shorter.');
  });

  test('carry files to where they can be read', async () => {
    const { general, ada, next } = await scene();
    const arriving = next();

    ada.slash(general, 'summarize', { file: { name: 'story.txt', data: 'Once upon a time.' } });
    const interaction = (await arriving) as ChatInputCommandInteraction;
    const file = interaction.options.getAttachment('file', true);

    expect(await (await fetch(file.url)).text()).toBe('Once upon a time.');
  });

  test('can only be used as they were registered', async () => {
    const { discord, general, ada } = await scene();

    expect(() => ada.slash(general, 'dance')).toThrow('registered no command "dance"');
    expect(() => ada.slash(general, 'summarize', { words: 3 })).toThrow('no option "words"');
    expect(() => ada.slash(general, 'summarize', { messages: 201 })).toThrow('does not take 201');
    expect(() => ada.slash(general, 'summarize', { messages: 'many' })).toThrow('does not take "many"');
    expect(discord.commands().map(({ name }) => name)).toEqual(['summarize', 'Summarize']);
  });

  test('work where the bot may not even look', async () => {
    const { guild, general, ada, next } = await scene();
    general.deny(guild.botRole, PermissionFlagsBits.ViewChannel);
    const arriving = next();

    const used = ada.slash(general, 'summarize', { text: 'x' });
    const interaction = (await arriving) as ChatInputCommandInteraction;
    await interaction.reply('Short.');

    expect(interaction.appPermissions.has(PermissionFlagsBits.ViewChannel)).toBe(false);
    expect(used.reply?.content).toBe('Short.');
  });
});

describe('ephemeral answers', () => {
  test('are seen by one person, are not in the history, and are edited by the interaction alone', async () => {
    const { general, ada, bob, client, next } = await scene();
    const arriving = next();

    const used = ada.slash(general, 'summarize', { text: 'x', private: true });
    const interaction = (await arriving) as ChatInputCommandInteraction;
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await interaction.editReply('Between us.');

    expect(ada.sees(general).map(({ content }) => content)).toEqual(['Between us.']);
    expect(bob.sees(general)).toEqual([]);
    const channel = await client.channels.fetch(general.id);
    if (!channel?.isSendable()) throw new Error('no channel');
    expect((await channel.messages.fetch({ cache: false })).size).toBe(0);
    await expect(channel.messages.edit(used.reply!.id, 'Aloud.')).rejects.toMatchObject({ code: 10008 });
  });

  test('stay as the deferral decided: the first follow-up fills the deferred message', async () => {
    const { ada, general, next } = await scene();
    const arriving = next();

    const used = ada.slash(general, 'summarize', { text: 'x' });
    const interaction = (await arriving) as ChatInputCommandInteraction;
    await interaction.deferReply();
    await interaction.followUp({ content: 'meant for Ada', flags: MessageFlags.Ephemeral });
    await interaction.followUp({ content: 'for Ada', flags: MessageFlags.Ephemeral });

    expect(used.replies.map(({ content, isEphemeral }) => [content, isEphemeral])).toEqual([
      ['meant for Ada', false],
      ['for Ada', true],
    ]);
  });
});

describe('the time of an interaction', () => {
  test('is three seconds until it is acknowledged', async () => {
    const { discord, ada, general, next } = await scene();
    const arriving = next();

    const used = ada.slash(general, 'summarize', { text: 'x' });
    const interaction = (await arriving) as ChatInputCommandInteraction;
    discord.clock.advance(3_001);

    await expect(interaction.deferReply()).rejects.toMatchObject({ status: 404, code: 10062 });
    expect(used.hasFailed).toBe(true);
    expect(discord.transcript(general)).toContain('(the application did not respond)');
  });

  test('allows one first answer', async () => {
    const { ada, general, client, next } = await scene();
    const arriving = next();

    ada.slash(general, 'summarize', { text: 'x' });
    const interaction = (await arriving) as ChatInputCommandInteraction;
    await interaction.reply('first');
    const again = client.rest.post(`/interactions/${interaction.id}/${interaction.token}/callback`, {
      auth: false,
      body: { type: 4, data: { content: 'second' } },
    });

    await expect(again).rejects.toMatchObject({ status: 400, code: 40060 });
  });

  test('ends after fifteen minutes: then only the channel is left', async () => {
    const { discord, ada, general, next } = await scene();
    const arriving = next();

    ada.slash(general, 'summarize', { text: 'x' });
    const interaction = (await arriving) as ChatInputCommandInteraction;
    await interaction.deferReply();
    await interaction.editReply('going on');
    const message = await interaction.fetchReply();
    discord.clock.advance(15 * 60_000);

    await expect(interaction.editReply('too late')).rejects.toMatchObject({ status: 401, code: 50027 });
    await message.edit('going on and on');
    expect(general.messages().map(({ content }) => content)).toEqual(['going on and on']);
  });

  test('does not pass for answers that are refused', async () => {
    const { ada, general, next } = await scene();
    const arriving = next();

    const used = ada.slash(general, 'summarize', { text: 'x' });
    const interaction = (await arriving) as ChatInputCommandInteraction;

    await expect(interaction.reply('')).rejects.toMatchObject({ code: 50006 });
    await interaction.reply('something');
    expect(used.reply?.content).toBe('something');
  });
});

describe('message menus', () => {
  test('bring the message with its content, whatever the intents', async () => {
    const { ada, bob, general, next } = await scene();
    const said = ada.says(general, 'A very long message.');
    const arriving = next();

    const used = bob.menu(said, 'Summarize');
    const interaction = (await arriving) as MessageContextMenuCommandInteraction;
    expect(interaction.targetMessage.content).toBe('A very long message.');
    expect(interaction.targetMessage.author.id).toBe(ada.id);
    await interaction.reply('A message.');

    expect(used.reply?.content).toBe('A message.');
  });

  test('can open a form, and the form comes back filled in', async () => {
    const { ada, general, next } = await scene();
    const said = ada.says(general, 'The sea rises.');
    const opening = next();

    const used = ada.menu(said, 'Summarize');
    const interaction = (await opening) as MessageContextMenuCommandInteraction;
    await interaction.showModal({
      customId: 'ask:1',
      title: 'Ask about this',
      components: [
        {
          type: ComponentType.ActionRow,
          components: [
            {
              type: ComponentType.TextInput,
              customId: 'question',
              label: 'Question',
              style: TextInputStyle.Short,
            },
          ],
        },
      ],
    });
    await interaction.followUp('before the form').then(
      () => expect.unreachable('a form is no message that could be followed'),
      (error) => expect(error).toMatchObject({ code: 10015 }),
    );
    expect(() => ada.submits(used, {})).toThrow('"question"');
    const submitting = next();
    const submitted = ada.submits(used, { question: 'Why?' });
    const form = await submitting;
    if (!form.isModalSubmit()) throw new Error('not a form');
    expect(form.fields.getTextInputValue('question')).toBe('Why?');
    await form.reply('The moon.');

    expect(submitted.reply?.content).toBe('The moon.');
  });
});

describe('buttons', () => {
  test('bring their message; the answer edits it in place', async () => {
    const { discord, ada, bob, general, client, next } = await scene();
    const channel = await client.channels.fetch(general.id);
    if (!channel?.isSendable()) throw new Error('no channel');
    await channel.send({ content: 'The sea', components: [stop] });
    const [message] = general.fromBot();
    const arriving = next();

    const pressed = bob.pressButton(message!, 'Stop');
    const interaction = await arriving;
    if (!interaction.isButton()) throw new Error('not a button');
    expect(interaction.customId).toBe('stop:1');
    expect(interaction.user.id).toBe(bob.id);
    expect(interaction.message.content).toBe('The sea');
    await interaction.update({ content: 'The sea (stopped)', components: [] });

    expect(message).toMatchObject({ content: 'The sea (stopped)', buttons: [] });
    expect(pressed.response).toBe(InteractionResponseType.UpdateMessage);
    expect(() => ada.pressButton(message!, 'Stop')).toThrow('no button "Stop"');
    expect(discord.transcript(general)).toContain('[Stop]');
  });

  test('can be acknowledged silently, and refused to one person only', async () => {
    const { ada, bob, general, client, next } = await scene();
    const channel = await client.channels.fetch(general.id);
    if (!channel?.isSendable()) throw new Error('no channel');
    await channel.send({ content: 'The sea', components: [stop] });
    const [message] = general.fromBot();

    const first = next();
    ada.pressButton(message!, 'stop:1');
    const own = await first;
    if (!own.isButton()) throw new Error('not a button');
    await own.deferUpdate();
    await own.editReply('The sea, edited');
    const second = next();
    bob.pressButton(message!, 'stop:1');
    const theirs = await second;
    if (!theirs.isButton()) throw new Error('not a button');
    await theirs.reply({ content: 'Only Ada may stop this.', flags: MessageFlags.Ephemeral });

    expect(message?.content).toBe('The sea, edited');
    expect(bob.sees(general).at(-1)?.content).toBe('Only Ada may stop this.');
    expect(ada.sees(general).at(-1)?.content).toBe('The sea, edited');
  });
});

describe('registering commands', () => {
  test('gives back what Discord makes of them, and writes only when asked to', async () => {
    const { discord, guild, client } = await scene();
    const writes = () =>
      discord.requests.filter(({ method, path }) => method !== 'GET' && path.endsWith('/commands'));
    expect(writes()).toHaveLength(1);

    const fetched = await client.application.commands.fetch();
    const known = fetched.find(({ name }) => name === 'summarize')!;
    // A comparison with what was sent has to reckon with defaults that come back spelled out.
    expect(known.equals(summarize)).toBe(false);
    expect(known.equals({ ...summarize, integrationTypes: [ApplicationIntegrationType.GuildInstall] })).toBe(
      true,
    );
    const { version } = known;
    await client.application.commands.set([{ ...summarize, description: 'Sums it up' }, menu]);
    const changed = (await client.application.commands.fetch()).find(({ name }) => name === 'summarize')!;
    expect(changed.id).toBe(known.id);
    expect(changed.version).not.toBe(version);
    await client.application.commands.set([{ name: 'here', description: 'Only here' }], guild.id);

    expect(discord.commands(guild).map(({ name }) => name)).toEqual(['here']);
    expect(writes()).toHaveLength(3);
  });

  test('refuses names and orders that Discord refuses', async () => {
    const { client } = await scene();
    const { commands } = client.application;

    await expect(commands.create({ name: 'Summarize!', description: 'x' })).rejects.toMatchObject({
      code: 50035,
    });
    await expect(
      commands.create({
        name: 'ask',
        description: 'x',
        options: [
          { type: ApplicationCommandOptionType.String, name: 'a', description: 'a' },
          { type: ApplicationCommandOptionType.String, name: 'b', description: 'b', required: true },
        ],
      }),
    ).rejects.toMatchObject({ code: 50035 });
  });

  test('for servers only keeps them out of direct messages', async () => {
    const { ada, client } = await scene();

    await client.application.commands.set([{ ...summarize, contexts: [InteractionContextType.Guild] }]);

    expect(() => ada.slash(ada.dm(), 'summarize')).toThrow('not offered in direct messages');
  });
});
