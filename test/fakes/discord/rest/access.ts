import { PermissionFlagsBits } from 'discord.js';
import type { ChannelRecord } from '../world/records.ts';
import type { World } from '../world/world.ts';
import { ApiError } from './api-error.ts';

/**
 * A channel that the bot can see.
 * @throws ApiError 10003 for none, 50001 for one that it cannot see
 */
export function channelForBot(world: World, id: string | undefined): ChannelRecord {
  const channel = world.channel(id ?? '');
  if (!world.canSee(channel, world.botId)) throw new ApiError('missingAccess');
  return channel;
}

/** @throws ApiError 50013 */
export function demand(world: World, channel: ChannelRecord, permission: bigint): void {
  if (!world.may(permission, channel, world.botId)) throw new ApiError('missingPermissions');
}

/**
 * What it takes to write here.
 * @throws ApiError 50013, 50007 for people who closed their direct messages, 160005 for locked threads
 */
export function demandSending(world: World, channel: ChannelRecord, embeds: boolean): void {
  demand(world, channel, PermissionFlagsBits.SendMessages);
  if (embeds) demand(world, channel, PermissionFlagsBits.EmbedLinks);
  if (channel.kind === 'dm' && !world.user(channel.recipientId).acceptsDms) throw new ApiError('closedDms');
  if (channel.kind === 'thread' && channel.locked) throw new ApiError('lockedThread');
}

export function mayReadHistory(world: World, channel: ChannelRecord): boolean {
  return world.may(PermissionFlagsBits.ReadMessageHistory, channel, world.botId);
}
