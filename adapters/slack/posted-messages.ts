import type { webApi } from '@slack/bolt';
import type { PostPlace } from '../../bot/ports.ts';
import { Recent } from '../recent.ts';
import type { MessageContent } from './message-blocks.ts';
import { outletError, refusalOf } from './slack-failure.ts';

/** Marks a reply's messages, so that one whose arrival is doubtful can be found. */
const EVENT_TYPE = 'parley_reply';

/** By how much Slack's clock and ours may differ. */
const CLOCK_SKEW_S = 60;

/** More than are ever asked for again. */
const REMEMBERED = 1_000;

export interface Spot {
  readonly channel: string;
  readonly thread?: string;
}

/** `isNew`: it was not there before. */
export interface Posted {
  readonly ts: string;
  readonly isNew: boolean;
}

/** Messages that are posted and edited, each posted once even where an answer of Slack's gets lost. */
export class PostedMessages {
  readonly #writer: webApi.WebClient;
  readonly #reader: webApi.WebClient;
  readonly #clock: () => number;
  /** Places whose post may or may not have arrived, with the moment since when (in seconds). */
  readonly #doubtful = new Recent<string, number>(REMEMBERED);
  /** The latest posts by their places: whoever did not hear the answer asks again. */
  readonly #posted = new Recent<string, string>(REMEMBERED);

  constructor(writer: webApi.WebClient, reader: webApi.WebClient, clock: () => number) {
    this.#writer = writer;
    this.#reader = reader;
    this.#clock = clock;
  }

  /** An earlier process may have posted it since then. */
  doubt(place: PostPlace, since: number): void {
    this.#doubtful.set(keyOf(place), before(since));
  }

  /** @throws OutletError */
  async post(spot: Spot, content: MessageContent, place: PostPlace): Promise<Posted> {
    const key = keyOf(place);
    const known = this.#posted.get(key);
    if (known !== undefined) return { ts: known, isNew: false };
    const since = this.#doubtful.get(key);
    const calledAt = this.#clock();
    try {
      const found = since === undefined ? undefined : await this.#find(spot, place, since);
      if (found !== undefined) await this.update(spot.channel, found, content);
      const ts = found ?? (await this.#post(spot, content, place));
      this.#doubtful.delete(key);
      this.#posted.set(key, ts);
      return { ts, isNew: found === undefined };
    } catch (error) {
      // Of several calls in doubt it is the first that may have arrived.
      if (since === undefined && refusalOf(error).doubtful) this.#doubtful.set(key, before(calledAt));
      throw outletError(error, `a message for ${spot.channel}`);
    }
  }

  /** @throws OutletError */
  async update(channel: string, ts: string, { text, blocks }: MessageContent): Promise<void> {
    try {
      await this.#writer.chat.update({ channel, ts, text, blocks });
    } catch (error) {
      throw outletError(error, `an edit in ${channel}`);
    }
  }

  /** One message that only this person sees; it cannot be edited. @throws OutletError */
  async whisper(spot: Spot, user: string, { text, blocks }: MessageContent): Promise<string> {
    const { channel, thread } = spot;
    try {
      const posted = await this.#writer.chat.postEphemeral({
        channel,
        user,
        text,
        blocks,
        ...(thread !== undefined && { thread_ts: thread }),
      });
      return posted.message_ts ?? '';
    } catch (error) {
      throw outletError(error, `a private message for ${user} in ${channel}`);
    }
  }

  async #post(
    { channel, thread }: Spot,
    { text, blocks }: MessageContent,
    place: PostPlace,
  ): Promise<string> {
    const posted = await this.#writer.chat.postMessage({
      channel,
      text,
      blocks,
      unfurl_links: false,
      unfurl_media: false,
      metadata: { event_type: EVENT_TYPE, event_payload: { turn: place.turn, index: place.index } },
      ...(thread !== undefined && { thread_ts: thread }),
    });
    return posted.ts ?? '';
  }

  async #find({ channel, thread }: Spot, place: PostPlace, since: number): Promise<string | undefined> {
    const range = { channel, oldest: String(since), limit: 200, include_all_metadata: true };
    const { messages = [] } =
      thread === undefined
        ? await this.#reader.conversations.history(range)
        : await this.#reader.conversations.replies({ ...range, ts: thread });
    return messages.find(({ metadata }) => {
      const payload = metadata?.event_payload as Partial<PostPlace> | undefined;
      const ours = metadata?.event_type === EVENT_TYPE;
      return ours && payload?.turn === place.turn && payload.index === place.index;
    })?.ts;
  }
}

function keyOf({ turn, index }: PostPlace): string {
  return `${turn}#${index}`;
}

/** In seconds, as Slack counts: surely before that moment. */
function before(moment: number): number {
  return Math.floor(moment / 1000) - CLOCK_SKEW_S;
}
