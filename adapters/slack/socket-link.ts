import type { SocketModeReceiver } from '@slack/bolt';
import { type Clock, systemClock } from '../../bot/clock.ts';
import type { Logger } from '../../config/logger.ts';
import { type SlackError, startError } from './slack-error.ts';
import { refusalOf } from './slack-failure.ts';

/** Slack closes connections every few hours; the first try comes at once, and further ones ever more slowly. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** How long the end of a connection is waited for. */
const PATIENCE_MS = 2_000;

/** Refusals that no further try changes. */
const FOR_GOOD = new Set([
  'account_inactive',
  'invalid_auth',
  'not_allowed_token_type',
  'not_authed',
  'token_revoked',
]);

const ANOTHER_BOT =
  'another program is connected to Slack with the same SLACK_APP_TOKEN: each message comes to only one of them, and either answers. End the other one, or make an app of its own for this one. (If the other one has just been replaced by this one, all is well.)';

export interface SocketLinkOptions {
  readonly receiver: SocketModeReceiver;
  readonly logger: Logger;
  /** From now on events may be missed … */
  readonly onDisconnected: () => void;
  /** … until now. */
  readonly onReconnected: () => void;
  /** Slack takes the bot back no more. */
  readonly onLost: (reason: SlackError) => void;
  readonly clock?: Clock;
}

/**
 * Keeps the Socket Mode connection. The SDK's own way waits five seconds before it connects again, and a network that is
 * down at that moment becomes a rejection that nobody handles; so the SDK is told not to, and this does.
 */
export class SocketLink {
  readonly #receiver: SocketModeReceiver;
  readonly #logger: Logger;
  readonly #onDisconnected: () => void;
  readonly #onReconnected: () => void;
  readonly #onLost: (reason: SlackError) => void;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  #connecting = false;

  constructor(options: SocketLinkOptions) {
    const { receiver, logger, onDisconnected, onReconnected, onLost, clock = systemClock } = options;
    this.#receiver = receiver;
    this.#logger = logger;
    this.#onDisconnected = onDisconnected;
    this.#onReconnected = onReconnected;
    this.#onLost = onLost;
    this.#clock = clock;
  }

  /** @throws SlackError */
  async start(): Promise<void> {
    this.#receiver.client.on('disconnected', () => void this.#reconnect());
    // Only now: when a connection is renewed, the old one may still count.
    this.#warnOfOthers();
    try {
      await this.#connect();
    } catch (error) {
      throw startError(error, 'SLACK_APP_TOKEN');
    }
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    // A line that is dead takes half a minute to notice it.
    let cancel: () => void = () => undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = this.#clock.after(PATIENCE_MS, resolve);
    });
    await Promise.race([this.#receiver.client.disconnect(), patience]);
    cancel();
  }

  /** Slack greets a new connection with the number of all that the app has. */
  #warnOfOthers(): void {
    const { client } = this.#receiver;
    const read = (data: unknown) => {
      const connections = connectionsIn(data);
      if (connections === undefined) return;
      client.off('ws_message', read);
      if (connections > 1) this.#logger.warn({ connections }, ANOTHER_BOT);
    };
    client.on('ws_message', read);
  }

  async #connect(): Promise<void> {
    this.#connecting = true;
    try {
      await this.#receiver.client.start();
    } finally {
      this.#connecting = false;
    }
  }

  /** Never rejects. */
  async #reconnect(): Promise<void> {
    const { signal } = this.#stopping;
    if (this.#connecting || signal.aborted) return;
    this.#connecting = true;
    this.#onDisconnected();
    for (
      let pause = 0;
      !signal.aborted;
      pause = Math.min(Math.max(pause * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS)
    ) {
      await this.#pause(pause);
      if (signal.aborted) return;
      try {
        await this.#connect();
        this.#logger.info('connected to Slack again');
        this.#onReconnected();
        return;
      } catch (error) {
        this.#connecting = true;
        if (signal.aborted) return;
        const { code } = refusalOf(error);
        const reason = startError(error, 'SLACK_APP_TOKEN');
        if (FOR_GOOD.has(code)) {
          this.#onLost(reason);
          return;
        }
        this.#logger.warn({ code }, `not connected to Slack, which is tried again: ${reason.message}`);
      }
    }
  }

  #pause(milliseconds: number): Promise<void> {
    if (milliseconds === 0) return Promise.resolve();
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      const cancel = this.#clock.after(milliseconds, resolve);
      signal.addEventListener('abort', () => {
        cancel();
        resolve();
      });
    });
  }
}

/** The number of connections that a greeting names; undefined for other messages. */
function connectionsIn(data: unknown): number | undefined {
  try {
    const message = JSON.parse(String(data));
    if (message?.type !== 'hello') return undefined;
    return typeof message.num_connections === 'number' ? message.num_connections : 1;
  } catch {
    return undefined;
  }
}
