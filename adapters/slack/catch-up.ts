import type { webApi } from '@slack/bolt';
import type { Logger } from '../../config/logger.ts';
import { Recent } from '../recent.ts';
import type { History, SlackMessage } from './history.ts';
import type { Heard } from './messages.ts';
import { refusalOf } from './slack-failure.ts';
import type { Threads } from './threads.ts';

/** What is older is answered too late to be of use. */
const FURTHEST_MS = 15 * 60_000;

/** Conversations that are looked at again: half of the reading calls of a minute (Tier 3), the latest first. */
const MOST_CHANNELS = 15;
const MOST_THREADS = 10;

/** Channels whose last message is remembered. */
const REMEMBERED = 1_000;

export interface CatchUpOptions {
  readonly client: webApi.WebClient;
  readonly history: History;
  readonly threads: Threads;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Takes what was missed as if it had just been heard; what was heard before is known as such further on. */
  readonly onMessage: (message: Heard) => Promise<void>;
}

/** Channels with the `ts` of their newest message, those heard last first. */
type LastSeen = readonly (readonly [channel: string, ts: string])[];

/** Slack does not send everything again that came up while nobody was connected: what is missing is read back. */
export class CatchUp {
  readonly #options: CatchUpOptions;
  /** The newest `ts` of each channel. */
  readonly #lastSeen = new Recent<string, string>(REMEMBERED);
  /** The same as it was when the connection ended: what comes behind a gap must not hide the gap. */
  #beforeGap: LastSeen | undefined;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  heard(channel: string, ts: string): void {
    const known = this.#lastSeen.get(channel) ?? '0';
    this.#lastSeen.set(channel, Number(known) > Number(ts) ? known : ts);
  }

  /** From now on something may be missed. */
  disconnected(): void {
    this.#beforeGap ??= this.#lastSeen.entries;
  }

  /** Never rejects: a channel that cannot be read is passed over. */
  async run(): Promise<void> {
    const lastSeen = this.#beforeGap ?? this.#lastSeen.entries;
    this.#beforeGap = undefined;
    const channels = lastSeen.slice(0, MOST_CHANNELS);
    const threads = this.#options.threads.known.slice(0, MOST_THREADS);
    const missed = await Promise.all([
      ...channels.map(([channel, ts]) => this.#ofChannel(channel, this.#since(ts))),
      ...threads.map((thread) => this.#ofThread(thread, lastSeen)),
    ]);
    const inOrder = missed.flat().sort((one, other) => Number(one.ts) - Number(other.ts));
    for (const message of inOrder) await this.#options.onMessage(message);
  }

  async #ofChannel(channel: string, oldest: string): Promise<readonly Heard[]> {
    return this.#read(channel, async () => {
      const { client } = this.#options;
      const { messages = [] } = await client.conversations.history({
        channel,
        oldest,
        limit: 200,
      });
      return messages as SlackMessage[];
    });
  }

  async #ofThread(key: string, lastSeen: LastSeen): Promise<readonly Heard[]> {
    const [channel = '', thread = ''] = key.split('/', 2);
    const since = this.#since(lastSeen.find(([known]) => known === channel)?.[1] ?? '0');
    const messages = await this.#read(channel, () => this.#options.history.thread(channel, thread, since));
    // The root comes with every part of a thread.
    return messages.filter(({ ts }) => Number(ts) > Number(since));
  }

  async #read(channel: string, call: () => Promise<readonly SlackMessage[]>): Promise<readonly Heard[]> {
    try {
      return (await call()).flatMap((message) =>
        message.ts === undefined ? [] : [{ ...message, ts: message.ts, channel }],
      );
    } catch (error) {
      this.#options.logger.debug(
        { code: refusalOf(error).code },
        'missed messages of a channel cannot be read',
      );
      return [];
    }
  }

  #since(ts: string): string {
    const furthest = (this.#options.clock() - FURTHEST_MS) / 1000;
    return Number(ts) > furthest ? ts : furthest.toFixed(6);
  }
}
