import { ActivityType, Events, GatewayIntentBits } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { login, newClient, plainIntents, startDiscord } from './real-client.ts';

describe('logging in', () => {
  test('the client finds the gateway by the API address alone and knows itself, its servers and their channels', async () => {
    const discord = await startDiscord({ bot: 'Parley' });
    const guild = discord.guild({ name: 'Reading Club' });
    const general = guild.channel({ name: 'general' });

    const client = await login(discord);

    expect(client.user.tag).toBe('Parley#4242');
    expect(client.user.bot).toBe(true);
    expect(client.guilds.cache.get(guild.id)?.name).toBe('Reading Club');
    expect(client.channels.cache.get(general.id)).toMatchObject({ name: 'general' });
    expect(discord.gateway.identifies).toHaveLength(1);
  });

  test('without the Server Members intent the client knows no member but itself', async () => {
    const discord = await startDiscord();
    const guild = discord.guild();
    guild.person({ name: 'Ada' });

    const client = await login(discord);

    expect([...client.guilds.cache.first()!.members.cache.keys()]).toEqual([discord.bot.id]);
    expect(client.guilds.cache.first()!.memberCount).toBe(2);
  });

  test('a wrong token is refused before any socket opens', async () => {
    const discord = await startDiscord();

    await expect(newClient(discord).login('not.the.token')).rejects.toMatchObject({ code: 'TokenInvalid' });
    expect(discord.requests.map(({ path, status }) => [path, status])).toEqual([['/gateway/bot', 401]]);
  });

  test('a token that is reset while the bot runs ends the connection with 4004', async () => {
    const discord = await startDiscord();
    const client = await login(discord);
    const disconnected = new Promise<number>((resolve) => {
      client.once(Events.ShardDisconnect, ({ code }) => resolve(code));
    });
    client.on(Events.ShardError, () => {});

    discord.resetToken();

    expect(await disconnected).toBe(4004);
    await expect(client.users.fetch(discord.bot.id, { force: true })).rejects.toMatchObject({ status: 401 });
  });

  test('an intent whose switch is off in the portal ends the login with 4014', async () => {
    const discord = await startDiscord();
    const client = newClient(discord, { intents: [...plainIntents, GatewayIntentBits.MessageContent] });
    const disconnected = new Promise<number>((resolve) => {
      client.once(Events.ShardDisconnect, ({ code }) => resolve(code));
    });

    await expect(client.login(discord.token)).rejects.toThrow('Used disallowed intents');
    expect(await disconnected).toBe(4014);
  });

  test('an intent whose switch is on is granted, and the application says so', async () => {
    const discord = await startDiscord({ privileged: { messageContent: true } });

    const client = await login(discord, { intents: [...plainIntents, GatewayIntentBits.MessageContent] });
    const application = await client.application.fetch();

    expect(application.flags.toArray()).toContain('GatewayMessageContentLimited');
    expect(application.id).toBe(discord.bot.id);
  });

  test('the presence shows beside the name, from the start and when it changes', async () => {
    const discord = await startDiscord();
    const client = await login(discord, {
      presence: { activities: [{ type: ActivityType.Custom, name: 'x', state: 'waking up' }] },
    });
    expect(discord.gateway.presence?.activities[0]?.state).toBe('waking up');

    client.user.setPresence({
      activities: [{ type: ActivityType.Custom, name: 'x', state: 'GPT-2 · 2 in the queue' }],
    });

    await discord.waitFor(() => discord.gateway.presence?.activities[0]?.state === 'GPT-2 · 2 in the queue');
  });

  test('a server that the bot joins later arrives as an event; one in an outage comes back by itself', async () => {
    const discord = await startDiscord();
    const failing = discord.guild({ name: 'Failing' });
    failing.fail();
    const client = await login(discord);
    expect(client.guilds.cache.get(failing.id)?.available).toBe(false);
    const seen: string[] = [];
    client.on(Events.GuildCreate, (guild) => seen.push(`joined ${guild.name}`));
    client.on(Events.GuildAvailable, (guild) => seen.push(`available ${guild.name}`));

    const late = new Promise((resolve) => client.once(Events.GuildCreate, resolve));
    const back = new Promise((resolve) => client.once(Events.GuildAvailable, resolve));
    failing.recover();
    discord.guild({ name: 'Late' });
    await Promise.all([late, back]);

    expect(seen).toEqual(['available Failing', 'joined Late']);
  });
});
