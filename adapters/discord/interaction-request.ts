import {
  ApplicationCommandOptionType,
  type ChatInputCommandInteraction,
  type MessageComponentInteraction,
  type MessageContextMenuCommandInteraction,
  type ModalSubmitInteraction,
} from 'discord.js';
import { findCommand, isPrivate } from '../../bot/commands.ts';
import type { AttachmentRef, ChatRequest, HistoryMessage, OptionValue } from '../../bot/request.ts';
import { attachmentRef } from './attachments.ts';
import { takeLinks } from './message-links.ts';
import { authorOf, originOf } from './people.ts';
import { addressOf, type InteractionWay } from './way.ts';

/** What a person uses that gets an answer of its own. */
export type Asking =
  | ChatInputCommandInteraction
  | MessageContextMenuCommandInteraction
  | ModalSubmitInteraction;

/** What a slash command asks. */
export function commandRequest(interaction: ChatInputCommandInteraction): ChatRequest {
  const { commandName, user } = interaction;
  const textOption = findCommand(commandName, 'discord')?.text;
  const options: Record<string, OptionValue> = {};
  const attachments: AttachmentRef[] = [];
  for (const { name, type, value, attachment } of interaction.options.data) {
    if (type === ApplicationCommandOptionType.Attachment) {
      if (attachment) attachments.push(attachmentRef(attachment));
    } else if (name === textOption && typeof value === 'string') {
      const { text, links } = takeLinks(value, user.id);
      attachments.push(...links);
      options[name] = text;
    } else if (value !== undefined) options[name] = value;
  }
  return {
    ...basis(interaction, isPrivate(commandName, options, 'discord')),
    trigger: 'command',
    command: commandName,
    options,
    text: '',
    attachments,
  };
}

/** What a message's menu asks about that message. */
export function menuRequest(
  interaction: MessageContextMenuCommandInteraction | ModalSubmitInteraction,
  asked: {
    readonly command: string;
    readonly text: string;
    readonly target?: HistoryMessage | undefined;
    readonly attachments: readonly AttachmentRef[];
  },
): ChatRequest {
  const { command, text, target, attachments } = asked;
  return {
    ...basis(interaction, false),
    trigger: 'menu',
    command,
    options: {},
    text,
    attachments,
    ...(target && { repliedTo: target }),
  };
}

/** How an interaction is answered. */
export function wayBy(
  interaction: Asking | MessageComponentInteraction,
  how: Pick<InteractionWay, 'privately' | 'deferred'>,
): InteractionWay {
  return {
    by: 'interaction',
    channel: interaction.channelId ?? '',
    application: interaction.applicationId,
    interaction: interaction.id,
    token: interaction.token,
    ...how,
  };
}

function basis(
  interaction: Asking,
  privately: boolean,
): Omit<ChatRequest, 'trigger' | 'options' | 'text' | 'attachments'> {
  const { id, client, user, channel, guildId, createdTimestamp } = interaction;
  const channelId = interaction.channelId ?? '';
  const alone = channel === null || channel.isDMBased() || channel.isThread();
  return {
    id,
    author: authorOf(client, user, guildId),
    conversation: { platform: 'discord', id: alone ? channelId : `${channelId}/${id}` },
    ...(!alone && { talk: { platform: 'discord', id: channelId } }),
    origin: originOf(interaction),
    replyAddress: addressOf(wayBy(interaction, { privately, deferred: true })),
    at: createdTimestamp,
  };
}
