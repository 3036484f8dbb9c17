import type { webApi } from '@slack/bolt';
import type { Controls } from '../../bot/ports.ts';
import { LostStreams } from './lost-streams.ts';
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
  readonly #team: string;
  readonly #clock: () => number;
  readonly #live = new Map<string, Live>();
  readonly #lost: LostStreams;
  /** Messages of earlier processes of which is known whose they are: no more than there were replies to go on with. */
  readonly #remembered = new Set<string>();
  readonly #starting = new Set<Promise<unknown>>();
  #starts: number[] = [];
  #refusedUntil = 0;

  constructor({ client, reader, team, clock }: NativeStreamOptions) {
    this.#client = client;
    this.#team = team;
    this.#clock = clock;
    this.#lost = new LostStreams({
      reader,
      isKnown: async (channel, ts) => {
        // A stream that was read may be one whose start is not answered yet.
        await Promise.allSettled(this.#starting);
        const key = `${channel}/${ts}`;
        return this.#live.has(key) || this.#remembered.has(key);
      },
    });
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

  /** This message of an earlier process belongs to a reply that knows it. */
  remember(channel: string, ts: string): void {
    this.#remembered.add(`${channel}/${ts}`);
  }

  /** An earlier process may have started a stream for this turn since then. */
  doubt(turn: string, since: number): void {
    this.#lost.doubt(turn, since);
  }

  /**
   * The message of this reply whose start was never confirmed, if it is there: a stream that runs, or whatever became of
   * it. What it shows is not known: an edit has to follow, and `settled` when that has been taken.
   *
   * @returns its `ts`.
   * @throws OutletError when the thread cannot be read now.
   */
  async find({ channel, thread }: StreamSpot, turn: string): Promise<string | undefined> {
    const found = await this.#lost.find(channel, thread, turn);
    if (found?.runs === true) {
      this.#live.set(`${channel}/${found.ts}`, { startedAt: found.since, turn, sent: '', doubtful: true });
    }
    return found?.ts;
  }

  /** What was found shows what it ought to. */
  settled(turn: string): void {
    this.#lost.settled(turn);
  }

  /**
   * @returns the `ts` of the stream; undefined when there is none to be had, and the page is to be posted instead.
   * @throws OutletError `OUTLET_FAILED` when nobody knows whether the stream was started.
   */
  async start(spot: StreamSpot, page: string, turn: string): Promise<string | undefined> {
    const starting = this.#start(spot, page, turn);
    this.#starting.add(starting);
    try {
      return await starting;
    } finally {
      this.#starting.delete(starting);
    }
  }

  async #start(
    { channel, thread, user }: StreamSpot,
    page: string,
    turn: string,
  ): Promise<string | undefined> {
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
        this.#lost.doubt(turn, startedAt);
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

  /** Replies that were given up leave streams behind, which are dead by then. */
  #forgetBefore(moment: number): void {
    for (const [key, { startedAt }] of this.#live) {
      if (startedAt < moment) this.#live.delete(key);
    }
  }
}
