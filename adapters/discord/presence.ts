import { ActivityType, type Client, Events, Status } from 'discord.js';

/** Discord takes five updates in twenty seconds, and shows them with a delay of its own. */
const EVERY_MS = 15_000;

export interface PresenceOptions {
  readonly client: Client<true>;
  /** What is shown beside the bot's name: which model answers, and how busy it is. */
  readonly describe: () => Promise<string>;
  /** @defaultValue 15,000 */
  readonly everyMs?: number;
}

/** Shows beside the bot's name what it is doing; nothing is sent while nothing changes. */
export class Presence {
  readonly #options: PresenceOptions;
  #timer: NodeJS.Timeout | undefined;
  #shown = '';

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  start(): void {
    const show = () => void this.#show();
    this.#timer = setInterval(show, this.#options.everyMs ?? EVERY_MS);
    this.#timer.unref();
    // A new session knows nothing of what the one before it showed.
    this.#options.client.on(Events.ShardReady, () => {
      this.#shown = '';
    });
    show();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #show(): Promise<void> {
    if (!this.#isConnected) return;
    // An engine that cannot say how it is changes nothing here.
    const state = await this.#options.describe().catch(() => this.#shown);
    if (state === this.#shown || !this.#isConnected) return;
    this.#shown = state;
    this.#options.client.user.setPresence({
      activities: [{ type: ActivityType.Custom, name: 'status', state }],
    });
  }

  /** Until then discord.js would keep every update, and send all of them at once when it is connected again. */
  get #isConnected(): boolean {
    return this.#options.client.ws.shards.every(({ status }) => status === Status.Ready);
  }
}
