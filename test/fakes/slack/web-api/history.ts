import { wireMessage } from '../payloads/wire-message.ts';
import type { MessageRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';
import { SlackApiError } from './api-error.ts';
import type { Arguments } from './arguments.ts';
import { type Methods, memberChannelOf } from './method.ts';
import { TIER_3 } from './rate-limits.ts';

const PAGE_LIMIT = 999;
const DEFAULT_HISTORY_PAGE = 100;
const DEFAULT_REPLIES_PAGE = PAGE_LIMIT;

/** Any of these reads a conversation; which one a token needs depends on the conversation's kind. */
const SCOPES = ['channels:history', 'groups:history', 'im:history', 'mpim:history'];
const SCOPE_OF = { channel: 'channels:history', group: 'groups:history', im: 'im:history' } as const;

export const historyMethods: Methods = {
  'conversations.history': {
    scopes: SCOPES,
    token: 'bot',
    limit: TIER_3,
    formOnly: true,
    run: (world, args) => {
      const channel = readableChannelOf(world, args);
      const shown = channel.messages.filter(
        (message) => isPublic(message) && (message.threadTs === undefined || message.threadTs === message.ts),
      );
      const newestFirst = shown.filter(withinTimes(args)).reverse();
      const page = pageOf(newestFirst, args, DEFAULT_HISTORY_PAGE);
      return {
        ...answer(world, page),
        pin_count: 0,
        ...(args.text('latest') && { latest: args.required('latest') }),
      };
    },
  },
  'conversations.replies': {
    scopes: SCOPES,
    token: 'bot',
    limit: TIER_3,
    formOnly: true,
    run: (world, args) => {
      const channel = readableChannelOf(world, args);
      const asked = world.workspace.message(channel, args.required('ts'));
      const root = asked?.threadTs === undefined ? asked : world.workspace.message(channel, asked.threadTs);
      if (root === undefined || !isPublic(root)) throw new SlackApiError('thread_not_found');
      // The root heads the first page whatever times were asked for.
      const replies = world.workspace.replies(root).filter(withinTimes(args));
      return answer(world, pageOf([root, ...replies], args, DEFAULT_REPLIES_PAGE));
    },
  },
};

function readableChannelOf(world: World, args: Arguments) {
  const channel = memberChannelOf(world, args);
  const needed = SCOPE_OF[channel.kind];
  if (world.app.scopes.includes(needed)) return channel;
  throw new SlackApiError('missing_scope', { needed, provided: world.app.scopes.join(',') });
}

function isPublic(message: MessageRecord): boolean {
  return !message.deleted && message.ephemeralFor === undefined;
}

function withinTimes(args: Arguments): (message: MessageRecord) => boolean {
  const oldest = args.text('oldest');
  const latest = args.text('latest');
  const inclusive = args.flag('inclusive') ?? false;
  return ({ ts }) => {
    if (inclusive && (ts === oldest || ts === latest)) return true;
    const afterOldest = oldest === undefined || compareTs(ts, oldest) > 0;
    return afterOldest && (latest === undefined || compareTs(ts, latest) < 0);
  };
}

/** Both may be given with fewer decimals, or none. */
function compareTs(one: string, other: string): number {
  const micros = (ts: string) => {
    const [seconds = '0', fraction = ''] = ts.split('.');
    return Number(seconds) * 1e6 + Number(fraction.padEnd(6, '0').slice(0, 6));
  };
  return micros(one) - micros(other);
}

interface Page {
  readonly messages: readonly MessageRecord[];
  readonly next: string | undefined;
}

/** A cursor names the message that the next page begins with. */
function pageOf(messages: readonly MessageRecord[], args: Arguments, defaultLimit: number): Page {
  const limit = args.integer('limit') ?? defaultLimit;
  if (limit < 1 || limit > PAGE_LIMIT) throw new SlackApiError('invalid_limit');
  const cursor = args.text('cursor');
  let start = 0;
  if (cursor !== undefined && cursor !== '') {
    const [, ts] = /^next_ts:([\d.]+)$/.exec(Buffer.from(cursor, 'base64').toString('utf8')) ?? [];
    if (ts === undefined) throw new SlackApiError('invalid_cursor');
    start = messages.findIndex((message) => message.ts === ts);
    if (start < 0) throw new SlackApiError('invalid_cursor');
  }
  const next = messages[start + limit];
  return {
    messages: messages.slice(start, start + limit),
    next: next && Buffer.from(`next_ts:${next.ts}`).toString('base64'),
  };
}

function answer(world: World, page: Page) {
  return {
    messages: page.messages.map((message) => wireMessage(world, message)),
    has_more: page.next !== undefined,
    ...(page.next !== undefined && { response_metadata: { next_cursor: page.next } }),
  };
}
