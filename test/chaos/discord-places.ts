import { subduedLine } from '../../adapters/discord/plain-text.ts';
import { commandsFor } from '../../bot/commands.ts';
import type { Channel } from '../fakes/discord/driver/channel.ts';
import type { Message } from '../fakes/discord/driver/message.ts';
import type { FakeDiscord } from '../fakes/discord/fake-discord.ts';
import type { MessageVersion } from '../fakes/discord/world/records.ts';
import { ANY_TASK, type Place, typed, WITHOUT_MEMORY } from './place.ts';
import { type Asked, type Look, lookOf, type Question, type ReplyMessage } from './reply.ts';

/** People on Discord: so many who mention the bot, who write to it directly, and who use its commands. */
export function discordPlaces(discord: FakeDiscord, ofEach: number): readonly Place[] {
  const guild = discord.guild({ name: 'Reading Club' });
  return Array.from({ length: ofEach }, (_, nth) => {
    const person = guild.person({ name: `Ada ${nth}` });
    const mentions = guild.channel({ name: `mentions-${nth}` });
    const commands = guild.channel({ name: `commands-${nth}` });
    return [
      place(discord, 'a mention', mentions, ANY_TASK, (question) => {
        person.says(mentions, typed(question), { mention: true });
      }),
      place(discord, 'a direct message', person.dm(), WITHOUT_MEMORY, (question) => {
        person.says(person.dm(), typed(question));
      }),
      place(discord, 'a command', commands, WITHOUT_MEMORY, ({ task, text }) => {
        const option = commandsFor('discord').find(({ name }) => name === task)?.text ?? '';
        return person.slash(commands, task, { [option]: text });
      }),
    ];
  }).flat();
}

type Ask = (question: Question) => { readonly hasFailed: boolean } | undefined;

/** What the bot writes between two questions in a channel is the reply to the first. */
function place(discord: FakeDiscord, kind: string, channel: Channel, tasks: Place['tasks'], ask: Ask): Place {
  const way = `Discord, ${kind}`;
  const starts: number[] = [];
  return {
    platform: 'Discord',
    way,
    tasks,
    busy: () => typingLeft(discord, channel),
    ask: (question): Asked => {
      const nth = starts.push(channel.fromBot().length) - 1;
      const used = ask(question);
      return {
        way,
        question,
        told: () => (used?.hasFailed ? 'The application did not respond.' : undefined),
        replies: () =>
          channel
            .fromBot()
            .slice(starts[nth], starts[nth + 1])
            .map(replyOf),
      };
    },
  };
}

/** One that was on its way when the answer was posted arrives a little later. */
const LATE_MS = 500;

/** Only a post takes it away: a bot that types behind its last word is seen to do so for ten seconds. */
function typingLeft(discord: FakeDiscord, channel: Channel): readonly string[] {
  const typed = discord.requests.findLast(
    ({ route, params }) => route === 'POST /channels/:channel/typing' && params.channel === channel.id,
  );
  const last = Math.max(0, ...channel.fromBot().flatMap(({ versions }) => versions.map(({ at }) => at)));
  return typed && typed.at > last + LATE_MS ? [`Discord shows typing in ${channel.name}`] : [];
}

const SUBDUED = subduedLine('');

function replyOf(message: Message): ReplyMessage {
  return {
    id: message.id,
    // Deferred, it says by itself that the bot is thinking.
    looks: message.versions.filter(({ content }) => content !== '').map(look),
    open: message.isLoading,
    pings: message.notified,
  };
}

function look({ content, components }: MessageVersion): Look {
  const labels = components.flatMap((row) => row.components.map(({ label }) => label ?? ''));
  return lookOf(content, (line) => line.startsWith(SUBDUED), labels);
}
