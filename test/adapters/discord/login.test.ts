import { readFileSync } from 'node:fs';
import { GatewayCloseCodes, GatewayIntentBits, PermissionFlagsBits } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { neededPermissions } from '../../../adapters/discord/permissions.ts';
import { answer, answerTo, prepare, scene } from './parley.ts';

const BITS = PermissionFlagsBits;

describe('a token that Discord does not accept', () => {
  test('ends the start, and the message names the page and the button', async () => {
    const { start } = await prepare({ adapter: { token: 'not.the.token' } });
    await expect(start()).rejects.toMatchObject({
      code: 'DISCORD_TOKEN_INVALID',
      message: expect.stringMatching(
        /DISCORD_TOKEN.*discord\.com\/developers\/applications.*page Bot.*Reset Token/su,
      ),
    });
  });

  test('also without the look at the switches', async () => {
    const { start } = await prepare({ adapter: { token: 'not.the.token', messageContent: false } });
    await expect(start()).rejects.toMatchObject({ code: 'DISCORD_TOKEN_INVALID' });
  });

  test('because it was reset while the bot ran: the adapter says that it is lost', async () => {
    const { discord, adapter } = await scene();
    discord.resetToken();
    await expect(adapter.lost).resolves.toMatchObject({ code: 'DISCORD_TOKEN_INVALID' });
  });

  test('is never in the log', async () => {
    const { discord, log, adapter } = await scene();
    discord.resetToken();
    await adapter.lost;
    expect(JSON.stringify(log)).not.toContain(discord.token);
    expect(JSON.stringify(log)).not.toContain('only-the-fake-server');
  });
});

test('a server that cannot be reached ends the start, and the message says where it was sought', async () => {
  const { start } = await prepare({ adapter: { apiUrl: 'http://127.0.0.1:9/api' } });
  await expect(start()).rejects.toMatchObject({
    code: 'DISCORD_UNREACHABLE',
    message: expect.stringContaining('http://127.0.0.1:9/api'),
  });
});

describe('the Message Content Intent', () => {
  const intents = async (setting: Parameters<typeof scene>[0]) =>
    (await scene(setting)).discord.gateway.identifies.map((one) => one.intents);
  const asked = (all: number | undefined) => ((all ?? 0) & GatewayIntentBits.MessageContent) !== 0;

  test('is asked for where the portal allows it, and nothing else that is privileged is', async () => {
    const [first] = await intents({
      server: { privileged: { messageContent: true, guildMembers: true, presences: true } },
    });
    expect(asked(first)).toBe(true);
    expect((first ?? 0) & (GatewayIntentBits.GuildMembers | GatewayIntentBits.GuildPresences)).toBe(0);
  });

  test('that is switched off is not asked for; the log names the page and the switch, and mentions work', async () => {
    const { discord, general, ada, log } = await scene();
    expect(discord.gateway.identifies.map((one) => asked(one.intents))).toEqual([false]);
    const warnings = log.filter(({ level }) => level === 'warn').map(({ msg }) => msg);
    expect(warnings).toEqual([
      expect.stringMatching(/page Bot, Privileged Gateway Intents.*Message Content Intent/su),
    ]);
    ada.says(general, 'say: hello', { mention: true });
    expect((await answer(discord, general)).content).toBe('hello');
  });

  test('can be done without on purpose, silently', async () => {
    const { discord, log } = await scene({
      server: { privileged: { messageContent: true } },
      adapter: { messageContent: false },
    });
    expect(discord.gateway.identifies.map((one) => asked(one.intents))).toEqual([false]);
    expect(log.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test('that is refused at the door after all (4014) is given up, and the bot comes in without it', async () => {
    const parley = await prepare({ server: { privileged: { messageContent: true } } });
    const { discord, start, log } = parley;
    const release = discord.holdNext('GET /gateway/bot');
    const starting = start();
    await discord.waitFor(() => discord.requests.some(({ path }) => path === '/gateway/bot'));
    discord.setPrivileged({ messageContent: false });
    release();
    await starting;
    expect(discord.gateway.identifies.map((one) => asked(one.intents))).toEqual([true, false]);
    expect(log.filter(({ level }) => level === 'warn').map(({ msg }) => msg)).toContainEqual(
      expect.stringContaining('Message Content Intent'),
    );
  });
});

describe('the invite link', () => {
  test('carries exactly the permissions that are needed, each with its reason', async () => {
    const { adapter, discord } = await scene();
    const link = new URL(adapter.invite);
    expect(link.origin + link.pathname).toBe('https://discord.com/oauth2/authorize');
    expect(Object.fromEntries(link.searchParams)).toEqual({
      client_id: discord.bot.id,
      scope: 'bot applications.commands',
      permissions: String(
        BITS.ViewChannel | BITS.SendMessages | BITS.SendMessagesInThreads | BITS.ReadMessageHistory,
      ),
    });
    const page = readFileSync(new URL('../../../docs/discord.md', import.meta.url), 'utf8');
    for (const { name, reason } of neededPermissions('always')) {
      expect(page).toMatch(new RegExp(`\\| ${name} \\| .*${reason.replace(/ \(.*/u, '')}`, 'u'));
    }
  });

  test('asks for threads only where they are wanted', async () => {
    const { adapter } = await scene({ adapter: { threads: 'auto' } });
    const permissions = BigInt(new URL(adapter.invite).searchParams.get('permissions') ?? 0);
    expect(permissions & BITS.CreatePublicThreads).toBe(BITS.CreatePublicThreads);
  });

  test('is enough: a bot that has no other permission answers', async () => {
    const parley = await prepare();
    const { discord, adapter, start } = parley;
    const guild = discord.guild({ botPermissions: null });
    guild.permit(
      guild.everyone,
      BITS.ViewChannel | BITS.SendMessages | BITS.ReadMessageHistory | BITS.UseApplicationCommands,
    );
    const general = guild.channel({ name: 'general' });
    const ada = guild.person({ name: 'Ada' });
    await start();
    guild.permit(guild.everyone, 0n);
    guild.inviteBot(BigInt(new URL(adapter.invite).searchParams.get('permissions') ?? 0));
    general.allow(ada, BITS.ViewChannel | BITS.SendMessages);
    ada.says(general, 'say: hello', { mention: true });
    expect((await answer(discord, general)).content).toBe('hello');
  });
});

describe('a permission that is missing in a channel', () => {
  test('is named in the log, with the page and the switch, once for a while', async () => {
    const { discord, guild, general, ada, log, engine } = await scene();
    for (const role of [guild.botRole, guild.everyone]) general.deny(role, BITS.SendMessages);
    general.allow(ada, BITS.SendMessages);
    for (let time = 0; time < 2; time++) {
      ada.says(general, 'say: hello', { mention: true });
      await expect.poll(() => engine.replies.length).toBe(time + 1);
    }
    await expect.poll(() => log.some(({ msg }) => msg.includes('#general'))).toBe(true);
    const warnings = log.filter(({ msg }) => msg.includes('#general'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.msg).toMatch(
      /in #general of Reading Club: it lacks Send Messages \(to answer\)\. Open Server Settings, Roles, Parley, Permissions/u,
    );
    const used = ada.slash(general, 'ask', { question: 'say: hello' });
    expect((await answerTo(discord, used)).content).toBe('hello');
  });
});

describe('the presence', () => {
  test('shows model and load, and is sent only when it changes', async () => {
    let state = 'GPT-2 · idle';
    const { discord } = await scene({ adapter: { presence: async () => state, presenceEveryMs: 5 } });
    const shown = () => discord.gateway.presences.flatMap(({ activities }) => activities[0]?.state ?? []);
    await discord.waitFor(() => shown().length === 1);
    state = 'GPT-2 · 2 in the queue';
    await discord.waitFor(() => shown().length === 2);
    expect(shown()).toEqual(['GPT-2 · idle', 'GPT-2 · 2 in the queue']);
  });

  test('is shown again in a new session', async () => {
    const { discord } = await scene({
      adapter: { presence: async () => 'GPT-2 · idle', presenceEveryMs: 5 },
    });
    const shown = () => discord.gateway.presences.flatMap(({ activities }) => activities[0]?.state ?? []);
    await discord.waitFor(() => shown().length === 1);
    discord.gateway.forgetSessions();
    discord.gateway.close(GatewayCloseCodes.UnknownError);
    await discord.waitFor(() => shown().length === 2, { timeoutMs: 20_000 });
    expect(discord.gateway.identifies).toHaveLength(2);
  });

  test('is not saved up while the connection is away', async () => {
    let asked = 0;
    let state = () => 'idle';
    const { discord } = await scene({ adapter: { presence: async () => state(), presenceEveryMs: 5 } });
    const shown = () => discord.gateway.presences.flatMap(({ activities }) => activities[0]?.state ?? []);
    await discord.waitFor(() => shown().length === 1);
    discord.gateway.refuseConnections(2);
    discord.gateway.cut();
    state = () => `away, asked ${++asked} times`;
    await discord.waitFor(() => discord.gateway.resumes.length === 1);
    state = () => 'back';
    await discord.waitFor(() => shown().at(-1) === 'back');
    // One more may come from the moment before the cut was noticed, or after the return was.
    expect(shown().length).toBeLessThanOrEqual(4);
  });
});

test('what Discord closes for another reason says what it closed with', async () => {
  const { discord, adapter } = await scene();
  discord.gateway.close(GatewayCloseCodes.InvalidIntents);
  await expect(adapter.lost).resolves.toMatchObject({
    code: 'DISCORD_REFUSED',
    message: expect.stringContaining('4013'),
  });
});
