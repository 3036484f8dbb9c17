import { Events } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { inboxOf } from './inbox.ts';
import { login, startDiscord } from './real-client.ts';

async function scene(...[options]: Parameters<typeof startDiscord>) {
  const discord = await startDiscord(options);
  const guild = discord.guild();
  const general = guild.channel({ name: 'general' });
  const ada = guild.person({ name: 'Ada' });
  const client = await login(discord);
  return { discord, general, ada, client, inbox: inboxOf(client) };
}

describe('a connection that is lost', () => {
  test('is resumed at the address that READY gave, and what was said meanwhile is replayed in order', async () => {
    const { discord, general, ada, inbox } = await scene();

    discord.gateway.cut();
    await discord.waitFor(() => !discord.gateway.isConnected);
    ada.says(general, 'one', { mention: true });
    const last = ada.says(general, 'two', { mention: true });
    await inbox.has(last);

    expect(inbox.messages.map(({ content }) => content.slice(-3))).toEqual(['one', 'two']);
    expect(discord.gateway.resumes).toMatchObject([{ replayed: 2, path: '/gateway/resume' }]);
    expect(discord.gateway.identifies).toHaveLength(1);
  });

  test.each([4000, 4009, 1001])('by a close with %i is resumed, too', async (code) => {
    const { discord, general, ada, inbox } = await scene();

    discord.gateway.close(code);
    const said = ada.says(general, 'still there?', { mention: true });
    await inbox.has(said);

    expect(discord.gateway.resumes).toHaveLength(1);
  });

  test('in the middle of a reply does not touch the reply', async () => {
    const { discord, general, ada, inbox } = await scene({ rateLimits: { scale: 0.01 } });
    const asked = await inbox.has(ada.says(general, 'a tide?', { mention: true }));

    const reply = await asked.reply('The');
    discord.gateway.close(4000);
    await reply.edit('The sea');
    await discord.waitFor(() => discord.gateway.resumes.length === 1);
    await reply.edit('The sea rises.');

    expect(general.fromBot()[0]?.versions.map(({ content }) => content)).toEqual([
      'The',
      'The sea',
      'The sea rises.',
    ]);
  });

  test('because the server asks for it (op 7) is resumed', async () => {
    const { discord, general, ada, inbox } = await scene();

    discord.gateway.askToReconnect();
    await discord.waitFor(() => discord.gateway.resumes.length === 1);
    await inbox.has(ada.says(general, 'hello again', { mention: true }));

    expect(discord.gateway.identifies).toHaveLength(1);
  });

  test('while the server is down is tried again until it is back', async () => {
    const { discord, general, ada, client, inbox } = await scene();
    client.on(Events.ShardError, () => {});

    discord.gateway.refuseConnections(2);
    discord.gateway.cut();
    await inbox.has(ada.says(general, 'anybody?', { mention: true }));

    expect(discord.gateway.isConnected).toBe(true);
  });
});

describe('a session that is invalid', () => {
  test('but resumable goes on where it was', async () => {
    const { discord, general, ada, inbox } = await scene();

    discord.gateway.invalidateSession({ resumable: true });
    await inbox.has(ada.says(general, 'hello', { mention: true }));

    expect(discord.gateway.identifies).toHaveLength(1);
    expect(discord.gateway.resumes).toHaveLength(1);
  });

  test('for good begins anew, and what was said meanwhile is lost', async () => {
    const { discord, general, ada, inbox } = await scene();

    discord.gateway.cut();
    discord.gateway.forgetSessions();
    ada.says(general, 'lost', { mention: true });
    await discord.waitFor(() => discord.gateway.identifies.length === 2 && discord.gateway.isConnected);
    await inbox.has(ada.says(general, 'found', { mention: true }));

    expect(inbox.messages.map(({ content }) => content.slice(-5))).toEqual(['found']);
    expect(discord.gateway.resumes).toEqual([]);
  });
});

describe('heartbeats', () => {
  test('carry the number of the last event', async () => {
    const { discord, general, ada, inbox } = await scene({ heartbeatIntervalMs: 100 });

    await inbox.has(ada.says(general, 'hello', { mention: true }));
    // READY, GUILD_CREATE and the message.
    await discord.waitFor(() => discord.gateway.heartbeats.some(({ sequence }) => sequence === 3));

    expect(discord.gateway.resumes).toEqual([]);
  });

  test('come at once when the server demands one', async () => {
    const { discord } = await scene();

    discord.gateway.demandHeartbeat();

    await discord.waitFor(() => discord.gateway.heartbeats.length === 1);
  });

  test('that nobody answers make the client give the connection up and resume', async () => {
    const { discord, general, ada, inbox } = await scene({ heartbeatIntervalMs: 100 });

    discord.gateway.acknowledgeHeartbeats(false);
    await discord.waitFor(() => discord.gateway.resumes.length === 1);
    discord.gateway.acknowledgeHeartbeats(true);

    await inbox.has(ada.says(general, 'hello', { mention: true }));
  });
});
