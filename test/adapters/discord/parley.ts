import { afterEach } from 'vitest';
import { DiscordAdapter, type DiscordOptions } from '../../../adapters/discord/discord-adapter.ts';
import { Bot } from '../../../bot/bot.ts';
import { systemClock } from '../../../bot/clock.ts';
import { Delivery } from '../../../bot/delivery/delivery.ts';
import { Gate } from '../../../bot/gate.ts';
import { Opinions } from '../../../bot/opinions.ts';
import type { AccessRules } from '../../../bot/permissions.ts';
import { Reception } from '../../../bot/reception.ts';
import type { Feedback } from '../../../bot/store/store.ts';
import { createLogger } from '../../../config/logger.ts';
import type { Engine } from '../../../inference/engine/engine.ts';
import type { Channel } from '../../fakes/discord/driver/channel.ts';
import type { Interaction } from '../../fakes/discord/driver/interaction.ts';
import type { Message } from '../../fakes/discord/driver/message.ts';
import { FakeDiscord, type FakeDiscordOptions } from '../../fakes/discord/fake-discord.ts';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';

export interface Setting {
  /** A server that is there already, and stays. */
  readonly joins?: FakeDiscord;
  readonly server?: FakeDiscordOptions;
  readonly adapter?: Partial<DiscordOptions>;
  /** Default: one that answers "Certainly so.", or what it is told to say. */
  readonly engine?: Engine;
  readonly rules?: Partial<AccessRules>;
  readonly requestsPerMinute?: number;
  /** Absent: opinions are not kept. */
  readonly feedback?: Feedback;
}

/** What was logged: level, message and fields. */
export interface LogRecord {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The whole bot on a fake Discord: the real discord.js, adapter, core and delivery. */
export interface Parley {
  readonly discord: FakeDiscord;
  readonly adapter: DiscordAdapter;
  readonly bot: Bot;
  readonly delivery: Delivery;
  readonly engine: ScriptedEngine;
  readonly log: readonly LogRecord[];
  readonly start: () => Promise<void>;
}

const ANY = { allow: [], deny: [] };
export const OPEN: AccessRules = {
  workspaces: ANY,
  channels: ANY,
  roles: ANY,
  users: ANY,
  directMessages: true,
};

const toStop: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of toStop.splice(0).reverse()) await stop();
});

/** Answers at once; "say: hello" is answered by "hello". */
export function echo(): ScriptedEngine {
  return new ScriptedEngine((reply) => {
    const line = reply.prompt.split('\n').findLast((one) => one.startsWith('Q:')) ?? '';
    reply.write(` ${/say: (.*)/u.exec(line)?.[1] ?? 'Certainly so.'}`).end();
  });
}

/** A server and a bot that is yet to be started: what stands on the server by then is what it finds. */
export async function prepare(setting: Setting = {}): Promise<Parley> {
  const discord =
    setting.joins ?? (await FakeDiscord.start({ rateLimits: { scale: 0.01 }, ...setting.server }));
  const engine = setting.engine ?? echo();
  const log: LogRecord[] = [];
  const logger = createLogger({
    level: 'debug',
    secrets: [discord.token],
    format: 'json',
    write: (line) => void log.push(JSON.parse(line)),
  });
  const gate = new Gate({
    rules: { discord: { ...OPEN, ...setting.rules } },
    requestsPerMinute: setting.requestsPerMinute ?? 0,
    clock: systemClock,
  });
  const bot = new Bot({ engine: Promise.resolve<Engine>(engine), logger, gate });
  const delivery = new Delivery({ logger });
  const adapter = new DiscordAdapter({
    token: discord.token,
    apiUrl: discord.apiUrl,
    messageContent: true,
    threads: 'never',
    logger,
    presence: async () => 'starter · idle',
    clock: () => discord.clock.now(),
    ...setting.adapter,
  });
  const reception = new Reception({ bot, delivery, opinions: new Opinions(setting.feedback) });
  toStop.push(async () => {
    await bot.close();
    await delivery.settled(1_000);
    await adapter.stop();
    if (!setting.joins) await discord.stop();
  });
  const start = () =>
    adapter.start(
      (request) => reception.take(request, adapter),
      (press) => reception.press(press, adapter),
    );
  return { discord, adapter, bot, delivery, engine: engine as ScriptedEngine, log, start };
}

/** The same with a server in which Ada and Bob meet, and the bot started. */
export async function scene(setting: Setting = {}) {
  const parley = await prepare(setting);
  const { discord } = parley;
  const guild = discord.guild({ name: 'Reading Club' });
  const general = guild.channel({ name: 'general' });
  const ada = guild.person({ name: 'Ada' });
  const bob = guild.person({ name: 'Bob' });
  await parley.start();
  return { ...parley, guild, general, ada, bob };
}

/** The bot's message there that came as the so-maniest, once it is complete. */
export function answer(discord: FakeDiscord, channel: Channel, nth = 1): Promise<Message> {
  return discord.waitFor(() => channel.fromBot().filter(isComplete)[nth - 1], { what: `answer ${nth}` });
}

/** The answer to a command or a form, once it is complete. */
export function answerTo(discord: FakeDiscord, used: Interaction): Promise<Message> {
  return discord.waitFor(() => used.reply && isComplete(used.reply) && used.reply, { what: 'the answer' });
}

function isComplete(message: Message): boolean {
  return !message.isLoading && message.buttons[0]?.label !== 'Stop';
}
