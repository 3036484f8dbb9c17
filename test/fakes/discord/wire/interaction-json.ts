import {
  type APIBaseInteraction,
  type GatewayInteractionCreateDispatchData,
  InteractionContextType,
  type InteractionType,
  Locale,
} from 'discord.js';
import type { InteractionRecord, MessageRecord } from '../world/records.ts';
import type { World } from '../world/world.ts';
import { channelJson } from './channel-json.ts';
import { authorizingOwners, messageJson } from './message-json.ts';
import { memberJson, userJson } from './user-json.ts';

/** 10 MiB, what people without a subscription may upload. */
const attachmentSizeLimit = 10 * 1024 * 1024;

/**
 * INTERACTION_CREATE. In a server it names a member with permissions, in direct messages a user. `message` is the one
 * whose button was pressed, always with its content.
 */
export function interactionJson(
  world: World,
  interaction: InteractionRecord,
  data: unknown,
  message?: MessageRecord,
): GatewayInteractionCreateDispatchData {
  const channel = world.channel(interaction.channelId);
  const user = world.user(interaction.userId);
  const guild = world.guildOf(channel);
  const permissions = world.permissionsIn(channel, user.id).toString();
  const where = guild
    ? {
        guild_id: guild.id,
        guild: { id: guild.id, locale: Locale.EnglishUS, features: [] },
        guild_locale: Locale.EnglishUS,
        member: { ...memberJson(world.member(guild, user.id), user), permissions },
        context: InteractionContextType.Guild,
      }
    : { user: userJson(user), context: InteractionContextType.BotDM };
  const payload: APIBaseInteraction<InteractionType, unknown> = {
    id: interaction.id,
    application_id: world.application.id,
    type: interaction.type,
    token: interaction.token,
    version: 1,
    data,
    channel_id: channel.id,
    channel: channelJson(world, channel),
    app_permissions: world.permissionsIn(channel, world.botId).toString(),
    locale: Locale.EnglishUS,
    entitlements: [],
    authorizing_integration_owners: authorizingOwners(channel),
    attachment_size_limit: attachmentSizeLimit,
    ...where,
    ...(message ? { message: messageJson(world, message, { allContent: true }) } : {}),
  };
  // Which data belongs to which type is settled where the data is made.
  return payload as GatewayInteractionCreateDispatchData;
}
