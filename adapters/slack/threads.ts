import { Recent } from '../recent.ts';
import type { History, SlackMessage } from './history.ts';

/** Threads of which it is remembered whether the bot is part of them; others are looked at again. */
const REMEMBERED = 1_000;

/** Which threads the bot is part of: those under its messages, and those in which it has written. */
export class Threads {
  readonly #history: History;
  readonly #joined = new Recent<string, Promise<boolean>>(REMEMBERED);
  /** Threads that were just begun, with their only message. */
  readonly #begun = new Recent<string, SlackMessage>(REMEMBERED);

  constructor(history: History) {
    this.#history = history;
  }

  /** A message under which an answer will stand. */
  begin(channel: string, message: SlackMessage): void {
    this.#begun.set(`${channel}/${message.ts}`, message);
  }

  /** Somebody has written on in a thread. */
  goOn(channel: string, thread: string): void {
    this.#begun.delete(`${channel}/${thread}`);
  }

  /** The message of a thread that has no other: nothing need be read. Slack's limits for reading are narrow. */
  only(channel: string, thread: string): SlackMessage | undefined {
    return this.#begun.get(`${channel}/${thread}`);
  }

  /** The bot has written there. */
  join(channel: string, thread: string): void {
    this.goOn(channel, thread);
    this.#joined.set(`${channel}/${thread}`, Promise.resolve(true));
  }

  /** Reads the thread where it is not known; one that cannot be read is none of the bot's. */
  joined(channel: string, thread: string): Promise<boolean> {
    const key = `${channel}/${thread}`;
    const known = this.#joined.get(key);
    if (known) return known;
    const joined = this.#history.thread(channel, thread).then(
      (messages) => messages.some((message) => this.#history.isOwn(message)),
      () => {
        this.#joined.delete(key);
        return false;
      },
    );
    this.#joined.set(key, joined);
    return joined;
  }

  /** The latest known first. */
  get known(): readonly string[] {
    return this.#joined.entries.map(([key]) => key);
  }
}
