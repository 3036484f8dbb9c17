import type { History } from './history.ts';

/** Threads of which it is remembered whether the bot is part of them; others are looked at again. */
const REMEMBERED = 1_000;

/** Which threads the bot is part of: those under its messages, and those in which it has written. */
export class Threads {
  readonly #history: History;
  readonly #joined = new Map<string, Promise<boolean>>();

  constructor(history: History) {
    this.#history = history;
  }

  /** The bot has written there. */
  join(channel: string, thread: string): void {
    this.#remember(`${channel}/${thread}`, Promise.resolve(true));
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
    this.#remember(key, joined);
    return joined;
  }

  /** The latest known first. */
  get known(): readonly string[] {
    return [...this.#joined.keys()].reverse();
  }

  #remember(key: string, joined: Promise<boolean>): void {
    this.#joined.delete(key);
    this.#joined.set(key, joined);
    if (this.#joined.size <= REMEMBERED) return;
    for (const oldest of this.#joined.keys()) {
      this.#joined.delete(oldest);
      break;
    }
  }
}
