import type { types, webApi } from '@slack/bolt';
import type { ConversationRef, HistoryMessage } from '../../bot/request.ts';
import { isOutside } from './membership.ts';
import { mentionedUsers, readText, withoutMention, writtenText } from './mrkdwn.ts';
import type { People } from './people.ts';
import { momentOf, placeOf } from './way.ts';

/** What a message is like where it is read: in events, in history and in shortcuts. */
export interface SlackMessage {
  readonly ts?: string;
  readonly user?: string;
  readonly text?: string;
  readonly subtype?: string;
  readonly thread_ts?: string;
  readonly parent_user_id?: string;
  readonly reply_count?: number;
  readonly bot_id?: string;
  readonly username?: string;
  readonly bot_profile?: { readonly name?: string };
  readonly streaming_state?: string;
  readonly blocks?: readonly (types.KnownBlock | types.Block)[];
  readonly files?: readonly SlackFile[];
}

export interface SlackFile {
  readonly id?: string;
  readonly name?: string | null;
  readonly size?: number;
  readonly url_private?: string;
  readonly url_private_download?: string;
}

/** Who the bot is, in Slack's two ways to say it. */
export interface Self {
  readonly user: string;
  readonly bot: string;
}

/** Subtypes that hold what somebody said; all others tell of joins, edits, renamed channels and the like. */
const SAID = new Set([undefined, 'bot_message', 'file_share', 'me_message', 'thread_broadcast']);

export function isSaid({ subtype }: SlackMessage): boolean {
  return SAID.has(subtype);
}

/** The most that Slack gives at once, and of a thread, which it gives from its beginning, how many such pages are read. */
const PAGE = 999;
const MOST_PAGES = 5;

/** Reads conversations back. */
export class History {
  readonly #client: webApi.WebClient;
  readonly #people: People;
  readonly #self: Self;

  constructor(client: webApi.WebClient, people: People, self: Self) {
    this.#client = client;
    this.#people = people;
    this.#self = self;
  }

  /** The newest messages, newest first. */
  async newest(conversation: ConversationRef, limit: number): Promise<readonly HistoryMessage[]> {
    const { channel, thread } = placeOf(conversation);
    if (isOutside(thread)) return [];
    const messages =
      thread === undefined
        ? await this.#ofChannel(channel, limit)
        : (await this.thread(channel, thread)).toReversed();
    const said = messages.filter((message) => isSaid(message) && !this.#isUnfinished(message));
    return this.read(said.slice(0, limit));
  }

  /** All of a thread, its root first. */
  async thread(channel: string, thread: string, oldest?: string): Promise<readonly SlackMessage[]> {
    const messages: SlackMessage[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const part = await this.#client.conversations.replies({
        channel,
        ts: thread,
        limit: PAGE,
        ...(oldest !== undefined && { oldest }),
        ...(cursor !== undefined && { cursor }),
      });
      messages.push(...((part.messages ?? []) as SlackMessage[]));
      cursor = part.response_metadata?.next_cursor || undefined;
      if (cursor === undefined) break;
    }
    return messages;
  }

  /** Messages as the bot knows them, with names for ids. */
  async read(messages: readonly SlackMessage[]): Promise<readonly HistoryMessage[]> {
    const ids = messages.flatMap(({ user, text = '' }) => [...(user ? [user] : []), ...mentionedUsers(text)]);
    const names = await this.#people.names(ids);
    return messages.map((message): HistoryMessage => {
      const { ts = '', user, bot_profile, username, bot_id } = message;
      const id = user ?? bot_id ?? '';
      const own = this.isOwn(message);
      const name = bot_profile?.name ?? username ?? names.user(id) ?? id;
      const said = withoutMention(textOf(message), this.#self.user);
      const text = own ? writtenText(said, names) : readText(said, names).trim();
      return { id: ts, author: { id, name }, text, own, at: momentOf(ts) };
    });
  }

  isOwn({ user, bot_id }: SlackMessage): boolean {
    return user === this.#self.user || bot_id === this.#self.bot;
  }

  async #ofChannel(channel: string, limit: number): Promise<readonly SlackMessage[]> {
    const { messages = [] } = await this.#client.conversations.history({
      channel,
      limit: Math.min(limit, PAGE),
    });
    return messages as SlackMessage[];
  }

  /** "Thinking …" and half an answer are no memory. */
  #isUnfinished(message: SlackMessage): boolean {
    if (!this.isOwn(message)) return false;
    return message.streaming_state === 'in_progress' || hasButton(message, 'stop');
  }
}

function hasButton({ blocks = [] }: SlackMessage, action: string): boolean {
  return blocks.some(
    (block) =>
      block.type === 'actions' &&
      'elements' in block &&
      block.elements.some((element) => 'action_id' in element && element.action_id === action),
  );
}

/** A long answer is whole only in its sections. */
function textOf({ text = '', blocks = [] }: SlackMessage): string {
  const sections = blocks.flatMap((block) =>
    block.type === 'section' && 'text' in block && block.text?.type === 'mrkdwn' ? [block.text.text] : [],
  );
  return sections.length > 0 ? sections.join('\n') : text;
}
