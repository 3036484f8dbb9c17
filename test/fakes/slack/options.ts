import type { RateLimit } from './web-api/rate-limits.ts';

/**
 * Where the workspace has native streaming: `everywhere`, only in `direct-messages` (elsewhere
 * `channel_type_not_supported`), or `nowhere` (`unknown_method`).
 */
export type StreamSupport = 'everywhere' | 'direct-messages' | 'nowhere';

export interface FakeSlackOptions {
  /** How events reach the bot. */
  readonly mode: 'socket' | 'http';
  /** For ids and for the choice among several connections. */
  readonly seed: number;
  /** The bot token's scopes. */
  readonly scopes: readonly string[];
  /** The event subscriptions, in the manifest's names (`message.im`). */
  readonly botEvents: readonly string[];
  /** The app has the agent view (`features.agent_view`). */
  readonly agent: boolean;
  readonly streams: {
    readonly support: StreamSupport;
    /** From `chat.startStream` on, appended to or not. */
    readonly lifetimeMs: number;
    /** In all appends of one stream together. */
    readonly maxCharacters: number;
  };
  readonly delivery: {
    readonly ackTimeoutMs: number;
    /** Waits before the first, second, … retry of an event that was not acknowledged. */
    readonly retryDelaysMs: readonly number[];
    /**
     * Whether Slack redelivers an event that came up while nobody was connected; asked once an event, with its
     * number among such events, from 0. Those it says no to are lost.
     */
    readonly keepsWhileOffline: (nth: number) => boolean;
  };
  readonly responseUrls: { readonly uses: number; readonly lifetimeMs: number };
  readonly socket: {
    readonly pingIntervalMs: number;
    /** From a `disconnect` message to the end of the connection, unless the bot closes it first. */
    readonly closeAfterMs: number;
  };
  /** Overrides by method; `off` lifts all limits. */
  readonly rateLimits: Readonly<Record<string, RateLimit>> | 'off';
}

type Group = 'streams' | 'delivery' | 'responseUrls' | 'socket';

/** What a test gives: anything of the above, the groups in part. */
export type FakeSlackSettings = Partial<Omit<FakeSlackOptions, Group>> & {
  readonly [Name in Group]?: Partial<FakeSlackOptions[Name]>;
};

export const defaultScopes = [
  'app_mentions:read',
  'assistant:write',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'files:read',
  'groups:history',
  'groups:read',
  'im:history',
  'im:read',
  'im:write',
  'team:read',
  'users:read',
] as const;

export const defaultBotEvents = [
  'agent_session_stopped',
  'app_home_opened',
  'app_mention',
  'assistant_thread_context_changed',
  'assistant_thread_started',
  'file_shared',
  'member_joined_channel',
  'message.channels',
  'message.groups',
  'message.im',
] as const;

export function completeOptions(given: FakeSlackSettings): FakeSlackOptions {
  return {
    mode: given.mode ?? 'socket',
    seed: given.seed ?? 1,
    scopes: given.scopes ?? defaultScopes,
    botEvents: given.botEvents ?? defaultBotEvents,
    agent: given.agent ?? true,
    // Five minutes and 12,000 characters are what developers report; Slack documents neither.
    streams: { support: 'everywhere', lifetimeMs: 300_000, maxCharacters: 12_000, ...given.streams },
    delivery: {
      ackTimeoutMs: 3_000,
      retryDelaysMs: [0, 60_000, 300_000],
      keepsWhileOffline: () => true,
      ...given.delivery,
    },
    responseUrls: { uses: 5, lifetimeMs: 30 * 60_000, ...given.responseUrls },
    socket: { pingIntervalMs: 10_000, closeAfterMs: 10_000, ...given.socket },
    rateLimits: given.rateLimits ?? {},
  };
}
