import { DiscordAdapter } from '../../adapters/discord/discord-adapter.ts';
import type { Logger } from '../../config/logger.ts';
import type { Engine } from '../../inference/engine/engine.ts';
import type { Message } from '../fakes/discord/driver/message.ts';
import { FakeDiscord } from '../fakes/discord/fake-discord.ts';
import { type Figure, median } from './figure.ts';
import { MB, withBot, withStarter } from './whole-bot.ts';

const SINGLE_MESSAGES = 20;
const CHANNELS = 50;
const REQUESTS = 200;
/** The thinking line and its like begin so; everything else is the answer's own words. */
const NOT_YET_WORDS = /^-# /;

/**
 * The whole bot on the starter model against the Discord of the tests, with Discord's own budgets: how soon the first words
 * are seen beyond the engine's own first token, how many edits a reply takes, and a flood of requests.
 */
export async function benchDelivery(log: (line: string) => void): Promise<readonly Figure[]> {
  return withStarter(async (engine) => {
    log('Measuring single replies on Discord …');
    const single = await onDiscord(engine, measureSingle);
    log(`Measuring ${REQUESTS} requests over ${CHANNELS} channels at once …`);
    return [...single, ...(await onDiscord(engine, measureFlood))];
  });
}

interface Scene {
  readonly discord: FakeDiscord;
  /** Milliseconds to the engine's first token of each reply, as the bot logs it, in the order of their ends. */
  readonly firstTokens: readonly number[];
}

async function onDiscord(
  engine: Engine,
  measure: (scene: Scene) => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  const discord = await FakeDiscord.start();
  const platform = {
    secrets: [discord.token],
    adapter: (logger: Logger) =>
      new DiscordAdapter({
        token: discord.token,
        apiUrl: discord.apiUrl,
        messageContent: true,
        threads: 'never',
        logger,
        presence: async () => 'starter',
        clock: () => discord.clock.now(),
      }),
    stop: () => discord.stop(),
  };
  return withBot(engine, platform, (firstTokens) => measure({ discord, firstTokens }));
}

async function measureSingle({ discord, firstTokens }: Scene): Promise<readonly Figure[]> {
  const guild = discord.guild({ name: 'Reading Club' });
  const ada = guild.person({ name: 'Ada' });
  const beyond: number[] = [];
  const edits: number[] = [];
  for (let i = 0; i < SINGLE_MESSAGES; i++) {
    // A channel each, so that the budget is free.
    const channel = guild.channel({ name: `single-${i}` });
    const asked = discord.clock.now();
    ada.says(channel, `What is a tide, for the ${i}th time?`, { mention: true });
    const reply = await discord.waitFor(() => channel.fromBot().find(isComplete), { what: 'an answer' });
    const words = reply.versions.find(({ content }) => content !== '' && !NOT_YET_WORDS.test(content));
    beyond.push((words?.at ?? Number.NaN) - asked - (firstTokens[i] ?? Number.NaN));
    edits.push(reply.versions.length - 1);
  }
  return [
    { what: 'Discord: first words beyond the engine’s first token', unit: 'ms', value: median(beyond) },
    { what: 'Discord: edits of a reply', unit: 'edits', value: median(edits) },
  ];
}

async function measureFlood({ discord }: Scene): Promise<readonly Figure[]> {
  const guild = discord.guild({ name: 'Flood' });
  const channels = Array.from({ length: CHANNELS }, (_, i) => guild.channel({ name: `flood-${i}` }));
  const people = Array.from({ length: REQUESTS }, (_, i) => guild.person({ name: `Person ${i}` }));
  const before = process.memoryUsage.rss();
  const began = performance.now();
  const asked = people.map((person, i) =>
    person.says(channels[i % CHANNELS] ?? raise(), `Question ${i}: what is rain?`, { mention: true }),
  );
  const answers = (message: Message) =>
    channels.flatMap((channel) => channel.fromBot()).filter(({ replyTo }) => replyTo === message.id);
  await discord.waitFor(() => asked.every((message) => answers(message).some(isComplete)), {
    what: 'every answer',
    timeoutMs: 300_000,
  });
  const seconds = (performance.now() - began) / 1000;
  const twice = asked.filter((message) => answers(message).length > 1).length;
  return [
    { what: `Discord: ${REQUESTS} requests at once, all answered or told`, unit: 's', value: seconds },
    { what: 'of them answered twice', unit: 'requests', value: twice },
    { what: 'refused for our own pace (429)', unit: 'calls', value: discord.rateLimited.length },
    {
      what: 'growth of the bot’s memory in that time',
      unit: 'MB',
      value: (process.memoryUsage.rss() - before) / MB,
    },
  ];
}

function isComplete(message: Message): boolean {
  return !message.isLoading && message.buttons[0]?.label !== 'Stop';
}

function raise(): never {
  throw new Error('There are more requests than channels can be found for.');
}
