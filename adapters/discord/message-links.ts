import {
  type APIMessage,
  ChannelType,
  type Client,
  DiscordAPIError,
  type GuildChannel,
  PermissionFlagsBits,
  Routes,
  type ThreadChannel,
} from 'discord.js';
import { AttachmentError } from '../../bot/attachment-error.ts';
import type { AttachmentRef } from '../../bot/request.ts';
import { authorOf } from './people.ts';
import { plainText } from './plain-text.ts';

/** A message that somebody named by its address, or that came without its text. */
export interface LinkedMessage {
  readonly channel: string;
  readonly message: string;
  /** Gets to read it only if they can see that channel. */
  readonly asker: string;
}

const LINK =
  /<?https?:\/\/(?:www\.|ptb\.|canary\.)?discord(?:app)?\.com\/channels\/(?:@me|\d{17,20})\/(\d{17,20})\/(\d{17,20})>?/gu;

const LOCATION = /^message:(\d+)\/(\d+)\/(\d+)$/u;

/** More than a few links in one message are a list, and no text to work on. */
const MOST_LINKS = 5;

export function linkTo({ channel, message, asker }: LinkedMessage, name: string): AttachmentRef {
  return { name, location: `message:${channel}/${message}/${asker}` };
}

/** The message that a location stands for; undefined for a file's. */
export function linkedMessage(location: string): LinkedMessage | undefined {
  const [, channel, message, asker] = LOCATION.exec(location) ?? [];
  return channel && message && asker ? { channel, message, asker } : undefined;
}

/** A text without its links to messages, and what they link to. */
export function takeLinks(
  text: string,
  asker: string,
): { readonly text: string; readonly links: readonly AttachmentRef[] } {
  const links: AttachmentRef[] = [];
  const rest = text.replace(LINK, (whole, channel: string, message: string) => {
    if (links.length === MOST_LINKS) return whole;
    links.push(linkTo({ channel, message, asker }, 'the linked message'));
    return '';
  });
  return { text: rest.trim(), links };
}

/**
 * The text of a linked message, if both the bot and whoever asks may read it there.
 *
 * @throws AttachmentError
 */
export async function readLinked(
  client: Client<true>,
  { channel: channelId, message: messageId, asker }: LinkedMessage,
  name: string,
): Promise<string> {
  const message = await fetchLinked(client, channelId, messageId, asker).catch((error: unknown) => {
    if (error instanceof DiscordAPIError && error.status < 500) return undefined;
    throw error;
  });
  if (!message) {
    throw new AttachmentError(
      'NOT_FOUND',
      `I cannot read ${name}: it is gone, or one of us two cannot see its channel.`,
    );
  }
  if (message.text === '') {
    throw new AttachmentError(
      'UNREADABLE',
      `I may not read the text of ${name}. Open its menu (Apps, Summarize or Ask about this), which shows it to me; ` +
        'or whoever runs me switches on Message Content Intent in the developer portal, page Bot.',
    );
  }
  return message.text;
}

async function fetchLinked(
  client: Client<true>,
  channelId: string,
  messageId: string,
  asker: string,
): Promise<{ readonly text: string } | undefined> {
  const channel = await client.channels.fetch(channelId);
  if (!channel) return undefined;
  const sees = channel.isDMBased()
    ? channel.isTextBased() && 'recipientId' in channel && channel.recipientId === asker
    : await maySee(channel, asker);
  if (!sees) return undefined;
  const { content, mentions } = (await client.rest.get(
    Routes.channelMessage(channelId, messageId),
  )) as APIMessage;
  const guild = channel.isDMBased() ? undefined : channel.guildId;
  const mentioned = mentions.map((user) => authorOf(client, user, guild));
  return { text: plainText(content, { channel, self: client.user.id, mentioned }) };
}

async function maySee(channel: GuildChannel | ThreadChannel, asker: string): Promise<boolean> {
  const member = await channel.guild.members.fetch(asker);
  const needed = PermissionFlagsBits.ViewChannel | PermissionFlagsBits.ReadMessageHistory;
  const granted = channel.permissionsFor(member);
  if (!granted?.has(needed)) return false;
  if (!channel.isThread() || channel.type !== ChannelType.PrivateThread) return true;
  if (granted.has(PermissionFlagsBits.ManageThreads)) return true;
  return (await channel.members.fetch(asker).catch(() => undefined)) !== undefined;
}
