import { MessageFlags, MessageType } from 'discord.js';
import { ApiError } from '../rest/api-error.ts';
import { current, postMessage } from './messages.ts';
import type { MessageRecord, TextChannelRecord, ThreadRecord } from './records.ts';
import type { World } from './world.ts';

export interface NewThread {
  readonly parent: TextChannelRecord;
  readonly ownerId: string;
  readonly name: string;
  readonly private?: boolean;
  readonly autoArchiveMinutes?: ThreadRecord['autoArchiveMinutes'];
  /** The message that the thread hangs on; the thread gets its id. */
  readonly from?: MessageRecord;
}

/**
 * Opens a thread. One that hangs on a message begins with an empty starter message that refers to it; one that hangs
 * on nothing is announced in its channel.
 * @throws ApiError 160004 when the message has a thread already.
 */
export function openThread(world: World, { parent, ownerId, name, from, ...rest }: NewThread): ThreadRecord {
  if (from?.threadId) throw new ApiError('threadExists');
  const thread: ThreadRecord = {
    kind: 'thread',
    id: from?.id ?? world.ids.next(),
    guildId: parent.guildId,
    parentId: parent.id,
    name,
    ownerId,
    private: rest.private ?? false,
    archived: false,
    locked: false,
    autoArchiveMinutes: rest.autoArchiveMinutes ?? 4320,
    members: new Map([[ownerId, world.clock.now()]]),
    createdAt: world.clock.now(),
    messages: new Map(),
  };
  world.channels.set(thread.id, thread);
  world.emit({ type: 'thread-created', thread });
  if (from) {
    from.threadId = thread.id;
    from.flags |= MessageFlags.HasThread;
    world.emit({ type: 'message-edited', message: from });
    postMessage(world, {
      channel: thread,
      authorId: from.authorId,
      type: MessageType.ThreadStarterMessage,
      reference: { channelId: parent.id, messageId: from.id },
    });
  } else if (!thread.private) {
    postMessage(world, {
      channel: parent,
      authorId: ownerId,
      type: MessageType.ThreadCreated,
      content: name,
      reference: { channelId: thread.id },
    });
  }
  return thread;
}

/** Messages that people wrote, which is what Discord counts. */
export function messageCount(thread: ThreadRecord): number {
  return [...thread.messages.values()].filter(
    (message) => message.deletedAt === undefined && current(message).content !== '',
  ).length;
}
