import type { webApi } from '@slack/bolt';
import { systemClock } from '../../bot/clock.ts';
import type { Logger } from '../../config/logger.ts';
import { Recent } from '../recent.ts';
import { refusalOf } from './slack-failure.ts';
import { isDirect } from './way.ts';

/** The status line goes after two minutes; asked for more often, it is renewed only this often. */
const STATUS_AGAIN_MS = 60_000;
/** Before the end of a session or a line is told again: it must not stay, and a stop waits no longer than this. */
const AGAIN_MS = [500, 2_000];
/** Threads whose status is remembered; what is forgotten is only set once more. */
const REMEMBERED = 500;

/** Four at most. What the starter model can do is among them, too. */
export const SUGGESTED_PROMPTS = [
  { title: 'What can you do?', message: 'help' },
  { title: 'Ask a question', message: 'ask What is a glacier?' },
  { title: 'Begin a story', message: 'write The Old Lighthouse' },
  { title: 'Start afresh', message: 'reset' },
] as const;

export interface AgentViewOptions {
  readonly client: webApi.WebClient;
  /** Waits, and tries again: what says that the bot is at work must not stay for an hour. */
  readonly patient: webApi.WebClient;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** What Slack shows of the bot at work: the status line of a thread, and the session with Slack's own stop button. */
export class AgentView {
  readonly #client: webApi.WebClient;
  readonly #patient: webApi.WebClient;
  readonly #logger: Logger;
  readonly #clock: () => number;
  readonly #statusUntil = new Recent<string, number>(REMEMBERED);
  /** Lines of which Slack has not yet said that they are shown. */
  readonly #statusOnItsWay = new Map<string, Promise<unknown>>();
  readonly #processing = new Recent<string, Promise<boolean>>(REMEMBERED);
  /** False once Slack has said that the app has no agent view. */
  #agent = true;

  constructor({ client, patient, logger, clock }: AgentViewOptions) {
    this.#client = client;
    this.#patient = patient;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Never rejects: an answer does not depend on how its waiting looks. */
  async thinking(channel: string, thread: string): Promise<void> {
    const key = `${channel}/${thread}`;
    const now = this.#clock();
    if ((this.#statusUntil.get(key) ?? 0) > now) return;
    this.#statusUntil.set(key, now + STATUS_AGAIN_MS);
    const shown = this.#showStatus(channel, thread, 'is thinking …').finally(() =>
      this.#statusOnItsWay.delete(key),
    );
    this.#statusOnItsWay.set(key, shown);
    await Promise.all([shown, this.hasStopButton(channel, thread)]);
  }

  /** Whether Slack shows its own stop button for this thread; where there is none, a stream could not be stopped. */
  hasStopButton(channel: string, thread: string): Promise<boolean> {
    if (!this.#agent || !isDirect(channel)) return Promise.resolve(false);
    const key = `${channel}/${thread}`;
    const processing = this.#processing.get(key) ?? this.#set(channel, thread, 'processing');
    this.#processing.set(key, processing);
    return processing;
  }

  /** A message was posted in the thread, which has taken the status line away, unless that arrives only behind it. */
  answered(channel: string, thread: string): void {
    const key = `${channel}/${thread}`;
    if (!this.#statusOnItsWay.has(key)) this.#statusUntil.delete(key);
  }

  /** An earlier process has posted in the thread; whether its status line arrived behind that nobody knows. */
  doubt(channel: string, thread: string): void {
    this.#statusUntil.set(`${channel}/${thread}`, this.#clock());
  }

  /** The reply is complete; `told`: Slack was told with the end of the stream. */
  async done(channel: string, thread: string, told: boolean): Promise<void> {
    const key = `${channel}/${thread}`;
    // A reply that only edits what was posted before leaves the line where it is.
    const line = this.#statusUntil.get(key) !== undefined;
    this.#statusUntil.delete(key);
    // Whether Slack has begun the session is not always known, and an earlier process may have begun it.
    await Promise.all([this.#processing.get(key), this.#statusOnItsWay.get(key)]);
    this.#processing.delete(key);
    await Promise.all([
      line && this.#showStatus(channel, thread, ''),
      !told && this.#agent && isDirect(channel) && this.#set(channel, thread, 'active'),
    ]);
  }

  /** What was asked is answered elsewhere: without an answer in the thread the status line would stay. */
  async quiet(channel: string, thread: string): Promise<void> {
    this.doubt(channel, thread);
    await this.done(channel, thread, false);
  }

  /** Somebody opened the conversation with the bot. */
  async suggest(channel: string): Promise<void> {
    // With `thread_ts` Slack would do nothing, and say nothing: that belongs to the older assistant view.
    await this.#try('the suggested prompts', () =>
      this.#client.assistant.threads.setSuggestedPrompts({
        channel_id: channel,
        prompts: [...SUGGESTED_PROMPTS],
      }),
    );
  }

  async #showStatus(channel: string, thread: string, status: string): Promise<boolean> {
    const ends = status === '';
    const client = ends ? this.#patient : this.#client;
    return this.#try(
      'the status line',
      () => client.assistant.threads.setStatus({ channel_id: channel, thread_ts: thread, status }),
      ends ? AGAIN_MS : [],
    );
  }

  async #set(channel: string, thread: string, status: 'processing' | 'active'): Promise<boolean> {
    const ends = status === 'active';
    const client = ends ? this.#patient : this.#client;
    return this.#try(
      'the session',
      () => client.agents.sessions.setStatus({ channel_id: channel, thread_ts: thread, status }),
      ends ? AGAIN_MS : [],
    );
  }

  /** @param again pauses before further tries, where Slack itself has failed. */
  async #try(what: string, call: () => Promise<unknown>, again: readonly number[] = []): Promise<boolean> {
    try {
      await call();
      return true;
    } catch (error) {
      const { code, doubtful } = refusalOf(error);
      const [pause, ...later] = again;
      if (doubtful && pause !== undefined) {
        await new Promise<void>((resolve) => {
          systemClock.after(pause, resolve);
        });
        return this.#try(what, call, later);
      }
      if (code === 'not_authorized' && what === 'the session') this.#agent = false;
      this.#logger.debug({ code }, `Slack did not take ${what}`);
      return false;
    }
  }
}
