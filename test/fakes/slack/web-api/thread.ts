import type { ChannelRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';
import { invalidArguments, SlackApiError } from './api-error.ts';
import type { Arguments } from './arguments.ts';

/** The thread that a message is to join; undefined when the call names none. */
export function threadOf(world: World, channel: ChannelRecord, args: Arguments): string | undefined {
  const threadTs = args.text('thread_ts');
  if (threadTs === undefined || threadTs === '') return undefined;
  if (!/^\d+\.\d{6}$/.test(threadTs)) throw new SlackApiError('invalid_thread_ts');
  const root = world.workspace.message(channel, threadTs);
  if (root === undefined) throw new SlackApiError('thread_not_found');
  if (root.threadTs !== undefined && root.threadTs !== root.ts) {
    throw new SlackApiError('cannot_reply_to_message');
  }
  return threadTs;
}

export function requiredThreadOf(world: World, channel: ChannelRecord, args: Arguments): string {
  const threadTs = threadOf(world, channel, args);
  if (threadTs === undefined) throw invalidArguments('missing required field: thread_ts');
  return threadTs;
}
