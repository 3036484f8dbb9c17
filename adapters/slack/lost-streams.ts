import type { webApi } from '@slack/bolt';
import { buttonId, buttonsUnder } from '../../bot/buttons.ts';
import { Recent } from '../recent.ts';
import { outletError, refusalOf } from './slack-failure.ts';

/** By how much Slack's clock and ours may differ. */
const CLOCK_SKEW_MS = 60_000;

/** Turns whose stream is doubtful at the same time: many more than there ever are. */
const REMEMBERED = 1_000;

/** What tells a stream from other messages. */
interface StreamedMessage {
  readonly ts?: string;
  readonly streaming_state?: unknown;
  readonly blocks?: unknown;
}

interface Doubt {
  /** The moment of the call, in milliseconds since the epoch. */
  readonly since: number;
  readonly found?: { readonly channel: string; readonly ts: string };
}

export interface FoundStream {
  readonly ts: string;
  /** The moment since which it may have run. */
  readonly since: number;
  /** It was running when it was found just now. */
  readonly runs: boolean;
}

export interface LostStreamsOptions {
  readonly reader: webApi.WebClient;
  /** Whether it is known whose message that is. */
  readonly isKnown: (channel: string, ts: string) => Promise<boolean>;
}

/** Streams of which nobody heard whether they were started, by the turns whose answers they are. */
export class LostStreams {
  readonly #options: LostStreamsOptions;
  readonly #doubts = new Recent<string, Doubt>(REMEMBERED);

  constructor(options: LostStreamsOptions) {
    this.#options = options;
  }

  /** A stream may have been started for this turn since then. */
  doubt(turn: string, since: number): void {
    this.#doubts.set(turn, { since });
  }

  /** It is known what became of it. */
  settled(turn: string): void {
    this.#doubts.delete(turn);
  }

  /** @throws OutletError when the thread cannot be read now. */
  async find(channel: string, thread: string, turn: string): Promise<FoundStream | undefined> {
    const doubt = this.#doubts.get(turn);
    if (doubt === undefined) return undefined;
    const { since } = doubt;
    if (doubt.found !== undefined) return { ts: doubt.found.ts, since, runs: false };
    for (const { ts, streaming_state, blocks } of await this.#thread(channel, thread, since)) {
      const runs = streaming_state === 'in_progress';
      // A stream that runs has no buttons yet that would say whose it is.
      if (ts === undefined || !(runs || namesTurn(blocks, turn))) continue;
      if ((await this.#options.isKnown(channel, ts)) || this.#isFound(channel, ts)) continue;
      this.#doubts.set(turn, { since, found: { channel, ts } });
      return { ts, since, runs };
    }
    this.#doubts.delete(turn);
    return undefined;
  }

  /** Another turn looked at the same time, and was faster. */
  #isFound(channel: string, ts: string): boolean {
    return this.#doubts.entries.some(([, { found }]) => found?.channel === channel && found.ts === ts);
  }

  /** Empty where the bot may not look. @throws OutletError when it may be possible later. */
  async #thread(channel: string, ts: string, since: number): Promise<readonly StreamedMessage[]> {
    const oldest = String(Math.floor((since - CLOCK_SKEW_MS) / 1000));
    try {
      const { messages = [] } = await this.#options.reader.conversations.replies({
        channel,
        ts,
        oldest,
        limit: 200,
      });
      return messages;
    } catch (error) {
      if (refusalOf(error).doubtful) throw outletError(error, `the thread of a stream in ${channel}`);
      return [];
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
