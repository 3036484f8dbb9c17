import {
  type APIAuthorizingIntegrationOwnersMap,
  type APIMessage,
  type APIMessageInteractionMetadata,
  type APIUser,
  ApplicationIntegrationType,
  type GatewayMessageCreateDispatchData,
  type GatewayMessageEventExtraFields,
  InteractionType,
  MessageFlags,
  MessageReferenceType,
  MessageType,
} from 'discord.js';
import { current } from '../world/messages.ts';
import type { ChannelRecord, InteractionRecord, MessageRecord } from '../world/records.ts';
import type { World } from '../world/world.ts';
import { channelType, threadJson } from './channel-json.ts';
import { timestamp } from './timestamp.ts';
import { memberWithoutUserJson, userJson } from './user-json.ts';

export interface MessageView {
  /** Whether the Message Content intent (on REST: the switch in the portal) lets the bot read what does not concern it. */
  readonly allContent: boolean;
  /** Told once, to the author: in the answer to the post and in its event. */
  readonly nonce?: boolean;
  /** A message inside another one does not show a third. */
  readonly nested?: boolean;
}

/**
 * Without the Message Content intent a bot reads its own messages, direct messages and those that mention it (a reply
 * that pings it does); of all others it gets the form without content.
 */
export function botMayRead(world: World, message: MessageRecord): boolean {
  return (
    message.authorId === world.botId ||
    world.channel(message.channelId).kind === 'dm' ||
    current(message).mentions.users.includes(world.botId)
  );
}

export function messageJson(world: World, message: MessageRecord, view: MessageView): APIMessage {
  const channel = world.channel(message.channelId);
  const version = current(message);
  const readable = view.allContent || botMayRead(world, message);
  const edited =
    message.versions.length > 1 && (message.flags & MessageFlags.Loading) === 0
      ? timestamp(version.at)
      : null;
  const thread = message.threadId === undefined ? undefined : world.channel(message.threadId);
  return {
    id: message.id,
    channel_id: message.channelId,
    type: message.type,
    author: userJson(world.user(message.authorId)),
    content: readable ? version.content : '',
    embeds: readable ? [...version.embeds] : [],
    attachments: readable ? [...version.attachments] : [],
    components: readable ? ([...version.components] as NonNullable<APIMessage['components']>) : [],
    timestamp: timestamp(message.createdAt),
    edited_timestamp: edited,
    tts: false,
    pinned: false,
    flags: message.flags | (message.ephemeralFor ? MessageFlags.Ephemeral : 0),
    mentions: mentioned(world, channel, version.mentions.users),
    mention_roles: [...version.mentions.roles],
    mention_everyone: version.mentions.everyone,
    ...(view.nonce && message.nonce !== undefined ? { nonce: message.nonce } : {}),
    ...(thread?.kind === 'thread' ? { thread: threadJson(world, thread) } : {}),
    ...(channel.kind === 'thread' ? { position: [...channel.messages.keys()].indexOf(message.id) } : {}),
    ...referenceJson(world, message, view),
    ...(message.interaction ? interactionJson(world, message, message.interaction) : {}),
  };
}

/** What the gateway adds to a message: where it is, and who its author is there. */
export function messageEventJson(
  world: World,
  message: MessageRecord,
  view: MessageView,
): GatewayMessageCreateDispatchData {
  const channel = world.channel(message.channelId);
  const member = world.guildOf(channel)?.members.get(message.authorId);
  return {
    ...messageJson(world, message, view),
    channel_type: channelType(channel),
    ...(channel.kind === 'dm' ? {} : { guild_id: channel.guildId }),
    ...(member && !message.interaction ? { member: memberWithoutUserJson(member) } : {}),
  } as GatewayMessageCreateDispatchData;
}

function mentioned(
  world: World,
  channel: ChannelRecord,
  ids: readonly string[],
): (APIUser & { member?: NonNullable<GatewayMessageEventExtraFields['member']> })[] {
  const guild = world.guildOf(channel);
  return ids.map((id) => {
    const member = guild?.members.get(id);
    return { ...userJson(world.user(id)), ...(member ? { member: memberWithoutUserJson(member) } : {}) };
  });
}

function referenceJson(world: World, message: MessageRecord, view: MessageView): Partial<APIMessage> {
  const { reference } = message;
  if (!reference) return {};
  const channel = world.channel(reference.channelId);
  const to = {
    message_reference: {
      type: MessageReferenceType.Default,
      channel_id: reference.channelId,
      ...(reference.messageId ? { message_id: reference.messageId } : {}),
      ...(channel.kind === 'dm' ? {} : { guild_id: channel.guildId }),
    },
  };
  const shows = message.type === MessageType.Reply || message.type === MessageType.ThreadStarterMessage;
  if (view.nested || !shows || !reference.messageId) return to;
  const referenced = channel.messages.get(reference.messageId);
  if (!referenced || referenced.deletedAt !== undefined) return { ...to, referenced_message: null };
  return {
    ...to,
    referenced_message: messageJson(world, referenced, { allContent: view.allContent, nested: true }),
  };
}

function interactionJson(
  world: World,
  message: MessageRecord,
  interaction: InteractionRecord,
): Partial<APIMessage> {
  const { originalMessageId, sourceMessageId } = interaction;
  const base = {
    id: interaction.id,
    user: userJson(world.user(interaction.userId)),
    authorizing_integration_owners: authorizingOwners(world.channel(message.channelId)),
    ...(originalMessageId && originalMessageId !== message.id
      ? { original_response_message_id: originalMessageId }
      : {}),
  };
  return {
    // Answers to interactions are sent by a webhook of the application.
    application_id: world.application.id,
    webhook_id: world.application.id,
    interaction_metadata: {
      ...base,
      type: interaction.type,
      ...(sourceMessageId ? { interacted_message_id: sourceMessageId } : {}),
    } as APIMessageInteractionMetadata,
    ...(interaction.type === InteractionType.ApplicationCommand
      ? {
          interaction: {
            id: interaction.id,
            type: interaction.type,
            name: interaction.name,
            user: base.user,
          },
        }
      : {}),
  };
}

/** Who added the application: the server, or, for direct messages with the bot, nobody in particular. */
export function authorizingOwners(channel: ChannelRecord): APIAuthorizingIntegrationOwnersMap {
  return { [ApplicationIntegrationType.GuildInstall]: channel.kind === 'dm' ? '0' : channel.guildId };
}
