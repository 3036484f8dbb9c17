import {
  type APIGuild,
  type APIRole,
  type GatewayGuildCreateDispatchData,
  GuildDefaultMessageNotifications,
  GuildExplicitContentFilter,
  GuildMFALevel,
  GuildNSFWLevel,
  GuildPremiumTier,
  GuildVerificationLevel,
  Locale,
} from 'discord.js';
import type { GuildRecord, RoleRecord } from '../world/records.ts';
import type { World } from '../world/world.ts';
import { textChannelJson, threadJson } from './channel-json.ts';
import { noFlags } from './no-flags.ts';
import { timestamp } from './timestamp.ts';
import { memberJson } from './user-json.ts';

export function guildJson(guild: GuildRecord): APIGuild {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    splash: null,
    discovery_splash: null,
    banner: null,
    description: null,
    owner_id: guild.ownerId,
    afk_channel_id: null,
    afk_timeout: 300,
    verification_level: GuildVerificationLevel.None,
    default_message_notifications: GuildDefaultMessageNotifications.AllMessages,
    explicit_content_filter: GuildExplicitContentFilter.Disabled,
    roles: [...guild.roles.values()].map(roleJson),
    emojis: [],
    stickers: [],
    features: [],
    mfa_level: GuildMFALevel.None,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: noFlags,
    rules_channel_id: null,
    public_updates_channel_id: null,
    safety_alerts_channel_id: null,
    vanity_url_code: null,
    premium_tier: GuildPremiumTier.None,
    premium_progress_bar_enabled: false,
    preferred_locale: Locale.EnglishUS,
    nsfw_level: GuildNSFWLevel.Default,
    hub_type: null,
    incidents_data: null,
  };
}

/**
 * What a bot learns when a server becomes available: all roles and channels, also those that it cannot see into, but of
 * the members only itself unless it has the Server Members intent, and only the active threads that it can see.
 */
export function guildCreateJson(
  world: World,
  guild: GuildRecord,
  { allMembers }: { readonly allMembers: boolean },
): GatewayGuildCreateDispatchData {
  const members = [...guild.members.values()].filter((one) => allMembers || one.userId === world.botId);
  const channels = [...world.channels.values()].filter(
    (channel) => channel.kind !== 'dm' && channel.guildId === guild.id,
  );
  return {
    ...guildJson(guild),
    joined_at: timestamp(guild.members.get(world.botId)?.joinedAt ?? world.clock.now()),
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    members: members.map((member) => memberJson(member, world.user(member.userId))),
    channels: channels.filter((channel) => channel.kind === 'text').map(textChannelJson),
    threads: channels
      .filter((channel) => channel.kind === 'thread')
      .filter((thread) => !thread.archived && world.canSee(thread, world.botId))
      .map((thread) => threadJson(world, thread)),
    voice_states: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

export function roleJson(role: RoleRecord): APIRole {
  return {
    id: role.id,
    name: role.name,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    position: role.position,
    permissions: role.permissions.toString(),
    managed: role.botId !== undefined,
    mentionable: role.mentionable,
    flags: noFlags,
    ...(role.botId === undefined ? {} : { tags: { bot_id: role.botId } }),
  };
}
