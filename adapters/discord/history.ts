import {
  type APIMessage,
  type APIMessageReference,
  type Client,
  ComponentType,
  DiscordAPIError,
  MessageFlags,
  MessageType,
  RESTJSONErrorCodes,
  Routes,
} from 'discord.js';
import { AttachmentError } from '../../bot/attachment-error.ts';
import { readButtonId } from '../../bot/buttons.ts';
import type { ConversationRef, HistoryMessage } from '../../bot/request.ts';
import type { Chains } from './chains.ts';
import { authorOf } from './people.ts';
import { plainText, writtenText } from './plain-text.ts';
import type { Threads } from './threads.ts';
import { placeOf } from './way.ts';

/** What Discord gives with one call. */
const PAGE = 100;

/** Written by people or by bots; the others are Discord's own announcements. */
const SAID: readonly MessageType[] = [
  MessageType.Default,
  MessageType.Reply,
  MessageType.ChatInputCommand,
  MessageType.ContextMenuCommand,
];

export interface HistoryOptions {
  readonly client: Client<true>;
  readonly chains: Chains;
  readonly threads: Threads;
}

/** Reads conversations back from Discord: direct messages and threads whole, in channels the chains of replies. */
export class History {
  readonly #options: HistoryOptions;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /**
   * Newest first; empty where the bot may not look.
   *
   * @throws AttachmentError when there is a lot to be seen in a channel, and nothing to be read.
   */
  async read({ id }: ConversationRef, limit: number): Promise<readonly HistoryMessage[]> {
    const { channel, root } = placeOf(id);
    if (root === undefined) return this.#everything(channel, limit);
    if (this.#options.chains.isFresh(id)) return [];
    return this.#toHistory(await this.#chain(channel, root, id)).slice(0, limit);
  }

  /** A chain of replies, with all its branches: what several people made of an answer is one conversation. */
  async #chain(channel: string, root: string, conversation: string): Promise<readonly APIMessage[]> {
    const newestFirst = await this.#page(channel);
    const members = new Set([root, this.#beginning(newestFirst, root)]);
    const { chains } = this.#options;
    for (const message of newestFirst.toReversed()) {
      const answered = message.message_reference?.message_id ?? '';
      const belongs =
        members.has(answered) ||
        members.has(message.interaction_metadata?.id ?? '') ||
        [message.id, answered].some((id) => chains.conversationOf(id) === conversation);
      if (belongs) members.add(message.id);
    }
    return newestFirst.filter(({ id }) => members.has(id));
  }

  /** Upwards as long as it was an answer of the bot that was replied to. */
  #beginning(messages: readonly APIMessage[], root: string): string {
    const byId = new Map(messages.map((message) => [message.id, message]));
    let beginning = root;
    for (;;) {
      const answer = byId.get(byId.get(beginning)?.message_reference?.message_id ?? '');
      if (answer?.author.id !== this.#options.client.user.id) return beginning;
      beginning = answer.interaction_metadata?.id ?? answer.message_reference?.message_id ?? answer.id;
    }
  }

  async #everything(channel: string, limit: number): Promise<readonly HistoryMessage[]> {
    const read: HistoryMessage[] = [];
    let oldest: APIMessage | undefined;
    do {
      const page = await this.#page(channel, oldest?.id);
      read.push(...this.#toHistory(page));
      oldest = page.length < PAGE ? undefined : page.at(-1);
      const first = page.at(-1);
      if (first?.type === MessageType.ThreadStarterMessage)
        read.push(...(await this.#before(first.message_reference)));
    } while (oldest && read.length < limit);
    const parent = read.length === 0 ? this.#options.threads.parentOf(channel) : undefined;
    if (parent !== undefined) read.push(...(await this.#before({ channel_id: parent, message_id: channel })));
    this.#refuseBlank(channel, read);
    return read.slice(0, limit);
  }

  /** What led to a thread: the message that it hangs on, and the chain of replies that this was part of. */
  async #before(starter: APIMessageReference | undefined): Promise<readonly HistoryMessage[]> {
    const { channel_id: channel, message_id: root } = starter ?? {};
    if (channel === undefined || root === undefined) return [];
    const chain = await this.#chain(channel, root, `${channel}/${root}`);
    return this.#toHistory(chain.filter(({ id }) => BigInt(id) <= BigInt(root)));
  }

  async #page(channel: string, before?: string): Promise<readonly APIMessage[]> {
    const query = new URLSearchParams({ limit: String(PAGE), ...(before && { before }) });
    try {
      return (await this.#options.client.rest.get(Routes.channelMessages(channel), {
        query,
      })) as APIMessage[];
    } catch (error) {
      if (isOutOfSight(error)) return [];
      throw error;
    }
  }

  /** Without Message Content Intent all that people say to each other is blank. */
  #refuseBlank(channelId: string, messages: readonly HistoryMessage[]): void {
    const channel = this.#options.client.channels.cache.get(channelId);
    if (!channel || channel.isDMBased() || channel.isThread()) return;
    const others = messages.filter(({ own }) => !own);
    if (others.length === 0 || others.some(({ text }) => text !== '')) return;
    throw new AttachmentError('UNREADABLE', MAY_NOT_READ);
  }

  #toHistory(messages: readonly APIMessage[]): readonly HistoryMessage[] {
    const { client } = this.#options;
    const self = client.user.id;
    return messages
      .filter((message) => isSaid(message, self))
      .map((message) => {
        const channel = client.channels.cache.get(message.channel_id);
        const guild = channel && !channel.isDMBased() ? channel.guildId : undefined;
        const mentioned = message.mentions.map((user) => authorOf(client, user, guild));
        const own = message.author.id === self;
        const text =
          own || !channel
            ? writtenText(message.content)
            : plainText(message.content, { channel, self, mentioned });
        return {
          id: message.id,
          author: authorOf(client, message.author, guild),
          text,
          own,
          at: Date.parse(message.timestamp),
        };
      });
  }
}

const MAY_NOT_READ =
  'I may not read what people say to each other here. Whoever runs me can switch on Message Content Intent ' +
  'in the developer portal, page Bot; until then give me the text, a file, or a message by its menu (Apps, Summarize).';

/** Written by people or by bots; an answer that is still being written is not said yet. */
function isSaid(message: APIMessage, self: string): boolean {
  return SAID.includes(message.type) && !(message.author.id === self && isUnfinished(message));
}

function isUnfinished({ flags, components = [] }: APIMessage): boolean {
  if (flags !== undefined && flags & MessageFlags.Loading) return true;
  return components.some(
    (row) =>
      row.type === ComponentType.ActionRow &&
      row.components.some(
        (button) => 'custom_id' in button && readButtonId(button.custom_id)?.action === 'stop',
      ),
  );
}

/** The channel is gone, or was never there (a thread that is yet to be opened), or the bot may not look. */
function isOutOfSight(error: unknown): boolean {
  if (!(error instanceof DiscordAPIError)) return false;
  const { UnknownChannel, MissingAccess, MissingPermissions } = RESTJSONErrorCodes;
  return [UnknownChannel, MissingAccess, MissingPermissions].includes(Number(error.code));
}
