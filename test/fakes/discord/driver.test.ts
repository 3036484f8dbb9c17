import { PermissionFlagsBits } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { login, startDiscord } from './real-client.ts';

describe('what tests see', () => {
  test('a transcript shows what a person saw, edit by edit, and ephemeral answers to their reader only', async () => {
    const discord = await startDiscord();
    const guild = discord.guild();
    const general = guild.channel({ name: 'general' });
    const ada = guild.person({ name: 'Ada' });
    const client = await login(discord);
    await client.application.commands.set([{ name: 'status', description: 'How it is' }]);
    client.on('interactionCreate', (interaction) => {
      if (interaction.isRepliable()) void interaction.reply({ content: 'Well.', flags: 64 });
    });
    const channel = await client.channels.fetch(general.id);
    if (!channel?.isSendable()) throw new Error('no channel');

    ada.says(general, 'a tide?', { mention: true });
    const sent = await channel.send({
      content: 'The sea',
      components: [{ type: 1, components: [{ type: 2, style: 2, label: 'Stop', custom_id: 'stop' }] }],
    });
    await sent.edit({ content: `The sea rises, ${ada.mention}.`, components: [] });
    const used = ada.slash(general, 'status');
    await discord.waitFor(() => used.reply);
    await sent.delete();

    const withoutTimes = (text: string) => text.replace(/^ *\d+\.\d\d s {2}/gm, '');
    expect(withoutTimes(discord.transcript(general, { as: ada }))).toBe(
      [
        'Ada: @Parley a tide? (pings Parley)',
        'Parley: The sea',
        '            [Stop]',
        'Parley (edits): The sea rises, @Ada.',
        'Ada uses /status',
        'Parley: Well. (only Ada sees this)',
        '(a message of Parley is deleted)',
      ].join('\n'),
    );
    expect(discord.transcript(general)).not.toContain('Well.');
  });

  test('waiting in vain fails with what was there instead', async () => {
    const discord = await startDiscord();
    const guild = discord.guild();
    const general = guild.channel({ name: 'general' });
    guild.person({ name: 'Ada' }).says(general, 'hello?');

    await expect(discord.waitFor(() => false, { what: 'an answer', timeoutMs: 1 })).rejects.toThrow(
      /in vain for: an answer\n--- general\n.*Ada: hello\?/,
    );
  });

  test('people cannot do what their client would not let them do', async () => {
    const discord = await startDiscord();
    const guild = discord.guild();
    const general = guild.channel({ name: 'general' });
    const ada = guild.person({ name: 'Ada' });
    const eve = discord.user({ name: 'Eve' });
    const said = ada.says(general, 'hello');

    expect(() => eve.says(general, 'let me in')).toThrow('Eve cannot do that in general');
    general.deny(guild.everyone, PermissionFlagsBits.SendMessages);
    expect(() => ada.says(general, 'hello?')).toThrow('Ada cannot do that in general');
    expect(() => ada.pressButton(said, 'Stop')).toThrow('no button "Stop"');
  });

  test('ids grow and have the length that discord.js looks for', async () => {
    const discord = await startDiscord();
    const ids = [1, 2, 3].map(() => discord.guild().id);

    expect(ids.every((id) => /^\d{17,19}$/.test(id))).toBe(true);
    expect([...ids].sort()).toEqual(ids);
  });
});
