import { withName } from '../../bot/conversation.ts';
import type { ChatRequest, HistoryMessage } from '../../bot/request.ts';
import { fileRefs } from './files.ts';
import { type History, isSaid, type Self, type SlackMessage } from './history.ts';
import { takeLinks } from './linked-message.ts';
import { mentionedUsers, readText, withoutMention } from './mrkdwn.ts';
import type { People } from './people.ts';
import type { Threads } from './threads.ts';
import { addressOf, conversation, isDirect, momentOf, type Way } from './way.ts';

/** A message that somebody wrote where the bot can hear it; `app_mention` and `message` tell of the same one. */
export interface Heard extends SlackMessage {
  readonly ts: string;
  readonly channel: string;
}

export interface MessageReaderOptions {
  readonly self: Self;
  readonly team: string;
  readonly people: People;
  readonly history: History;
  readonly threads: Threads;
  /** Answers go into a thread under the message; else to where it was written. */
  readonly inThreads: boolean;
  /** Messages in threads that the bot is part of need no mention. */
  readonly follow: boolean;
}

/** Makes requests of messages that are meant for the bot. */
export class MessageReader {
  readonly #options: MessageReaderOptions;

  constructor(options: MessageReaderOptions) {
    this.#options = options;
  }

  /** Undefined: it is not for the bot. */
  async read(message: Heard): Promise<ChatRequest | undefined> {
    const { user, channel, ts, thread_ts } = message;
    const { threads } = this.#options;
    if (thread_ts !== undefined) threads.goOn(channel, thread_ts);
    if (user === undefined || !(await this.#isForUs(message, user))) return undefined;
    const { people, inThreads, team, self } = this.#options;
    const direct = isDirect(channel);
    const thread = thread_ts ?? (inThreads ? ts : undefined);
    if (thread === ts && !message.reply_count) threads.begin(channel, message);
    const { text, links } = takeLinks(withoutMention(message.text ?? '', self.user), user);
    const attachments = [...links, ...fileRefs(message.files)];
    const repliedTo = attachments.length === 0 ? await this.#threadOfOthers(message) : undefined;
    const way: Way =
      direct && thread !== undefined
        ? { by: 'stream', channel, thread, user }
        : { by: 'message', channel, ...(thread !== undefined && { thread }) };
    return {
      id: ts,
      trigger: direct ? 'dm' : 'mention',
      options: {},
      text: readText(text, await people.names(mentionedUsers(text))).trim(),
      author: await people.author(user),
      conversation: conversation(channel, thread),
      ...(thread_ts === undefined && thread !== undefined && { talk: conversation(channel, undefined) }),
      origin: { direct, workspace: team, channels: [channel], roles: [] },
      replyAddress: addressOf(way),
      attachments,
      ...(repliedTo && { repliedTo }),
      at: momentOf(ts),
    };
  }

  async #isForUs(message: Heard, user: string): Promise<boolean> {
    const { history, follow, threads } = this.#options;
    // Bots, this one among them, are never answered: two of them would not stop.
    if (!isSaid(message) || message.bot_id !== undefined || user === 'USLACKBOT') return false;
    if (history.isOwn(message)) return false;
    if (isDirect(message.channel) || this.#mentionsUs(message)) return true;
    if (!follow || message.thread_ts === undefined) return false;
    // "@bob what do you think?" is a word to Bob.
    if (/^\s*<@/.test(message.text ?? '')) return false;
    return threads.joined(message.channel, message.thread_ts);
  }

  /**
   * Whoever calls the bot into a thread of others asks about what was said there: the thread is what the message replies
   * to. In its own threads the bot has it as memory.
   */
  async #threadOfOthers({ channel, thread_ts, ts }: Heard): Promise<HistoryMessage | undefined> {
    const { history, threads } = this.#options;
    if (thread_ts === undefined || isDirect(channel) || (await threads.joined(channel, thread_ts)))
      return undefined;
    const messages = await history.thread(channel, thread_ts).catch(() => []);
    const earlier = await history.read(
      messages.filter((message) => isSaid(message) && Number(message.ts) < Number(ts)),
    );
    const [root] = earlier;
    if (!root) return undefined;
    const lines = earlier.map(({ author, text }) =>
      earlier.length > 1 ? withName(author.name, text) : text,
    );
    return { ...root, text: lines.join('\n') };
  }

  #mentionsUs({ text = '' }: Heard): boolean {
    return mentionedUsers(text).includes(this.#options.self.user);
  }
}
