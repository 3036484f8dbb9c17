import { ChannelType, PermissionFlagsBits } from 'discord.js';
import * as z from 'zod';
import { channelJson, threadJson } from '../../wire/channel-json.ts';
import { timestamp } from '../../wire/timestamp.ts';
import { openDm } from '../../world/direct-messages.ts';
import type { TextChannelRecord, ThreadRecord } from '../../world/records.ts';
import { joinThread } from '../../world/thread-membership.ts';
import { openThread } from '../../world/threads.ts';
import type { World } from '../../world/world.ts';
import { channelForBot, demand } from '../access.ts';
import { ApiError } from '../api-error.ts';
import { readForm } from '../form.ts';
import { noContent, ok, type RouteTable } from '../route.ts';

const autoArchive = z.literal([60, 1440, 4320, 10080]).optional();
const threadBody = z.object({
  name: z.string().min(1).max(100),
  auto_archive_duration: autoArchive,
  type: z.literal([ChannelType.PublicThread, ChannelType.PrivateThread]).optional(),
});
const threadChanges = z.object({
  name: z.string().min(1).max(100).optional(),
  archived: z.boolean().optional(),
  locked: z.boolean().optional(),
  auto_archive_duration: autoArchive,
});

/** Channels, threads and direct messages. Other channels than threads cannot be changed here. */
export const channelRoutes = {
  'GET /channels/:channel': ({ world }, { params }) =>
    ok(channelJson(world, channelForBot(world, params.channel))),

  'PATCH /channels/:channel': ({ world }, { params, body }) => {
    const thread = threadForBot(world, params.channel);
    const changes = readForm(threadChanges, body);
    const parent = parentOf(world, thread);
    if (thread.ownerId !== world.botId || changes.locked !== undefined) {
      demand(world, parent, PermissionFlagsBits.ManageThreads);
    }
    thread.name = changes.name ?? thread.name;
    thread.archived = changes.archived ?? thread.archived;
    thread.locked = changes.locked ?? thread.locked;
    thread.autoArchiveMinutes = changes.auto_archive_duration ?? thread.autoArchiveMinutes;
    world.emit({ type: 'thread-updated', thread });
    return ok(threadJson(world, thread));
  },

  'POST /channels/:channel/messages/:message/threads': ({ world }, { params, body }) => {
    const parent = textChannelForBot(world, params.channel);
    const from = world.message(parent, params.message ?? '');
    demand(world, parent, PermissionFlagsBits.CreatePublicThreads);
    const { name, auto_archive_duration } = readForm(threadBody, body);
    const thread = openThread(world, {
      parent,
      from,
      name,
      ownerId: world.botId,
      ...(auto_archive_duration ? { autoArchiveMinutes: auto_archive_duration } : {}),
    });
    return { status: 201, body: threadJson(world, thread) };
  },

  'POST /channels/:channel/threads': ({ world }, { params, body }) => {
    const parent = textChannelForBot(world, params.channel);
    const { name, auto_archive_duration, type } = readForm(threadBody, body);
    // Discord's own default is the private kind.
    const isPrivate = type !== ChannelType.PublicThread;
    demand(
      world,
      parent,
      isPrivate ? PermissionFlagsBits.CreatePrivateThreads : PermissionFlagsBits.CreatePublicThreads,
    );
    const thread = openThread(world, {
      parent,
      name,
      private: isPrivate,
      ownerId: world.botId,
      ...(auto_archive_duration ? { autoArchiveMinutes: auto_archive_duration } : {}),
    });
    return { status: 201, body: threadJson(world, thread) };
  },

  'GET /channels/:channel/thread-members': ({ world }, { params }) => {
    const thread = threadForBot(world, params.channel);
    return ok([...thread.members.keys()].map((id) => threadMember(thread, id)));
  },

  'GET /channels/:channel/thread-members/:user': ({ world }, { params }) => {
    const thread = threadForBot(world, params.channel);
    return ok(threadMember(thread, params.user ?? ''));
  },

  'PUT /channels/:channel/thread-members/@me': ({ world }, { params }) => {
    joinThread(world, threadForBot(world, params.channel), world.botId);
    return noContent;
  },

  'PUT /channels/:channel/thread-members/:user': ({ world }, { params }) => {
    const thread = threadForBot(world, params.channel);
    world.member(world.guild(thread.guildId), params.user ?? '');
    joinThread(world, thread, params.user ?? '');
    return noContent;
  },

  'DELETE /channels/:channel/thread-members/@me': ({ world }, { params }) => {
    threadForBot(world, params.channel).members.delete(world.botId);
    return noContent;
  },

  'POST /users/@me/channels': ({ world }, { body }) => {
    const { recipient_id } = readForm(z.object({ recipient_id: z.string() }), body);
    return ok(channelJson(world, openDm(world, world.user(recipient_id).id)));
  },
} satisfies RouteTable;

function textChannelForBot(world: World, id: string | undefined): TextChannelRecord {
  const channel = channelForBot(world, id);
  if (channel.kind !== 'text') throw new ApiError('unknownChannel');
  return channel;
}

function threadForBot(world: World, id: string | undefined): ThreadRecord {
  const channel = channelForBot(world, id);
  if (channel.kind !== 'thread') throw new ApiError('unknownChannel');
  return channel;
}

function parentOf(world: World, thread: ThreadRecord): TextChannelRecord {
  return textChannelForBot(world, thread.parentId);
}

function threadMember(thread: ThreadRecord, userId: string): object {
  const joinedAt = thread.members.get(userId);
  if (joinedAt === undefined) throw new ApiError('unknownMember');
  return { id: thread.id, user_id: userId, join_timestamp: timestamp(joinedAt), flags: 0 };
}
