import { messageJson } from '../../wire/message-json.ts';
import { usableInteraction } from '../../world/interactions.ts';
import { deleteMessage, editMessage, isLoading, postMessage } from '../../world/messages.ts';
import type { InteractionRecord, MessageRecord } from '../../world/records.ts';
import type { World } from '../../world/world.ts';
import { ApiError } from '../api-error.ts';
import { readForm } from '../form.ts';
import { messageEdit } from '../message-body.ts';
import { changesOf, draftOf } from '../message-draft.ts';
import { noContent, ok, type RestContext, type RestRequest, type RouteTable } from '../route.ts';
import { interactionDraft } from './interaction-routes.ts';

/** What a bot can do with an interaction's token for 15 minutes: more messages, edits, also of ephemeral ones. */
export const webhookRoutes = {
  'POST /webhooks/:application/:token': (context, request) => {
    const { world } = context;
    const interaction = usable(context, request);
    const form = readForm(messageEdit, request.body);
    const original = find(world, interaction, '@original');
    // As on Discord: the first follow-up after a deferral fills the deferred message and cannot change its privacy.
    if (original && isLoading(original)) {
      return answer(world, editMessage(world, original, changesOf(form)));
    }
    const flags = form.flags ?? 0;
    return answer(world, postMessage(world, interactionDraft(world, interaction, draftOf(form), flags)));
  },

  'GET /webhooks/:application/:token/messages/:message': (context, request) =>
    answer(context.world, addressed(context, request)),

  'PATCH /webhooks/:application/:token/messages/:message': (context, request) => {
    const message = addressed(context, request);
    const form = readForm(messageEdit, request.body);
    return answer(context.world, editMessage(context.world, message, changesOf(form)));
  },

  'DELETE /webhooks/:application/:token/messages/:message': (context, request) => {
    deleteMessage(context.world, addressed(context, request));
    return noContent;
  },
} satisfies RouteTable;

function usable({ world }: RestContext, { params }: RestRequest): InteractionRecord {
  return usableInteraction(world, params.application ?? '', params.token ?? '');
}

function addressed(context: RestContext, request: RestRequest): MessageRecord {
  const message = find(context.world, usable(context, request), request.params.message ?? '');
  if (!message) throw new ApiError('unknownMessage');
  return message;
}

/** Only the interaction's own messages, and the one whose button it comes from. */
function find(world: World, interaction: InteractionRecord, name: string): MessageRecord | undefined {
  const id = name === '@original' ? interaction.originalMessageId : name;
  const own = id !== undefined && (interaction.messageIds.has(id) || id === interaction.sourceMessageId);
  const message = own ? world.channel(interaction.channelId).messages.get(id) : undefined;
  return message?.deletedAt === undefined ? message : undefined;
}

function answer(world: World, message: MessageRecord): ReturnType<typeof ok> {
  return ok(messageJson(world, message, { allContent: true }));
}
