import { App, type AppOptions, HTTPReceiver, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { FakeSlack } from './fake-slack.ts';

/** The real Bolt app, connected to a fake. */
export interface BoltApp {
  readonly app: App;
  /** What Bolt and its clients logged: `warn: …`. */
  readonly log: readonly string[];
  stop(): Promise<void>;
}

export interface BoltOptions {
  /** Socket Mode: Bolt waits this long before it connects again, and checks pongs by it. Milliseconds. */
  readonly clientPingTimeout?: number;
  /** Throws at 429 instead of waiting. */
  readonly rejectRateLimitedCalls?: boolean;
}

/** Starts the app in Socket Mode; `configure` adds its listeners. */
export async function startInSocketMode(
  slack: FakeSlack,
  configure: (app: App) => void,
  options: BoltOptions = {},
): Promise<BoltApp> {
  const log: string[] = [];
  const logger = collecting(log);
  const clientOptions = clientOptionsFor(slack, options);
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logger,
    clientPingTimeout: options.clientPingTimeout ?? 5_000,
    installerOptions: { clientOptions },
  });
  const app = await initialized({ token: slack.botToken, socketMode: true, receiver, logger, clientOptions });
  configure(app);
  let connected = false;
  const become = (state: boolean) => () => {
    connected = state;
    slack.changed();
  };
  receiver.client.on('connected', become(true));
  receiver.client.on('close', become(false));
  await app.start();
  const stop = async () => {
    // Stopped in the middle of a reconnection, socket-mode 3.1.0 leaves a promise rejected that nobody handles.
    await slack.waitFor(() => connected, { what: 'the connection that is to be stopped' });
    await app.stop();
  };
  return { app, log, stop };
}

/** Starts the app in HTTP mode on a free port, and has the fake verify its request URL. */
export async function startInHttpMode(slack: FakeSlack, configure: (app: App) => void): Promise<BoltApp> {
  const log: string[] = [];
  const logger = collecting(log);
  const receiver = new HTTPReceiver({ signingSecret: slack.signingSecret, logger });
  const app = new App({
    token: slack.botToken,
    receiver,
    logger,
    clientOptions: clientOptionsFor(slack, {}),
  });
  configure(app);
  const server = await receiver.start({ port: 0, host: '127.0.0.1' });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver listens at no port.');
  await slack.http.verifyRequestUrl(`http://127.0.0.1:${address.port}/slack/events`);
  return { app, log, stop: async () => void (await app.stop()) };
}

/** Without the deferral Bolt asks `auth.test` in the constructor, and nobody handles its rejection. */
async function initialized(options: AppOptions): Promise<App> {
  const app = new App({ ...options, deferInitialization: true });
  await app.init();
  return app;
}

function clientOptionsFor(slack: FakeSlack, options: BoltOptions) {
  return {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 2, minTimeout: 10, maxTimeout: 50 },
    rejectRateLimitedCalls: options.rejectRateLimitedCalls ?? false,
  };
}

function collecting(log: string[]): Logger {
  const line =
    (level: string) =>
    (...parts: unknown[]) =>
      void log.push(`${level}: ${parts.map(String).join(' ')}`);
  return {
    debug: () => {},
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}
