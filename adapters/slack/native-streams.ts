import type { webApi } from '@slack/bolt';
import { buttonId, buttonsUnder } from '../../bot/buttons.ts';
import type { Controls } from '../../bot/ports.ts';
import { Recent } from '../recent.ts';
import { controlBlocks } from './message-blocks.ts';
import { toStreamMarkdown } from './mrkdwn.ts';
import { outletError, refusalOf } from './slack-failure.ts';

/** A stream dies after about five minutes and at 12,000 characters (reported; Slack documents neither). */
const LONGEST_MS = 4 * 60_000;
const MOST_CHARACTERS = 11_500;

/** `chat.startStream` and `chat.stopStream` take about 20 calls a minute (Tier 2); what is over is posted and edited. */
const STARTS = 18;
const MINUTE_MS = 60_000;

/** A workspace without streams may get them some day. */
const REFUSED_FOR_MS = 3_600_000;

/** Threads in which something is doubtful, at the same time: many more than there ever are. */
const REMEMBERED = 1_000;

/** Slack's ways to say that there are no streams here; anything else concerns one call alone. */
const NO_STREAMS = new Set([
  'access_denied',
  'channel_type_not_supported',
  'feature_not_enabled',
  'method_not_supported_for_channel_type',
  'not_allowed',
  'team_not_eligible',
  'unknown_method',
]);

/** The stream has ended already, by itself or by Slack's own stop button. */
const ENDED = new Set(['message_not_found', 'message_not_in_streaming_state', 'stopped_by_user']);

export interface StreamSpot {
  readonly channel: string;
  readonly thread: string;
  /** The one person whom the stream is for. */
  readonly user: string;
}

export interface NativeStreamOptions {
  readonly client: webApi.WebClient;
  /** For reading back what may have arrived. */
  readonly reader: webApi.WebClient;
  readonly team: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** What tells a stream from other messages. */
interface StreamedMessage {
  readonly ts?: string;
  readonly streaming_state?: unknown;
  readonly blocks?: unknown;
}

interface Doubt {
  /** The moment of the call, in milliseconds since the epoch. */
  readonly since: number;
  /** It has arrived: this is its message. */
  readonly found?: string;
}

interface Live {
  readonly startedAt: number;
  readonly turn: string;
  /** What the stream holds, in Slack's Markdown. */
  sent: string;
  /** The last append may or may not have arrived. */
  doubtful: boolean;
}

/** Messages that grow by appends. Where that does not go on, the message is ended and edited like any other. */
export class NativeStreams {
  readonly #client: webApi.WebClient;
  readonly #reader: webApi.WebClient;
  readonly #team: string;
  readonly #clock: () => number;
  readonly #live = new Map<string, Live>();
  /** Threads in which a stream may or may not have been started. */
  readonly #doubtful = new Recent<string, Doubt>(REMEMBERED);
  #starts: number[] = [];
  #refusedUntil = 0;

  constructor({ client, reader, team, clock }: NativeStreamOptions) {
    this.#client = client;
    this.#reader = reader;
    this.#team = team;
    this.#clock = clock;
  }

  /** Whether a reply that begins now may stream. */
  get available(): boolean {
    const now = this.#clock();
    this.#starts = this.#starts.filter((at) => at > now - MINUTE_MS);
    return now >= this.#refusedUntil && this.#starts.length < STARTS;
  }

  turnOf(channel: string, ts: string): string | undefined {
    return this.#live.get(`${channel}/${ts}`)?.turn;
  }

  /** An earlier process may have started a stream there since then. */
  doubt({ channel, thread }: StreamSpot, since: number): void {
    this.#doubtful.set(`${channel}/${thread}`, { since });
  }

  /**
   * The message of this reply whose start was never confirmed, if it is there: a stream that runs, or whatever became of
   * it. What it shows is not known: an edit has to follow, and `settled` when that has been taken.
   *
   * @returns its `ts`.
   * @throws OutletError when the thread cannot be read now.
   */
  async find({ channel, thread }: StreamSpot, turn: string): Promise<string | undefined> {
    const key = `${channel}/${thread}`;
    const doubt = this.#doubtful.get(key);
    if (doubt === undefined || doubt.found !== undefined) return doubt?.found;
    const { since } = doubt;
    const messages = await this.#thread(channel, thread, String(Math.floor((since - MINUTE_MS) / 1000)));
    const found = messages.find(
      ({ ts, streaming_state, blocks }) =>
        namesTurn(blocks, turn) || (streaming_state === 'in_progress' && !this.#live.has(`${channel}/${ts}`)),
    );
    const { ts } = found ?? {};
    if (ts === undefined) this.#doubtful.delete(key);
    else this.#doubtful.set(key, { since, found: ts });
    if (found?.streaming_state === 'in_progress') {
      this.#live.set(`${channel}/${ts}`, { startedAt: since, turn, sent: '', doubtful: true });
    }
    return ts;
  }

  /** What was found shows what it ought to. */
  settled({ channel, thread }: StreamSpot): void {
    this.#doubtful.delete(`${channel}/${thread}`);
  }

  /**
   * @returns the `ts` of the stream; undefined when there is none to be had, and the page is to be posted instead.
   * @throws OutletError `OUTLET_FAILED` when nobody knows whether the stream was started.
   */
  async start(spot: StreamSpot, page: string, turn: string): Promise<string | undefined> {
    const { channel, thread, user } = spot;
    const text = toStreamMarkdown(page);
    const startedAt = this.#clock();
    if (!this.available || text.length > MOST_CHARACTERS) return undefined;
    this.#starts.push(startedAt);
    this.#forgetBefore(startedAt - 2 * LONGEST_MS);
    try {
      const { ts = '' } = await this.#client.chat.startStream({
        channel,
        thread_ts: thread,
        recipient_team_id: this.#team,
        recipient_user_id: user,
        markdown_text: text,
      });
      this.#live.set(`${channel}/${ts}`, { startedAt, turn, sent: text, doubtful: false });
      return ts;
    } catch (error) {
      const { code, doubtful } = refusalOf(error);
      if (doubtful) {
        this.#doubtful.set(`${channel}/${thread}`, { since: startedAt });
        throw outletError(error, `a stream in ${channel}`);
      }
      if (NO_STREAMS.has(code)) this.#refusedUntil = startedAt + REFUSED_FOR_MS;
      return undefined;
    }
  }

  /**
   * Appends what is new, and ends the stream when the reply is complete.
   *
   * @returns false when the message is no stream any more, and is to be edited instead.
   * @throws OutletError
   */
  async edit(channel: string, ts: string, page: string, controls: Controls): Promise<boolean> {
    const key = `${channel}/${ts}`;
    const live = this.#live.get(key);
    if (!live) return false;
    const text = toStreamMarkdown(page);
    const fits = text.length <= MOST_CHARACTERS && this.#clock() - live.startedAt < LONGEST_MS;
    if (fits && !live.doubtful && text.startsWith(live.sent)) {
      if (await this.#append({ channel, ts }, live, text, controls)) {
        if (controls.state !== 'running') this.#live.delete(key);
        return true;
      }
    }
    await this.end(channel, ts);
    return false;
  }

  /** @throws OutletError */
  async end(channel: string, ts: string): Promise<void> {
    try {
      await this.#client.chat.stopStream({ channel, ts });
    } catch (error) {
      if (!ENDED.has(refusalOf(error).code)) throw outletError(error, `the end of a stream in ${channel}`);
    }
    this.#live.delete(`${channel}/${ts}`);
  }

  /** Whether it was taken; a refusal that a further try might change is thrown instead. */
  async #append(
    message: { readonly channel: string; readonly ts: string },
    live: Live,
    text: string,
    controls: Controls,
  ): Promise<boolean> {
    const more = text.slice(live.sent.length);
    try {
      if (controls.state !== 'running') {
        const blocks = controlBlocks(controls);
        await this.#client.chat.stopStream({
          ...message,
          session_status: 'active',
          ...(more !== '' && { markdown_text: more }),
          ...(blocks.length > 0 && { blocks }),
        });
      } else if (more !== '') {
        await this.#client.chat.appendStream({ ...message, markdown_text: more });
      }
      live.sent = text;
      return true;
    } catch (error) {
      const { code, doubtful } = refusalOf(error);
      live.doubtful = doubtful;
      if (doubtful || code === 'ratelimited')
        throw outletError(error, `text for a stream in ${message.channel}`);
      return false;
    }
  }

  /** Empty where the bot may not look. @throws OutletError when it may be possible later. */
  async #thread(channel: string, ts: string, oldest: string): Promise<readonly StreamedMessage[]> {
    try {
      const { messages = [] } = await this.#reader.conversations.replies({ channel, ts, oldest, limit: 200 });
      return messages;
    } catch (error) {
      if (refusalOf(error).doubtful) throw outletError(error, `the thread of a stream in ${channel}`);
      return [];
    }
  }

  /** Replies that were given up leave streams behind, which are dead by then. */
  #forgetBefore(moment: number): void {
    for (const [key, { startedAt }] of this.#live) {
      if (startedAt < moment) this.#live.delete(key);
    }
  }
}

/** Its buttons say whose answer a message is. */
function namesTurn(blocks: unknown, turn: string): boolean {
  const written = JSON.stringify(blocks ?? []);
  return (['running', 'done'] as const)
    .flatMap((state) => buttonsUnder({ state, turn, task: 'chat' }))
    .some(({ action }) => written.includes(JSON.stringify(buttonId(action, turn))));
}
