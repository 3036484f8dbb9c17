import {
  Client,
  DefaultRestOptions,
  GatewayIntentBits,
  type GuildMember,
  Options,
  Partials,
  type RateLimitData,
  type User,
} from 'discord.js';
import { limitDirectChannels } from './direct-channels.ts';
import { oneTry } from './one-try.ts';

export interface ClientSettings {
  /** Without the version. */
  readonly apiUrl: string;
  /** Asks for the text of messages that do not mention the bot. */
  readonly messageContent: boolean;
  /** Told of every answer 429. */
  readonly onRateLimited?: (() => void) | undefined;
}

/** An answer that takes longer than this is not waited for: an edit would be stale by then. */
const TIMEOUT_MS = 10_000;

/** Discord takes 50 in all; its seconds do not begin when ours do, so that half of them fit into any. */
const CALLS_A_SECOND = 25;

/** A second, and what discord.js adds to be safe. */
const LONGEST_WAIT_MS = 1_100;

/** Of each channel: enough to have the message that was replied to at hand when the reply arrives. */
const MESSAGES_KEPT = 20;
/** In seconds. Older ones are read from Discord when somebody asks about them. */
const MESSAGES_SWEPT = { interval: 600, lifetime: 3_600 };
/** Of each server, for names and roles; whoever speaks comes with the message and is always known. */
const MEMBERS_KEPT = 500;
const USERS_KEPT = 5_000;

/** A client that hears what the bot needs, and whose memory stays flat. */
export function createClient({ apiUrl, messageContent, onRateLimited }: ClientSettings): Client {
  const self = (one: User | GuildMember) => one.id === one.client.user.id;
  const client = new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.DirectMessages,
      ...(messageContent ? [GatewayIntentBits.MessageContent] : []),
    ],
    // Direct messages arrive in channels that the client has never heard of.
    partials: [Partials.Channel],
    // Guilds, channels, roles and overwrites must stay whole: permissions are computed from them.
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: MESSAGES_KEPT,
      GuildMemberManager: { maxSize: MEMBERS_KEPT, keepOverLimit: self },
      UserManager: { maxSize: USERS_KEPT, keepOverLimit: self },
      DMMessageManager: MESSAGES_KEPT,
      AutoModerationRuleManager: 0,
      GuildBanManager: 0,
      GuildEmojiManager: 0,
      GuildInviteManager: 0,
      GuildScheduledEventManager: 0,
      GuildStickerManager: 0,
      PresenceManager: 0,
      ReactionManager: 0,
      ReactionUserManager: 0,
      StageInstanceManager: 0,
      VoiceStateManager: 0,
    }),
    sweepers: { ...Options.DefaultSweeperSettings, messages: MESSAGES_SWEPT },
    allowedMentions: { parse: [], repliedUser: false },
    rest: {
      api: apiUrl.replace(/\/+$/u, ''),
      timeout: TIMEOUT_MS,
      globalRequestsPerSecond: CALLS_A_SECOND,
      rejectOnRateLimit: showsReplies,
      // The client's own event for answers would copy each of them, and for limits tells of waits that no answer asked for.
      makeRequest: oneTry(async (url, init) => {
        const answer = await DefaultRestOptions.makeRequest(url, init);
        if (answer.status === 429) onRateLimited?.();
        return answer;
      }),
    },
  });
  limitDirectChannels(client);
  return client;
}

/**
 * Delivery keeps the pace and has newer text by the time a limit is over: nothing of a reply may wait in a queue, but for
 * the rest of a second in which everybody has to.
 */
function showsReplies({ method, route, global, retryAfter }: RateLimitData): boolean {
  if (method === 'GET' || !/^\/(?:channels|webhooks)\//u.test(route)) return false;
  return !(global && retryAfter <= LONGEST_WAIT_MS);
}
