import { GatewayDispatchEvents, GatewayIntentBits } from 'discord.js';
import { textChannelJson, threadJson } from '../wire/channel-json.ts';
import { guildCreateJson, roleJson } from '../wire/guild-json.ts';
import { messageEventJson } from '../wire/message-json.ts';
import { noFlags } from '../wire/no-flags.ts';
import { timestamp } from '../wire/timestamp.ts';
import { memberJson } from '../wire/user-json.ts';
import type { WorldEvent } from '../world/event.ts';
import type { MessageRecord } from '../world/records.ts';
import type { World } from '../world/world.ts';
import { has, messagesIntent, typingIntent } from './intents.ts';

/** An event as the gateway sends it, without its number. */
export interface Dispatch {
  readonly t: GatewayDispatchEvents;
  readonly d: unknown;
}

/** What a session with these intents hears of an event; nothing, if it has not asked for it or cannot see it. */
export function dispatchOf(world: World, event: WorldEvent, intents: number): Dispatch | undefined {
  const guilds = has(intents, GatewayIntentBits.Guilds);
  switch (event.type) {
    case 'interaction':
      return { t: GatewayDispatchEvents.InteractionCreate, d: event.payload };
    case 'message-created':
    case 'message-edited':
    case 'message-deleted':
      return message(world, event, intents);
    case 'typing':
      return typing(world, event, intents);
    case 'guild-available':
      if (!guilds) return undefined;
      return { t: GatewayDispatchEvents.GuildCreate, d: guildCreate(world, event.guild, intents) };
    case 'guild-gone':
      if (!guilds) return undefined;
      return {
        t: GatewayDispatchEvents.GuildDelete,
        d: { id: event.guild.id, ...(event.outage ? { unavailable: true } : {}) },
      };
    case 'role-created':
    case 'role-updated':
      if (!guilds) return undefined;
      return {
        t:
          event.type === 'role-created'
            ? GatewayDispatchEvents.GuildRoleCreate
            : GatewayDispatchEvents.GuildRoleUpdate,
        d: { guild_id: event.guild.id, role: roleJson(event.role) },
      };
    case 'channel-created':
      return guilds
        ? { t: GatewayDispatchEvents.ChannelCreate, d: textChannelJson(event.channel) }
        : undefined;
    case 'channel-updated':
      return guilds
        ? { t: GatewayDispatchEvents.ChannelUpdate, d: textChannelJson(event.channel) }
        : undefined;
    case 'thread-created':
    case 'thread-updated': {
      if (!guilds || !world.canSee(event.thread, world.botId)) return undefined;
      const thread = threadJson(world, event.thread);
      return event.type === 'thread-created'
        ? { t: GatewayDispatchEvents.ThreadCreate, d: { ...thread, newly_created: true } }
        : { t: GatewayDispatchEvents.ThreadUpdate, d: thread };
    }
    case 'thread-members-updated':
      return guilds ? threadMembers(world, event, intents) : undefined;
    case 'member-joined': {
      if (!has(intents, GatewayIntentBits.GuildMembers)) return undefined;
      const member = memberJson(world.member(event.guild, event.userId), world.user(event.userId));
      return { t: GatewayDispatchEvents.GuildMemberAdd, d: { ...member, guild_id: event.guild.id } };
    }
  }
}

export function guildCreate(world: World, guild: Parameters<typeof guildCreateJson>[1], intents: number) {
  return guildCreateJson(world, guild, { allMembers: has(intents, GatewayIntentBits.GuildMembers) });
}

/** Ephemeral messages are between Discord and one person: no session hears of them. */
function message(
  world: World,
  { type, message }: { readonly type: string; readonly message: MessageRecord },
  intents: number,
): Dispatch | undefined {
  const channel = world.channel(message.channelId);
  if (message.ephemeralFor || !has(intents, messagesIntent(channel)) || !world.canSee(channel, world.botId)) {
    return undefined;
  }
  if (type === 'message-deleted') {
    const where = channel.kind === 'dm' ? {} : { guild_id: channel.guildId };
    return {
      t: GatewayDispatchEvents.MessageDelete,
      d: { id: message.id, channel_id: channel.id, ...where },
    };
  }
  const allContent = has(intents, GatewayIntentBits.MessageContent);
  return type === 'message-created'
    ? {
        t: GatewayDispatchEvents.MessageCreate,
        d: messageEventJson(world, message, { allContent, nonce: message.authorId === world.botId }),
      }
    : { t: GatewayDispatchEvents.MessageUpdate, d: messageEventJson(world, message, { allContent }) };
}

function typing(
  world: World,
  { channel, userId, at }: WorldEvent & { readonly type: 'typing' },
  intents: number,
): Dispatch | undefined {
  if (!has(intents, typingIntent(channel)) || !world.canSee(channel, world.botId)) return undefined;
  const guild = world.guildOf(channel);
  const member = guild?.members.get(userId);
  return {
    t: GatewayDispatchEvents.TypingStart,
    d: {
      channel_id: channel.id,
      user_id: userId,
      timestamp: Math.floor(at / 1000),
      ...(guild ? { guild_id: guild.id } : {}),
      ...(member ? { member: memberJson(member, world.user(userId)) } : {}),
    },
  };
}

/** Without the Server Members intent a bot hears only of its own joining. */
function threadMembers(
  world: World,
  { thread, added }: WorldEvent & { readonly type: 'thread-members-updated' },
  intents: number,
): Dispatch | undefined {
  if (added !== world.botId && !has(intents, GatewayIntentBits.GuildMembers)) return undefined;
  const joinedAt = thread.members.get(added) ?? world.clock.now();
  return {
    t: GatewayDispatchEvents.ThreadMembersUpdate,
    d: {
      id: thread.id,
      guild_id: thread.guildId,
      member_count: thread.members.size,
      added_members: [{ id: thread.id, user_id: added, join_timestamp: timestamp(joinedAt), flags: noFlags }],
    },
  };
}
