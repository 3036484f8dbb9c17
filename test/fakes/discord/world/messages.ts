import {
  type APIAttachment,
  type APIEmbed,
  MessageFlags,
  MessageType,
  PermissionFlagsBits,
} from 'discord.js';
import { keepText } from '../../confidential.ts';
import { ApiError } from '../rest/api-error.ts';
import { type ComponentRow, numbered } from '../rest/component-body.ts';
import { type AllowedMentions, allow, namedIn, pingsRepliedUser } from './mentions.ts';
import type { ChannelRecord, InteractionRecord, Mentions, MessageRecord, MessageVersion } from './records.ts';
import { joinThread } from './thread-membership.ts';
import type { World } from './world.ts';

export interface Draft {
  readonly channel: ChannelRecord;
  readonly authorId: string;
  readonly type?: MessageType;
  readonly content?: string;
  readonly embeds?: readonly APIEmbed[];
  readonly components?: readonly ComponentRow[];
  readonly attachments?: readonly APIAttachment[];
  readonly allowedMentions?: AllowedMentions | undefined;
  readonly flags?: number;
  readonly nonce?: string | number;
  readonly replyTo?: MessageRecord;
  readonly reference?: MessageRecord['reference'];
  readonly interaction?: InteractionRecord;
  readonly ephemeralFor?: string;
}

/** Fields that stay away stay as they are. */
export interface Changes {
  readonly content?: string;
  readonly embeds?: readonly APIEmbed[];
  readonly components?: readonly ComponentRow[];
  readonly flags?: number;
  readonly allowedMentions?: AllowedMentions | undefined;
}

/** Types whose content is written by Discord, not by anybody. */
const systemTypes: readonly MessageType[] = [MessageType.ThreadCreated, MessageType.ThreadStarterMessage];

/**
 * Puts a message into a channel and tells everybody whom it concerns. Discord trims the text on both sides.
 * @throws ApiError 50006 when there is nothing in it.
 */
export function postMessage(world: World, draft: Draft): MessageRecord {
  const { channel, authorId, replyTo } = draft;
  const reference = draft.reference ?? (replyTo && { channelId: channel.id, messageId: replyTo.id });
  const content = (draft.content ?? '').trim();
  keepText(content);
  const at = world.clock.now();
  const version: MessageVersion = {
    at,
    content,
    embeds: draft.embeds ?? [],
    components: numbered(draft.components ?? []),
    attachments: draft.attachments ?? [],
    mentions: mentionsOf(world, draft, content, replyTo),
  };
  const message: MessageRecord = {
    id: world.ids.next(),
    channelId: channel.id,
    authorId,
    type: draft.type ?? (replyTo ? MessageType.Reply : MessageType.Default),
    createdAt: at,
    versions: [version],
    flags: draft.flags ?? 0,
    ...(draft.nonce === undefined ? {} : { nonce: draft.nonce }),
    ...(reference ? { reference } : {}),
    ...(draft.interaction ? { interaction: draft.interaction } : {}),
    ...(draft.ephemeralFor ? { ephemeralFor: draft.ephemeralFor } : {}),
    notified: [],
  };
  if (!isLoading(message) && !systemTypes.includes(message.type)) refuseEmpty(version);
  message.notified = notifiedBy(world, channel, message);
  if (channel.kind === 'thread') joinThread(world, channel, authorId);
  channel.messages.set(message.id, message);
  draft.interaction?.messageIds.add(message.id);
  world.emit({ type: 'message-created', message });
  return message;
}

/** @throws ApiError 50006 when nothing would be left of it. */
export function editMessage(world: World, message: MessageRecord, changes: Changes): MessageRecord {
  const channel = world.channel(message.channelId);
  const before = current(message);
  const content = changes.content === undefined ? before.content : changes.content.trim();
  keepText(content);
  const repliedTo = message.reference?.messageId;
  const draft = { channel, authorId: message.authorId, allowedMentions: changes.allowedMentions };
  const version: MessageVersion = {
    at: world.clock.now(),
    content,
    embeds: changes.embeds ?? before.embeds,
    components: changes.components ? numbered(changes.components) : before.components,
    attachments: before.attachments,
    mentions:
      changes.content === undefined
        ? before.mentions
        : mentionsOf(world, draft, content, repliedTo ? channel.messages.get(repliedTo) : undefined),
  };
  refuseEmpty(version);
  const wasLoading = isLoading(message);
  message.versions.push(version);
  const suppress = MessageFlags.SuppressEmbeds;
  message.flags &= ~MessageFlags.Loading;
  if (changes.flags !== undefined) message.flags = (message.flags & ~suppress) | (changes.flags & suppress);
  // A deferred answer becomes a message only now, so only now can it notify anybody.
  if (wasLoading) message.notified = notifiedBy(world, channel, message);
  world.emit({ type: 'message-edited', message });
  return message;
}

export function deleteMessage(world: World, message: MessageRecord): void {
  message.deletedAt = world.clock.now();
  world.emit({ type: 'message-deleted', message });
}

/** What people see now. */
export function current(message: MessageRecord): MessageVersion {
  return message.versions.at(-1) ?? message.versions[0];
}

/** "Parley is thinking…": deferred and not yet answered. */
export function isLoading(message: MessageRecord): boolean {
  return (message.flags & MessageFlags.Loading) !== 0;
}

function refuseEmpty({ content, embeds, components, attachments }: MessageVersion): void {
  if (content === '' && embeds.length + components.length + attachments.length === 0) {
    throw new ApiError('emptyMessage');
  }
}

function mentionsOf(
  world: World,
  { channel, authorId, allowedMentions }: Pick<Draft, 'channel' | 'authorId' | 'allowedMentions'>,
  content: string,
  replyTo: MessageRecord | undefined,
): Mentions {
  const named = namedIn(content);
  const guild = world.guildOf(channel);
  const mayPingAll = world.may(PermissionFlagsBits.MentionEveryone, channel, authorId);
  const possible: Mentions = {
    users: named.users.filter((id) => world.users.has(id)),
    roles: named.roles.filter((id) => {
      const role = guild && world.role(guild, id);
      return role && (role.mentionable || mayPingAll);
    }),
    everyone: named.everyone && mayPingAll,
  };
  const allowed = allow(possible, allowedMentions);
  const replied = replyTo && pingsRepliedUser(allowedMentions) ? [replyTo.authorId] : [];
  return { ...allowed, users: [...new Set([...allowed.users, ...replied])] };
}

function notifiedBy(world: World, channel: ChannelRecord, message: MessageRecord): string[] {
  if (isLoading(message) || message.ephemeralFor) return [];
  const { users, roles, everyone } = current(message).mentions;
  const members = [...(world.guildOf(channel)?.members.values() ?? [])];
  const reached = members.filter((member) => everyone || roles.some((id) => member.roles.has(id)));
  return [...new Set([...users, ...reached.map((member) => member.userId)])].filter(
    (id) => id !== message.authorId && world.canSee(channel, id),
  );
}
