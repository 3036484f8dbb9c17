import { wireMessage } from '../payloads/wire-message.ts';
import type { ChannelRecord, MessageRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';
import { SlackApiError } from './api-error.ts';
import type { Arguments } from './arguments.ts';
import { messageContent } from './message-content.ts';
import { channelOf, type Methods, memberChannelOf, messageOf, userOf } from './method.ts';
import { MESSAGE_PER_SECOND, TIER_3, TIER_4 } from './rate-limits.ts';
import { TEXT_LIMIT, UPDATE_TEXT_LIMIT } from './text-limits.ts';
import { threadOf } from './thread.ts';

export const chatMethods: Methods = {
  'chat.postMessage': {
    scopes: ['chat:write'],
    token: 'bot',
    limit: MESSAGE_PER_SECOND,
    run: (world, args) => {
      const channel = writableChannelOf(world, args);
      const { text, blocks } = messageContent(args);
      const threadTs = threadOf(world, channel, args);
      const metadata = args.object('metadata', 'invalid_metadata_format');
      const message = world.messaging.post({
        channel,
        user: world.app.botUser,
        text: (text ?? '').slice(0, TEXT_LIMIT),
        blocks: blocks ?? [],
        unfurlLinks: args.flag('unfurl_links') ?? false,
        unfurlMedia: args.flag('unfurl_media') ?? true,
        namesLinked: args.flag('link_names') === true || args.text('parse') === 'full',
        ...(threadTs !== undefined && { threadTs }),
        ...(metadata !== undefined && { metadata }),
      });
      if (threadTs !== undefined) world.sessions.answered(channel, threadTs);
      return shown(world, message);
    },
  },
  'chat.update': {
    scopes: ['chat:write'],
    token: 'bot',
    limit: TIER_3,
    run: (world, args) => {
      const channel = channelOf(world, args);
      const { text, blocks } = messageContent(args);
      const message = ownMessageOf(world, channel, args, 'cant_update_message');
      if (message.stream?.state === 'in_progress') throw new SlackApiError('streaming_state_conflict');
      if ((text ?? '').length > UPDATE_TEXT_LIMIT) throw new SlackApiError('msg_too_long');
      world.messaging.change(message, {
        how: 'updated',
        ...(text !== undefined && { text }),
        ...(blocks !== undefined && { blocks }),
        // Slack marks only messages without blocks as edited.
        ...(blocks === undefined && { editedBy: world.app.botUser.id }),
      });
      return { ...shown(world, message), text: message.text };
    },
  },
  'chat.delete': {
    scopes: ['chat:write'],
    token: 'bot',
    limit: TIER_3,
    run: (world, args) => {
      const channel = channelOf(world, args);
      const message = ownMessageOf(world, channel, args, 'cant_delete_message');
      if (message.stream?.state === 'in_progress') throw new SlackApiError('cant_delete_message');
      world.messaging.remove(message);
      return { channel: channel.id, ts: message.ts };
    },
  },
  'chat.postEphemeral': {
    scopes: ['chat:write'],
    token: 'bot',
    limit: TIER_4,
    run: (world, args) => {
      const channel = writableChannelOf(world, args);
      const user = userOf(world, args.required('user'));
      if (!channel.members.has(user.id)) throw new SlackApiError('user_not_in_channel');
      const { text, blocks } = messageContent(args);
      const threadTs = threadOf(world, channel, args);
      const message = world.messaging.post({
        channel,
        user: world.app.botUser,
        text: (text ?? '').slice(0, TEXT_LIMIT),
        blocks: blocks ?? [],
        ephemeralFor: user.id,
        ...(threadTs !== undefined && { threadTs }),
      });
      return { message_ts: message.ts };
    },
  },
  'chat.getPermalink': {
    scopes: [],
    token: 'bot',
    limit: TIER_4,
    formOnly: true,
    run: (world, args) => {
      const channel = channelOf(world, args);
      const message = messageOf(world, channel, args.required('message_ts'));
      return { channel: channel.id, permalink: world.workspace.permalink(message) };
    },
  },
};

/** `@user` ids are understood as their direct messages, as Slack does. */
export function writableChannelOf(world: World, args: Arguments): ChannelRecord {
  const target = args.required('channel');
  const direct = world.workspace.users.has(target);
  const channel = direct ? world.workspace.directMessages(target) : memberChannelOf(world, args);
  if (channel.archived) throw new SlackApiError('is_archived');
  return channel;
}

/** A message that the bot may change: its own, and not an ephemeral one. */
function ownMessageOf(world: World, channel: ChannelRecord, args: Arguments, refusal: string): MessageRecord {
  const message = messageOf(world, channel, args.required('ts'));
  const own = message.user === world.app.botUser && message.ephemeralFor === undefined;
  if (!own) throw new SlackApiError(refusal);
  return message;
}

function shown(world: World, message: MessageRecord) {
  return {
    channel: message.channel.id,
    ts: message.ts,
    message: wireMessage(world, message),
  };
}
