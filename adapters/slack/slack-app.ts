import { App, HTTPReceiver, SocketModeReceiver, webApi } from '@slack/bolt';
import type { Logger } from '../../config/logger.ts';
import { SlackError, startError } from './slack-error.ts';
import { slackLog } from './slack-log.ts';
import { SocketLink } from './socket-link.ts';

/** How Slack's events reach the bot. */
export type Transport =
  | { readonly kind: 'socket'; readonly appToken: string }
  | { readonly kind: 'http'; readonly signingSecret: string; readonly port: number };

export interface SlackAppOptions {
  readonly botToken: string;
  readonly apiUrl: string;
  readonly transport: Transport;
  readonly logger: Logger;
  /** Told of every answer 429. */
  readonly onRateLimited?: () => void;
  /** Events may be missed … */
  readonly onDisconnected: () => void;
  /** … until now. */
  readonly onReconnected: () => void;
  /** Slack takes the bot back no more. */
  readonly onLost: (reason: SlackError) => void;
}

/** Bolt's app with its receiver, and the two clients that the bot's own calls go through. */
export interface SlackApp {
  readonly app: App;
  /** For what is shown: never tries twice by itself and never waits, because delivery decides about both. */
  readonly writer: webApi.WebClient;
  /** For what is read: tries again, and waits as long as a rate limit says. */
  readonly reader: webApi.WebClient;
  /** Who the bot is. @throws SlackError */
  identity(): Promise<Identity>;
  /** Resolves when events can arrive. @throws SlackError */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** HTTP: where it listens, once it does. */
  readonly port: number | undefined;
}

export interface Identity {
  readonly user: string;
  readonly bot: string;
  readonly name: string;
  readonly team: string;
  readonly workspace: string;
}

/** A call that takes longer than this is not waited for: an edit would be stale by then. */
const TIMEOUT_MS = 10_000;
/** Three tries within some two seconds: what people wait for anyway. */
const READ_RETRIES = { retries: 2, factor: 3, minTimeout: 500, maxTimeout: 2_000 };
/** Explicit everywhere: the SDK's defaults are half an hour, and, for Socket Mode, a hundred tries. */
const NO_RETRIES = { retries: 0 };

export function createSlackApp(options: SlackAppOptions): SlackApp {
  const { botToken, apiUrl, transport, logger, onRateLimited } = options;
  const log = slackLog(logger);
  const common = { slackApiUrl: apiUrl, logger: log, timeout: TIMEOUT_MS };
  const clientOptions = { ...common, retryConfig: NO_RETRIES, rejectRateLimitedCalls: true };
  const link = linkOf(options, log);
  const app = new App({
    token: botToken,
    receiver: link.receiver,
    socketMode: transport.kind === 'socket',
    logger: log,
    clientOptions,
    // Its memory would grow with every conversation.
    convoStore: false,
    // In the constructor a bad token would become a rejection that nobody handles.
    deferInitialization: true,
  });
  const reader = new webApi.WebClient(botToken, { ...common, retryConfig: READ_RETRIES });
  const writer = new webApi.WebClient(botToken, clientOptions);
  for (const client of [reader, writer])
    client.on(webApi.WebClientEvent.RATE_LIMITED, () => onRateLimited?.());
  return {
    app,
    writer,
    reader,
    get port() {
      return link.port;
    },
    async identity() {
      try {
        await app.init();
        const { user_id = '', bot_id = '', user = '', team_id = '', team = '' } = await reader.auth.test();
        return { user: user_id, bot: bot_id, name: user, team: team_id, workspace: team };
      } catch (error) {
        throw startError(error, 'SLACK_BOT_TOKEN');
      }
    },
    start: () => link.start(),
    stop: () => link.stop(),
  };
}

interface Link {
  readonly receiver: SocketModeReceiver | HTTPReceiver;
  readonly port: number | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
}

function linkOf(options: SlackAppOptions, log: ReturnType<typeof slackLog>): Link {
  const { transport, apiUrl, logger, onDisconnected, onReconnected, onLost } = options;
  if (transport.kind === 'http') return httpLink(transport, log);
  const receiver = new SocketModeReceiver({
    appToken: transport.appToken,
    logger: log,
    autoReconnectEnabled: false,
    installerOptions: {
      clientOptions: { slackApiUrl: apiUrl, timeout: TIMEOUT_MS, retryConfig: NO_RETRIES },
    },
  });
  const link = new SocketLink({ receiver, logger, onDisconnected, onReconnected, onLost });
  return { receiver, port: undefined, start: () => link.start(), stop: () => link.stop() };
}

function httpLink(transport: Extract<Transport, { kind: 'http' }>, log: ReturnType<typeof slackLog>): Link {
  const receiver = new HTTPReceiver({ signingSecret: transport.signingSecret, logger: log });
  let port: number | undefined;
  return {
    receiver,
    get port() {
      return port;
    },
    async start() {
      try {
        const address = (await receiver.start(transport.port)).address();
        port = typeof address === 'object' ? address?.port : undefined;
      } catch (cause) {
        throw new SlackError(
          'SLACK_PORT',
          `Nothing can listen at port ${transport.port} for Slack. Free it, or set SLACK_PORT to another.`,
          { cause },
        );
      }
    },
    async stop() {
      if (port === undefined) return;
      port = undefined;
      await receiver.stop();
    },
  };
}
