import type { webApi } from '@slack/bolt';
import { AttachmentError } from '../../bot/attachment-error.ts';
import { withName } from '../../bot/conversation.ts';
import type { AttachmentRef } from '../../bot/request.ts';
import type { History, SlackMessage } from './history.ts';
import { unescapeText } from './mrkdwn.ts';
import type { People } from './people.ts';
import { refusalOf } from './slack-failure.ts';

/** `https://team.slack.com/archives/C0123456789/p1700000000000100?thread_ts=…`, in the brackets of mrkdwn or not. */
const PERMALINK =
  /<?https:\/\/[\w-]+(?:\.enterprise)?\.slack\.com\/archives\/([A-Z0-9]{8,})\/p(\d{10})(\d{6})(?:\?([^\s<>|]*))?(?:\|[^<>]*)?>?/g;

const SCHEME = 'slack-message:';

/** Takes the links to messages out of a text: each is a text to be read, if its reader may. */
export function takeLinks(
  text: string,
  reader: string,
): { readonly text: string; readonly links: readonly AttachmentRef[] } {
  const links: AttachmentRef[] = [];
  const rest = text.replace(PERMALINK, (_, channel: string, seconds: string, micros: string, query = '') => {
    const thread = new URLSearchParams(unescapeText(query)).get('thread_ts') ?? '';
    const location = `${SCHEME}${[channel, `${seconds}.${micros}`, thread, reader].join('/')}`;
    links.push({ name: 'the linked message', location });
    return '';
  });
  return { text: rest, links };
}

export function isLink({ location }: AttachmentRef): boolean {
  return location.startsWith(SCHEME);
}

/** Reads messages that people link to, for those who may see them. */
export class LinkedMessages {
  readonly #client: webApi.WebClient;
  readonly #history: History;
  readonly #people: People;

  constructor(client: webApi.WebClient, history: History, people: People) {
    this.#client = client;
    this.#history = history;
    this.#people = people;
  }

  /**
   * The message's text; of the first message of a thread, the thread's.
   *
   * @throws AttachmentError
   */
  async read({ location }: AttachmentRef): Promise<Uint8Array> {
    const [channel = '', ts = '', thread = '', reader = ''] = location.slice(SCHEME.length).split('/');
    if (!(await this.#maySee(reader, channel))) {
      throw new AttachmentError(
        'NOT_FOUND',
        'Your link leads to a conversation that you are not in, so I do not read it. Paste the text instead.',
      );
    }
    const messages = await this.#messages(channel, ts, thread).catch((error: unknown) => {
      throw new AttachmentError(
        'UNREADABLE',
        `I cannot read your link (${refusalOf(error).code}): I have to be in its channel. Invite me there, or paste the text.`,
        { cause: error },
      );
    });
    const read = await this.#history.read(messages);
    if (read.length === 0) {
      throw new AttachmentError(
        'NOT_FOUND',
        'There is no message at your link any more. Paste the text instead.',
      );
    }
    const lines = read.map(({ author, text }) => (read.length > 1 ? withName(author.name, text) : text));
    return Buffer.from(lines.join('\n'));
  }

  async #messages(channel: string, ts: string, thread: string): Promise<readonly SlackMessage[]> {
    const messages = await this.#history.thread(channel, thread || ts);
    return thread === '' || thread === ts ? messages : messages.filter((message) => message.ts === ts);
  }

  /** Public channels are open to everybody but guests; others to those who are in them. */
  async #maySee(reader: string, id: string): Promise<boolean> {
    try {
      const { channel = {} } = await this.#client.conversations.info({ channel: id });
      const open = !channel.is_private && !channel.is_im && !channel.is_mpim;
      if (open && !(await this.#people.person(reader)).guest) return true;
      return await this.#isIn(reader, id);
    } catch {
      return false;
    }
  }

  async #isIn(person: string, channel: string): Promise<boolean> {
    let cursor: string | undefined;
    do {
      const page = await this.#client.conversations.members({
        channel,
        limit: 999,
        ...(cursor && { cursor }),
      });
      if (page.members?.includes(person)) return true;
      cursor = page.response_metadata?.next_cursor || undefined;
    } while (cursor !== undefined);
    return false;
  }
}
