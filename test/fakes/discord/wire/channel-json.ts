import {
  type APIDMChannel,
  type APITextChannel,
  type APIThreadChannel,
  ChannelType,
  OverwriteType,
} from 'discord.js';
import type { ChannelRecord, DmRecord, TextChannelRecord, ThreadRecord } from '../world/records.ts';
import { messageCount } from '../world/threads.ts';
import type { World } from '../world/world.ts';
import { noFlags } from './no-flags.ts';
import { timestamp } from './timestamp.ts';
import { userJson } from './user-json.ts';

export function channelType(channel: ChannelRecord) {
  if (channel.kind === 'dm') return ChannelType.DM;
  if (channel.kind === 'text') return ChannelType.GuildText;
  return channel.private ? ChannelType.PrivateThread : ChannelType.PublicThread;
}

export function channelJson(
  world: World,
  channel: ChannelRecord,
): APITextChannel | APIThreadChannel | APIDMChannel {
  if (channel.kind === 'dm') return dmJson(world, channel);
  return channel.kind === 'text' ? textChannelJson(channel) : threadJson(world, channel);
}

export function textChannelJson(channel: TextChannelRecord): APITextChannel {
  return {
    id: channel.id,
    type: ChannelType.GuildText,
    guild_id: channel.guildId,
    name: channel.name,
    topic: channel.topic,
    position: channel.position,
    nsfw: false,
    flags: noFlags,
    parent_id: null,
    rate_limit_per_user: 0,
    last_message_id: lastMessageId(channel),
    last_pin_timestamp: null,
    permission_overwrites: [...channel.overwrites.values()].map((overwrite) => ({
      id: overwrite.id,
      type: overwrite.kind === 'role' ? OverwriteType.Role : OverwriteType.Member,
      allow: overwrite.allow.toString(),
      deny: overwrite.deny.toString(),
    })),
  };
}

export function threadJson(world: World, thread: ThreadRecord): APIThreadChannel {
  const botJoined = thread.members.get(world.botId);
  const count = messageCount(thread);
  return {
    id: thread.id,
    type: thread.private ? ChannelType.PrivateThread : ChannelType.PublicThread,
    guild_id: thread.guildId,
    parent_id: thread.parentId,
    owner_id: thread.ownerId,
    name: thread.name,
    flags: noFlags,
    rate_limit_per_user: 0,
    last_message_id: lastMessageId(thread),
    message_count: count,
    total_message_sent: count,
    member_count: thread.members.size,
    thread_metadata: {
      archived: thread.archived,
      archive_timestamp: timestamp(thread.createdAt),
      auto_archive_duration: thread.autoArchiveMinutes,
      locked: thread.locked,
      create_timestamp: timestamp(thread.createdAt),
      ...(thread.private ? { invitable: true } : {}),
    },
    ...(botJoined === undefined
      ? {}
      : {
          member: {
            id: thread.id,
            user_id: world.botId,
            join_timestamp: timestamp(botJoined),
            flags: noFlags,
          },
        }),
  };
}

function dmJson(world: World, channel: DmRecord): APIDMChannel {
  return {
    id: channel.id,
    type: ChannelType.DM,
    name: null,
    flags: noFlags,
    last_message_id: lastMessageId(channel),
    recipients: [userJson(world.user(channel.recipientId))],
  };
}

function lastMessageId(channel: ChannelRecord): string | null {
  return [...channel.messages.keys()].at(-1) ?? null;
}
