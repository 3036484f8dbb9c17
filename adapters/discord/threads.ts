import {
  type Client,
  DiscordAPIError,
  type Message,
  PermissionFlagsBits,
  RESTJSONErrorCodes,
  Routes,
  ThreadAutoArchiveDuration,
} from 'discord.js';
import { Recent } from '../recent.ts';
import type { ThreadMode } from './permissions.ts';
import type { Way } from './way.ts';

export type ThreadWay = Extract<Way, { by: 'thread' }>;

/** Threads whose place in a channel is remembered until they have been read once. */
const REMEMBERED = 1_000;

/** Discord's limit is 100 characters; what is shown in the list of threads is shorter. */
const LONGEST_NAME = 60;

const NEEDED = PermissionFlagsBits.CreatePublicThreads | PermissionFlagsBits.SendMessagesInThreads;

/** Opens the threads in which mentions are answered. A thread has the id of the message that it hangs on. */
export class Threads {
  readonly #client: Client;
  readonly #mode: ThreadMode;
  readonly #opened = new Recent<string, Promise<string>>(REMEMBERED);
  readonly #parents = new Recent<string, string>(REMEMBERED);

  constructor(client: Client, mode: ThreadMode) {
    this.#client = client;
    this.#mode = mode;
  }

  /**
   * The thread for the answer to a message; undefined: it is answered where it was written.
   *
   * @param goesOn it replies to one of the bot's messages.
   */
  wanted(message: Message<true>, text: string, goesOn: boolean): ThreadWay | undefined {
    if (this.#mode === 'never' || (this.#mode === 'auto' && !goesOn)) return undefined;
    const { channel } = message;
    if (
      !('threads' in channel) ||
      !channel.permissionsFor(message.guild.members.me ?? message.client.user.id)?.has(NEEDED)
    ) {
      return undefined;
    }
    this.#parents.set(message.id, channel.id);
    const [line = ''] = text.split('\n', 1);
    const name =
      line.slice(0, LONGEST_NAME).trim() || `With ${message.author.displayName}`.slice(0, LONGEST_NAME);
    return { by: 'thread', channel: channel.id, replyTo: message.id, name };
  }

  /** The channel in which a thread's message is, if the thread was wanted here. */
  parentOf(thread: string): string | undefined {
    return this.#parents.get(thread);
  }

  /** The thread's id; the channel's, where Discord does not let it open one. */
  async open(way: ThreadWay): Promise<string> {
    const known = this.#opened.get(way.replyTo);
    if (known) return known;
    const opening = this.#open(way);
    this.#opened.set(way.replyTo, opening);
    opening.catch(() => this.#opened.delete(way.replyTo));
    return opening;
  }

  async #open({ channel, replyTo, name }: ThreadWay): Promise<string> {
    try {
      await this.#client.rest.post(Routes.threads(channel, replyTo), {
        body: { name, auto_archive_duration: ThreadAutoArchiveDuration.OneDay },
      });
      return replyTo;
    } catch (error) {
      if (!(error instanceof DiscordAPIError) || error.status >= 500) throw error;
      return error.code === RESTJSONErrorCodes.ThreadAlreadyCreatedForMessage ? replyTo : channel;
    }
  }
}
