import { wireMessage } from '../payloads/wire-message.ts';
import { SESSION_STATUSES, type SessionStatus } from '../workspace/agent-sessions.ts';
import type { ChannelRecord, MessageRecord } from '../workspace/records.ts';
import { type StreamContent, streamContent } from '../workspace/stream-content.ts';
import type { World } from '../workspace/world.ts';
import { invalidArguments, SlackApiError } from './api-error.ts';
import type { Arguments } from './arguments.ts';
import { writableChannelOf } from './chat.ts';
import { blocksOf } from './message-content.ts';
import { type Methods, memberChannelOf, messageOf } from './method.ts';
import { TIER_2, TIER_4 } from './rate-limits.ts';
import { MARKDOWN_TEXT_LIMIT } from './text-limits.ts';
import { requiredThreadOf } from './thread.ts';

export const chatStreamMethods: Methods = {
  'chat.startStream': {
    scopes: ['chat:write'],
    token: 'bot',
    limit: TIER_2,
    run: (world, args) => {
      supported(world);
      const channel = writableChannelOf(world, args);
      const content = contentOf(args);
      const threadTs = requiredThreadOf(world, channel, args);
      checkRecipient(world, channel, args);
      const display = args.text('task_display_mode') ?? 'timeline';
      if (display !== 'timeline' && display !== 'plan') {
        throw invalidArguments('must be a valid enum value [json-pointer:/task_display_mode]');
      }
      if (content.text.length > world.options.streams.maxCharacters) throw new SlackApiError('msg_too_long');
      const message = world.messaging.post({ channel, user: world.app.botUser, text: '', threadTs });
      world.streams.begin(message, content);
      world.sessions.answered(channel, threadTs);
      return { channel: channel.id, ts: message.ts };
    },
  },
  'chat.appendStream': {
    scopes: ['chat:write'],
    token: 'bot',
    limit: TIER_4,
    run: (world, args) => {
      supported(world);
      const message = streamOf(world, args);
      const content = contentOf(args);
      if (content.mode === undefined) throw invalidArguments('missing required field: markdown_text');
      refuse(world.streams.append(message, content));
      return { channel: message.channel.id, ts: message.ts };
    },
  },
  'chat.stopStream': {
    scopes: ['chat:write'],
    token: 'bot',
    limit: TIER_2,
    run: (world, args) => {
      supported(world);
      const message = streamOf(world, args);
      const blocks = blocksOf(args) ?? [];
      const status = args.text('session_status');
      if (status !== undefined && !isSessionStatus(status)) {
        throw invalidArguments('must be a valid enum value [json-pointer:/session_status]');
      }
      refuse(world.streams.stop(message, contentOf(args), blocks));
      if (status !== undefined && message.threadTs !== undefined) {
        world.sessions.setStatus(message.channel, message.threadTs, status);
      }
      return {
        channel: message.channel.id,
        ts: message.ts,
        message: wireMessage(world, message),
      };
    },
  },
};

function supported(world: World): void {
  if (world.options.streams.support === 'nowhere') throw new SlackApiError('unknown_method');
}

/** Outside direct messages a stream names the one person it is for. */
function checkRecipient(world: World, channel: ChannelRecord, args: Arguments): void {
  if (channel.kind === 'im') return;
  if (world.options.streams.support === 'direct-messages')
    throw new SlackApiError('channel_type_not_supported');
  if (args.text('recipient_team_id') === undefined) throw new SlackApiError('missing_recipient_team_id');
  const user = args.text('recipient_user_id');
  if (user === undefined) throw new SlackApiError('missing_recipient_user_id');
  if (!world.workspace.users.has(user)) throw new SlackApiError('user_not_found');
}

function contentOf(args: Arguments): StreamContent {
  const markdownText = args.text('markdown_text');
  if ((markdownText?.length ?? 0) > MARKDOWN_TEXT_LIMIT) throw new SlackApiError('msg_too_long');
  const content = streamContent(markdownText, args.list('chunks', 'invalid_chunks') ?? []);
  if (content === undefined) throw new SlackApiError('invalid_chunks');
  return content;
}

function streamOf(world: World, args: Arguments): MessageRecord {
  const message = messageOf(world, memberChannelOf(world, args), args.required('ts'));
  if (message.user !== world.app.botUser) throw new SlackApiError('message_not_owned_by_app');
  return message;
}

function refuse(refusal: string | undefined): void {
  if (refusal !== undefined) throw new SlackApiError(refusal);
}

function isSessionStatus(value: string): value is SessionStatus {
  return (SESSION_STATUSES as readonly string[]).includes(value);
}
