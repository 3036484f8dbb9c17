import type { ChannelRecord, MessageRecord, UserRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';
import { SlackApiError } from './api-error.ts';
import type { Arguments } from './arguments.ts';
import type { RateLimit } from './rate-limits.ts';

export interface Method {
  /** Any one of these opens it; none means that every token does. */
  readonly scopes: readonly string[];
  readonly token: 'bot' | 'app';
  readonly limit: RateLimit;
  /** Slack reads the arguments of its reading methods from forms only, never from JSON. */
  readonly formOnly?: boolean;
  /** @throws SlackApiError */
  readonly run: (world: World, args: Arguments) => object;
}

export type Methods = Readonly<Record<string, Method>>;

/** The channel of a call: public ones everybody may name, others only members. */
export function channelOf(world: World, args: Arguments, name = 'channel'): ChannelRecord {
  const channel = world.workspace.channels.get(args.required(name));
  if (channel === undefined || (channel.kind !== 'channel' && !world.workspace.botIsIn(channel))) {
    throw new SlackApiError('channel_not_found');
  }
  return channel;
}

/** The channel of a call that only members may make. */
export function memberChannelOf(world: World, args: Arguments, name = 'channel'): ChannelRecord {
  const channel = channelOf(world, args, name);
  if (!world.workspace.botIsIn(channel)) throw new SlackApiError('not_in_channel');
  return channel;
}

export function userOf(world: World, id: string): UserRecord {
  const user = world.workspace.users.get(id);
  if (user === undefined) throw new SlackApiError('user_not_found');
  return user;
}

/** A visible message that everybody in the channel sees. */
export function messageOf(world: World, channel: ChannelRecord, ts: string): MessageRecord {
  const message = world.workspace.message(channel, ts);
  if (message === undefined) throw new SlackApiError('message_not_found');
  return message;
}
