import { PermissionFlagsBits } from 'discord.js';
import { isOlder } from '../../snowflakes.ts';
import { messageJson } from '../../wire/message-json.ts';
import { deleteMessage, editMessage, postMessage } from '../../world/messages.ts';
import type { ChannelRecord, MessageRecord } from '../../world/records.ts';
import type { World } from '../../world/world.ts';
import { channelForBot, demand, demandSending, mayReadHistory } from '../access.ts';
import { ApiError } from '../api-error.ts';
import { readForm, refuseField } from '../form.ts';
import { type MessagePost, messageEdit, messagePost } from '../message-body.ts';
import { changesOf, draftOf } from '../message-draft.ts';
import { noContent, ok, type RestRequest, type RouteTable } from '../route.ts';

export const messageRoutes = {
  'POST /channels/:channel/messages': ({ world }, { params, body }) => {
    const channel = channelForBot(world, params.channel);
    const post = readForm(messagePost, body);
    demandSending(world, channel, (post.embeds ?? []).length > 0);
    const nonce = post.nonce ?? undefined;
    const twin =
      post.enforce_nonce && nonce !== undefined ? world.nonces.find(world.botId, nonce) : undefined;
    if (twin) return ok(asRead(world, twin, true));
    const replyTo = post.message_reference ? replied(world, channel, post.message_reference) : undefined;
    const message = postMessage(world, {
      ...draftOf(post),
      channel,
      authorId: world.botId,
      ...(nonce === undefined ? {} : { nonce }),
      ...(replyTo ? { replyTo } : {}),
    });
    if (nonce !== undefined) world.nonces.remember(message, nonce);
    return ok(asRead(world, message, true));
  },

  'GET /channels/:channel/messages': ({ world }, request) => {
    const channel = channelForBot(world, request.params.channel);
    const messages = mayReadHistory(world, channel) ? window(visible(channel), request.query) : [];
    return ok(messages.map((message) => asRead(world, message)));
  },

  'GET /channels/:channel/messages/:message': ({ world }, request) => {
    const { channel, message } = addressed(world, request);
    if (!mayReadHistory(world, channel)) throw new ApiError('missingAccess');
    return ok(asRead(world, message));
  },

  'PATCH /channels/:channel/messages/:message': ({ world }, request) => {
    const { channel, message } = addressed(world, request);
    const edit = readForm(messageEdit, request.body);
    if (message.authorId !== world.botId) throw new ApiError('notTheAuthor');
    if (channel.kind === 'thread' && channel.archived) throw new ApiError('archivedThread');
    return ok(asRead(world, editMessage(world, message, changesOf(edit))));
  },

  'DELETE /channels/:channel/messages/:message': ({ world }, request) => {
    const { channel, message } = addressed(world, request);
    if (message.authorId !== world.botId) {
      if (channel.kind === 'dm') throw new ApiError('cannotActOnDm');
      demand(world, channel, PermissionFlagsBits.ManageMessages);
    }
    deleteMessage(world, message);
    return noContent;
  },

  'POST /channels/:channel/typing': ({ world }, { params }) => {
    const channel = channelForBot(world, params.channel);
    demandSending(world, channel, false);
    world.emit({ type: 'typing', channel, userId: world.botId, at: world.clock.now() });
    return noContent;
  },
} satisfies RouteTable;

function addressed(
  world: World,
  { params }: RestRequest,
): { readonly channel: ChannelRecord; readonly message: MessageRecord } {
  const channel = channelForBot(world, params.channel);
  return { channel, message: world.message(channel, params.message ?? '') };
}

/** On REST the switch in the developer portal decides what content a bot reads. */
function asRead(world: World, message: MessageRecord, nonce = false): object {
  return messageJson(world, message, { allContent: world.application.privileged.messageContent, nonce });
}

function replied(
  world: World,
  channel: ChannelRecord,
  reference: NonNullable<MessagePost['message_reference']>,
): MessageRecord | undefined {
  if (!mayReadHistory(world, channel)) throw new ApiError('noHistoryToReplyTo');
  const message = channel.messages.get(reference.message_id);
  if (message && message.deletedAt === undefined && !message.ephemeralFor) return message;
  if (reference.fail_if_not_exists === false) return undefined;
  return refuseField(['message_reference'], 'MESSAGE_REFERENCE_UNKNOWN_MESSAGE', 'Unknown message');
}

function visible(channel: ChannelRecord): MessageRecord[] {
  return [...channel.messages.values()].filter((one) => one.deletedAt === undefined && !one.ephemeralFor);
}

/** The page that `before`, `after` or `around` asks for, newest first. */
function window(messages: readonly MessageRecord[], query: URLSearchParams): MessageRecord[] {
  const limit = Number(query.get('limit') ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    refuseField(['limit'], 'NUMBER_TYPE_MAX', 'int value should be between 1 and 100.');
  }
  const before = query.get('before');
  const after = query.get('after');
  const around = query.get('around');
  let page: MessageRecord[];
  if (around) {
    const older = messages.filter((one) => isOlder(one.id, around)).slice(-Math.floor(limit / 2));
    const rest = messages.filter((one) => !isOlder(one.id, around)).slice(0, limit - older.length);
    page = [...older, ...rest];
  } else if (after) {
    page = messages.filter((one) => isOlder(after, one.id)).slice(0, limit);
  } else {
    page = messages.filter((one) => !before || isOlder(one.id, before)).slice(-limit);
  }
  return page.reverse();
}
