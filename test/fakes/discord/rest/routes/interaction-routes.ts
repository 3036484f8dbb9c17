import { InteractionResponseType, InteractionType, MessageFlags } from 'discord.js';
import * as z from 'zod';
import { messageJson } from '../../wire/message-json.ts';
import { acknowledge } from '../../world/interactions.ts';
import { editMessage, isLoading, postMessage } from '../../world/messages.ts';
import type { InteractionRecord, MessageRecord } from '../../world/records.ts';
import type { World } from '../../world/world.ts';
import { ApiError } from '../api-error.ts';
import { readForm, refuseField } from '../form.ts';
import { messageEdit } from '../message-body.ts';
import { changesOf, draftOf } from '../message-draft.ts';
import { modalBody } from '../modal-body.ts';
import { noContent, ok, type RouteTable } from '../route.ts';

const callback = z.object({ type: z.enum(InteractionResponseType), data: z.unknown().optional() });

/** The first answer to an interaction; its id and token are the authorisation. */
export const interactionRoutes = {
  'POST /interactions/:interaction/:token/callback': ({ world }, { params, query, body }) => {
    const { type, data } = readForm(callback, body);
    const known = world.interactions.get(params.token ?? '');
    if (!known) throw new ApiError('unknownInteraction');
    const respond = responses[type];
    if (!respond) refuseField(['type'], 'BASE_TYPE_CHOICES', 'The fake server does not model this answer');
    const answer = respond(world, known, data);
    const interaction = acknowledge(world, params.interaction ?? '', params.token ?? '', type);
    const message = attempt(interaction, answer);
    if (query.get('with_response') !== 'true') return noContent;
    return ok({
      interaction: {
        id: interaction.id,
        type: interaction.type,
        ...(message
          ? {
              response_message_id: message.id,
              response_message_loading: isLoading(message),
              response_message_ephemeral: message.ephemeralFor !== undefined,
            }
          : {}),
      },
      resource: {
        type,
        ...(message ? { message: messageJson(world, message, { allContent: true }) } : {}),
      },
    });
  },
} satisfies RouteTable;

/** A refused answer does not use the interaction up. */
function attempt(interaction: InteractionRecord, answer: Answer): MessageRecord | undefined {
  try {
    return answer();
  } catch (error) {
    delete interaction.acknowledgedAt;
    delete interaction.response;
    throw error;
  }
}

type Answer = () => MessageRecord | undefined;
type Respond = (world: World, interaction: InteractionRecord, data: unknown) => Answer;

const responses: Partial<Record<InteractionResponseType, Respond>> = {
  [InteractionResponseType.ChannelMessageWithSource]: (world, interaction, data) => {
    const form = readForm(messageEdit, data);
    return () => firstMessage(world, interaction, form, form.flags ?? 0);
  },
  [InteractionResponseType.DeferredChannelMessageWithSource]: (world, interaction, data) => {
    const { flags } = readForm(messageEdit.pick({ flags: true }), data);
    return () => firstMessage(world, interaction, undefined, (flags ?? 0) & MessageFlags.Ephemeral);
  },
  [InteractionResponseType.DeferredMessageUpdate]: (_, interaction) => {
    needsSource(interaction);
    return () => {
      if (interaction.sourceMessageId) interaction.originalMessageId = interaction.sourceMessageId;
      return undefined;
    };
  },
  [InteractionResponseType.UpdateMessage]: (world, interaction, data) => {
    const source = needsSource(interaction);
    const form = readForm(messageEdit, data);
    return () => {
      const message = world.channel(interaction.channelId).messages.get(source);
      if (!message || message.deletedAt !== undefined) throw new ApiError('unknownMessage');
      interaction.originalMessageId = source;
      return editMessage(world, message, changesOf(form));
    };
  },
  [InteractionResponseType.Modal]: (_, interaction, data) => {
    if (interaction.type === InteractionType.ModalSubmit) {
      refuseField(['type'], 'BASE_TYPE_CHOICES', 'A modal cannot follow a modal');
    }
    const modal = readForm(modalBody, data);
    return () => {
      interaction.modal = modal;
      return undefined;
    };
  },
};

/** The message that answers: `@original` from now on. Deferred ones are empty and say that the bot is thinking. */
function firstMessage(
  world: World,
  interaction: InteractionRecord,
  form: z.infer<typeof messageEdit> | undefined,
  flags: number,
): MessageRecord {
  const draft = form ? draftOf(form) : { flags: MessageFlags.Loading };
  const message = postMessage(world, interactionDraft(world, interaction, draft, flags));
  interaction.originalMessageId = message.id;
  return message;
}

/** Where and as whom an interaction's messages are posted; a button's answer replies to the button's message. */
export function interactionDraft(
  world: World,
  interaction: InteractionRecord,
  draft: Partial<Parameters<typeof postMessage>[1]>,
  flags: number,
): Parameters<typeof postMessage>[1] {
  const channel = world.channel(interaction.channelId);
  const replyTo = interaction.sourceMessageId ? channel.messages.get(interaction.sourceMessageId) : undefined;
  return {
    ...draft,
    channel,
    authorId: world.botId,
    interaction,
    ...(replyTo ? { replyTo } : { type: interaction.messageType }),
    ...(flags & MessageFlags.Ephemeral ? { ephemeralFor: interaction.userId } : {}),
  };
}

function needsSource(interaction: InteractionRecord): string {
  if (interaction.sourceMessageId) return interaction.sourceMessageId;
  return refuseField(['type'], 'BASE_TYPE_CHOICES', 'Only components have a message to update');
}
