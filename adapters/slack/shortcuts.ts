import type { MessageShortcut, types, ViewSubmitAction, webApi } from '@slack/bolt';
import type { ChatRequest } from '../../bot/request.ts';
import { fileRefs } from './files.ts';
import type { History, SlackMessage } from './history.ts';
import { isInside, outside } from './membership.ts';
import type { People } from './people.ts';
import { addressOf, conversation, isDirect, momentOf, type Way } from './way.ts';

/** What people choose in a message's menu; the manifest names them. */
export const SHORTCUTS = [
  {
    id: 'summarize_thread',
    name: 'Summarize thread',
    description: 'Sum up this message and its thread.',
    command: 'summarize',
  },
  {
    id: 'ask_about',
    name: 'Ask about this',
    description: 'Ask a question about this message.',
    command: 'ask',
  },
] as const;

/** The form that asks for the question. */
export const QUESTION_FORM = 'ask_about_question';
const QUESTION = 'question';
/** As long as a question in Slack's own fields. */
const LONGEST_QUESTION = 3_000;

/** Slack's limit for what a form remembers. */
const LONGEST_METADATA = 3_000;

/** What the form has to remember: it comes back without a channel, a message or a response URL. */
interface Target {
  readonly channel: string;
  readonly ts: string;
  readonly thread?: string;
  readonly url: string;
  /** The message, where the bot cannot read it again; no more of it than the form can remember. */
  readonly message: Pick<SlackMessage, 'ts' | 'user' | 'text'>;
}

export interface ShortcutReaderOptions {
  readonly client: webApi.WebClient;
  readonly people: People;
  readonly history: History;
  readonly team: string;
}

/** Makes requests of message shortcuts, which are all that there is inside threads: commands do not work there. */
export class ShortcutReader {
  readonly #options: ShortcutReaderOptions;

  constructor(options: ShortcutReaderOptions) {
    this.#options = options;
  }

  /** The form for "Ask about this"; it has to be opened within three seconds. */
  questionForm(shortcut: MessageShortcut): types.ModalView {
    return {
      type: 'modal',
      callback_id: QUESTION_FORM,
      private_metadata: remembered(targetOf(shortcut)),
      title: { type: 'plain_text', text: 'Ask about this' },
      submit: { type: 'plain_text', text: 'Ask' },
      close: { type: 'plain_text', text: 'Cancel' },
      blocks: [
        {
          type: 'input',
          block_id: QUESTION,
          label: { type: 'plain_text', text: 'What do you want to know?' },
          element: {
            type: 'plain_text_input',
            action_id: QUESTION,
            multiline: true,
            max_length: LONGEST_QUESTION,
            focus_on_load: true,
          },
        },
      ],
    };
  }

  /** "Summarize thread". */
  async thread(shortcut: MessageShortcut): Promise<ChatRequest> {
    const { message, user, action_ts } = shortcut;
    const target = targetOf(shortcut);
    const readable = await isInside(this.#options.client, target.channel);
    const request = await this.#request(
      target,
      user.id,
      `shortcut-${action_ts}`,
      momentOf(action_ts),
      readable,
    );
    // Inside, the talk of the conversation is the thread; outside there is only what came with the shortcut.
    if (readable) return { ...request, command: 'summarize' };
    return { ...request, command: 'summarize', ...(await this.#about(message as SlackMessage)) };
  }

  /** The form has come back. */
  async question({ view, user }: ViewSubmitAction, at: number): Promise<ChatRequest> {
    const target = JSON.parse(view.private_metadata) as Target;
    const question = view.state.values[QUESTION]?.[QUESTION]?.value ?? '';
    const readable = await isInside(this.#options.client, target.channel);
    const request = await this.#request(target, user.id, `form-${view.id}`, at, readable);
    const message = readable ? await this.#message(target) : target.message;
    return { ...request, command: 'ask', text: question, ...(message && (await this.#about(message))) };
  }

  async #request(
    { channel, ts, thread = ts, url }: Target,
    user: string,
    id: string,
    at: number,
    inside: boolean,
  ): Promise<ChatRequest> {
    const direct = isDirect(channel);
    const way: Way = inside
      ? { by: 'message', channel, thread }
      : { by: 'response', url, privately: true, once: false };
    return {
      id,
      trigger: 'menu',
      options: {},
      text: '',
      author: await this.#options.people.author(user),
      conversation: conversation(channel, inside ? thread : outside(id)),
      origin: { direct: direct && inside, workspace: this.#options.team, channels: [channel], roles: [] },
      replyAddress: addressOf(way),
      attachments: [],
      at,
    };
  }

  async #about(message: SlackMessage): Promise<Pick<ChatRequest, 'repliedTo' | 'attachments'>> {
    const [repliedTo] = await this.#options.history.read([message]);
    return { ...(repliedTo && { repliedTo }), attachments: fileRefs(message.files) };
  }

  async #message({ channel, ts, thread = ts }: Target): Promise<SlackMessage | undefined> {
    const messages = await this.#options.history.thread(channel, thread);
    return messages.find((message) => message.ts === ts);
  }
}

function targetOf({ channel, message, response_url }: MessageShortcut): Target {
  const { ts, user, text = '' } = message;
  return {
    channel: channel.id,
    ts,
    url: response_url,
    message: { ts, text, ...(user !== undefined && { user }) },
    ...(typeof message.thread_ts === 'string' && { thread: message.thread_ts }),
  };
}

function remembered(target: Target): string {
  const json = JSON.stringify(target);
  if (json.length <= LONGEST_METADATA) return json;
  const text = target.message.text ?? '';
  const shorter = text.slice(0, Math.floor(text.length * (3 / 4)));
  return remembered({ ...target, message: { ...target.message, text: shorter } });
}
