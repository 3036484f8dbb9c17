import type { types } from '@slack/bolt';
import type { ChannelRecord, MessageRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';
import { wireMessage } from './wire-message.ts';

/** A new message: a person's, a bot's, one with files, or the note that somebody joined. */
export function messageEvent(world: World, message: MessageRecord): { type: string } {
  const event = {
    ...withoutCounts(wireMessage(world, message)),
    type: 'message',
    channel: message.channel.id,
    event_ts: message.ts,
    channel_type: message.channel.kind,
  };
  return event;
}

/** The same message once more, for an app that it mentions. */
export function mentionEvent(world: World, message: MessageRecord): types.AppMentionEvent {
  const { subtype, ...rest } = withoutCounts(wireMessage(world, message));
  return {
    ...rest,
    ...(subtype === 'bot_message' && { subtype }),
    type: 'app_mention',
    user: message.user.id,
    text: message.text,
    ts: message.ts,
    channel: message.channel.id,
    event_ts: message.ts,
  };
}

export function messageChangedEvent(
  world: World,
  message: MessageRecord,
  previous: object,
): Omit<types.MessageChangedEvent, 'message' | 'previous_message'> & {
  message: object;
  previous_message: object;
} {
  const ts = world.ids.ts();
  return {
    type: 'message',
    subtype: 'message_changed',
    message: wireMessage(world, message),
    previous_message: previous,
    channel: message.channel.id,
    hidden: true,
    ts,
    event_ts: ts,
    channel_type: message.channel.kind,
  };
}

export function messageDeletedEvent(
  world: World,
  message: MessageRecord,
  previous: object,
): Omit<types.MessageDeletedEvent, 'previous_message'> & { previous_message: object } {
  const ts = world.ids.ts();
  return {
    type: 'message',
    subtype: 'message_deleted',
    previous_message: previous,
    channel: message.channel.id,
    hidden: true,
    deleted_ts: message.ts,
    ts,
    event_ts: ts,
    channel_type: message.channel.kind,
  };
}

export function memberJoinedEvent(
  world: World,
  user: string,
  channel: ChannelRecord,
): types.MemberJoinedChannelEvent {
  return {
    type: 'member_joined_channel',
    user,
    channel: channel.id,
    channel_type: channel.kind === 'channel' ? 'C' : 'G',
    team: world.app.teamId,
    event_ts: world.ids.ts(),
  };
}

export function fileSharedEvent(
  world: World,
  file: string,
  user: string,
  channel: string,
): types.FileSharedEvent {
  return {
    type: 'file_shared',
    file_id: file,
    user_id: user,
    file: { id: file },
    channel_id: channel,
    event_ts: world.ids.ts(),
  };
}

/** Events show a message as it was posted: without the thread's counts, which history adds. */
function withoutCounts(message: Record<string, unknown>): Record<string, unknown> {
  const {
    reply_count: _count,
    reply_users_count: _usersCount,
    reply_users: _users,
    latest_reply: _latest,
    is_locked: _locked,
    subscribed: _subscribed,
    ...rest
  } = message;
  return rest;
}
