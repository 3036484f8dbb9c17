import { richText } from '../text/typed-text.ts';
import type { MessageRecord, UserRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';
import { fileObject } from './file-object.ts';

/** The fields that a bot's messages carry beside those of everybody. */
export function botFields(world: World, author: UserRecord) {
  if (author.botId === undefined || author.appId === undefined) return {};
  return {
    bot_id: author.botId,
    app_id: author.appId,
    bot_profile: {
      id: author.botId,
      name: author.realName,
      app_id: author.appId,
      team_id: world.app.teamId,
      icons: {},
      updated: 0,
      deleted: false,
    },
  };
}

/** The blocks of a message: a person's composer always makes a rich text block. */
export function blocksOf(message: MessageRecord) {
  if (message.user.botId !== undefined || message.subtype === 'channel_join') return message.blocks;
  return message.text === '' ? [] : [richText(message.text, `b${message.ts.slice(-4)}`)];
}

/** A message as history, replies, and the insides of `message_changed` show it. */
export function wireMessage(world: World, message: MessageRecord): Record<string, unknown> {
  const replies = world.workspace.replies(message);
  const last = replies.at(-1);
  const blocks = blocksOf(message);
  const thread = message.threadTs ?? (last === undefined ? undefined : message.ts);
  const root =
    message.threadTs === undefined ? undefined : world.workspace.message(message.channel, message.threadTs);
  return {
    ...(message.subtype !== undefined && { subtype: message.subtype }),
    type: 'message',
    user: message.user.id,
    ...(message.subtype === 'bot_message' && { username: message.user.realName }),
    ...(message.inviter !== undefined && { inviter: message.inviter }),
    text: message.text,
    ts: message.ts,
    ...(message.clientMessageId !== undefined && { client_msg_id: message.clientMessageId }),
    team: world.app.teamId,
    ...botFields(world, message.user),
    ...(blocks.length > 0 && { blocks }),
    ...(message.files.length > 0 && {
      files: message.files.map((file) => fileObject(world, file)),
      upload: false,
      display_as_bot: false,
    }),
    ...(message.edited !== undefined && { edited: message.edited }),
    ...(message.stream !== undefined && { streaming_state: message.stream.state }),
    ...(message.metadata !== undefined && { metadata: message.metadata }),
    ...(thread !== undefined && { thread_ts: thread }),
    ...(root !== undefined && root !== message && { parent_user_id: root.user.id }),
    ...(last !== undefined && {
      reply_count: replies.length,
      reply_users_count: new Set(replies.map((reply) => reply.user.id)).size,
      latest_reply: last.ts,
      reply_users: [...new Set(replies.map((reply) => reply.user.id))],
      is_locked: false,
      subscribed: false,
    }),
  };
}
