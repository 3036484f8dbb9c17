import {
  type APIApplication,
  ApplicationFlags,
  type Client,
  DiscordAPIError,
  DiscordjsError,
  DiscordjsErrorCodes,
  Events,
  GatewayCloseCodes,
  REST,
  Routes,
} from 'discord.js';
import type { Logger } from '../../config/logger.ts';
import { createClient } from './discord-client.ts';
import { DiscordError } from './discord-error.ts';

export interface LoginOptions {
  readonly token: string;
  readonly apiUrl: string;
  /** Whether to read messages that do not mention the bot, if the switch for it is on. */
  readonly messageContent: boolean;
  readonly logger: Logger;
  readonly onRateLimited?: () => void;
  /** Puts listeners on a client before it connects, so that no event is missed. */
  readonly prepare: (client: Client) => void;
}

export interface LoggedIn {
  readonly client: Client<true>;
  /** What other people say to each other can be read, too. */
  readonly readsAll: boolean;
}

const PORTAL = 'https://discord.com/developers/applications';

const INTENT_OFF =
  'Messages that do not mention the bot cannot be read, because Message Content Intent is switched off. ' +
  'Mentions, direct messages and commands work; for summaries of a channel, and its memory, ' +
  `open ${PORTAL}, choose the application, page Bot, Privileged Gateway Intents, switch on Message Content Intent, ` +
  'and start again. DISCORD_MESSAGE_CONTENT=false does without and silences this.';

/**
 * Connects, with as much sight as the developer portal allows. Resolves when the bot knows its servers.
 *
 * @throws DiscordError
 */
export async function logIn(options: LoginOptions): Promise<LoggedIn> {
  const allowed = options.messageContent && (await maySeeContent(options));
  if (options.messageContent && !allowed) options.logger.warn(INTENT_OFF);
  try {
    return { client: await connect(options, allowed), readsAll: allowed };
  } catch (error) {
    if (!(error instanceof Disconnected && error.code === GatewayCloseCodes.DisallowedIntents && allowed)) {
      throw toDiscordError(error, options.apiUrl);
    }
  }
  options.logger.warn(INTENT_OFF);
  try {
    return { client: await connect(options, false), readsAll: false };
  } catch (error) {
    throw toDiscordError(error, options.apiUrl);
  }
}

/** What ended a connection for good while the bot ran. */
export function disconnected(code: number): DiscordError {
  return toDiscordError(new Disconnected(code), '');
}

/** Asked before connecting: whoever asks for a forbidden intent is thrown out, and has to wait for the next attempt. */
async function maySeeContent({ token, apiUrl }: LoginOptions): Promise<boolean> {
  const rest = new REST({ api: apiUrl.replace(/\/+$/u, '') }).setToken(token);
  try {
    const { flags = 0 } = (await rest.get(Routes.currentApplication())) as APIApplication;
    const switches = ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited;
    return (flags & switches) !== 0;
  } catch (error) {
    throw toDiscordError(error, apiUrl);
  } finally {
    rest.clearHashSweeper();
    rest.clearHandlerSweeper();
  }
}

/** @throws Disconnected, or what discord.js throws. */
async function connect(
  { token, apiUrl, prepare, onRateLimited }: LoginOptions,
  messageContent: boolean,
): Promise<Client<true>> {
  const client = createClient({ apiUrl, messageContent, onRateLimited });
  prepare(client);
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve));
  let closed: number | undefined;
  client.once(Events.ShardDisconnect, ({ code }) => {
    closed = code;
  });
  try {
    await client.login(token);
  } catch (error) {
    throw closed === undefined ? error : new Disconnected(closed, { cause: error });
  }
  return ready;
}

/** Discord has closed the connection, and will again. */
class Disconnected extends Error {
  readonly code: number;

  constructor(code: number, options?: ErrorOptions) {
    super(`Discord closed the connection with ${code}`, options);
    this.code = code;
  }
}

function toDiscordError(error: unknown, apiUrl: string): DiscordError {
  if (error instanceof DiscordError) return error;
  if (isUnauthorized(error)) {
    return new DiscordError(
      'DISCORD_TOKEN_INVALID',
      `Discord does not accept the token in DISCORD_TOKEN. Open ${PORTAL}, choose the application, page Bot, ` +
        'press Reset Token, and put the new token into .env.',
      { cause: error },
    );
  }
  if (error instanceof Disconnected || error instanceof DiscordAPIError) {
    return new DiscordError(
      'DISCORD_REFUSED',
      `Discord does not let the bot in: ${error.message}. See ${PORTAL}, page Bot, and https://discordstatus.com.`,
      { cause: error },
    );
  }
  return new DiscordError(
    'DISCORD_UNREACHABLE',
    `Discord cannot be reached at ${apiUrl} (${reason(error)}). Is there a network, and is DISCORD_API_URL right?`,
    { cause: error },
  );
}

function isUnauthorized(error: unknown): boolean {
  if (error instanceof DiscordjsError) return error.code === DiscordjsErrorCodes.TokenInvalid;
  if (error instanceof DiscordAPIError) return error.status === 401;
  return error instanceof Disconnected && error.code === GatewayCloseCodes.AuthenticationFailed;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
