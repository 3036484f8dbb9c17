import { type Client, type Message, MessageType } from 'discord.js';
import type { AttachmentRef, ChatRequest, HistoryMessage } from '../../bot/request.ts';
import { attachmentRef } from './attachments.ts';
import type { Chains } from './chains.ts';
import { linkTo, takeLinks } from './message-links.ts';
import { authorOf, originOf } from './people.ts';
import { mentionsOf, plainText, writtenText } from './plain-text.ts';
import type { Threads } from './threads.ts';
import { addressOf } from './way.ts';

export interface Ears {
  readonly client: Client<true>;
  readonly chains: Chains;
  readonly threads: Threads;
}

/** What a message asks of the bot; undefined: it is not for the bot. */
export function messageRequest(message: Message, { client, chains, threads }: Ears): ChatRequest | undefined {
  const { author, channel } = message;
  const said = message.type === MessageType.Default || message.type === MessageType.Reply;
  if (author.bot || message.webhookId !== null || !said) return undefined;
  const repliesTo = referenced(message);
  const answered = repliesTo?.author.id === client.user.id ? repliesTo : undefined;
  if (!isAddressed(message, client, answered !== undefined)) return undefined;

  const { text, links } = takeLinks(textOf(message, client), author.id);
  const replyTo = message.id;
  const thread =
    message.inGuild() && !channel.isThread()
      ? threads.wanted(message, text, answered !== undefined)
      : undefined;
  const alone = channel.isDMBased() || channel.isThread();
  const conversation = alone ? channel.id : thread ? replyTo : chains.of(message, answered);
  const own: AttachmentRef[] = [...message.attachments.values()].map(attachmentRef);
  return {
    id: message.id,
    trigger: channel.isDMBased() ? 'dm' : 'mention',
    options: {},
    text,
    author: authorOf(client, author, message.guildId),
    conversation: { platform: 'discord', id: conversation },
    ...(!alone && { talk: { platform: 'discord', id: channel.id } }),
    origin: originOf(message),
    replyAddress: addressOf(
      thread ?? { by: 'channel', channel: channel.id, ...(!channel.isDMBased() && { replyTo }) },
    ),
    attachments: [
      ...own,
      ...links,
      ...(own.length === 0 && repliesTo ? broughtBy(repliesTo, author.id, client) : []),
    ],
    ...(repliesTo && { repliedTo: historyOf(repliesTo, client) }),
    at: message.createdTimestamp,
  };
}

/** A message as memory or material. */
export function historyOf(message: Message, client: Client<true>): HistoryMessage {
  const own = message.author.id === client.user.id;
  return {
    id: message.id,
    author: authorOf(client, message.author, message.guildId),
    text: own ? writtenText(message.content) : textOf(message, client),
    own,
    at: message.createdTimestamp,
  };
}

/** What a message that is not in the text brings along: its files, or itself, where its text may not be read here. */
export function broughtBy(message: Message, asker: string, client: Client<true>): readonly AttachmentRef[] {
  if (message.author.id === client.user.id) return [];
  const files = [...message.attachments.values()].map(attachmentRef);
  if (message.content !== '' || files.length > 0) return files;
  return [linkTo({ channel: message.channelId, message: message.id, asker }, 'that message')];
}

/** Discord sends it along, so it is at hand when the reply arrives. */
function referenced(message: Message): Message | undefined {
  if (message.type !== MessageType.Reply || !message.reference?.messageId) return undefined;
  return message.channel.messages.cache.get(message.reference.messageId);
}

function isAddressed(message: Message, client: Client<true>, answersBot: boolean): boolean {
  const { channel, mentions } = message;
  if (channel.isDMBased() || answersBot) return true;
  const names = mentionsOf(client.user.id, message.guild);
  if (names.some((name) => message.content.includes(name)) || mentions.users.has(client.user.id)) return true;
  // In a thread that was opened for an answer the bot is the one who is spoken to, if nobody else is.
  const others = mentions.users.size > 0 || mentions.repliedUser !== null;
  return channel.isThread() && channel.ownerId === client.user.id && message.content !== '' && !others;
}

function textOf(message: Message, client: Client<true>): string {
  const mentioned = message.mentions.users.map((user) => authorOf(client, user, message.guildId));
  return plainText(message.content, { channel: message.channel, self: client.user.id, mentioned });
}
