import { RESTJSONErrorCodes as Codes, DiscordAPIError } from 'discord.js';
import type { Logger } from '../../config/logger.ts';
import { Recent } from '../recent.ts';

/** One sign may be a second try of our own whose first one arrived after all. */
const SIGNS = 2;

/** Messages whose last texts are remembered: those of the replies that run, and some more. */
const MESSAGES = 200;
/** Edits of a message may be reported late, and in another order than they were sent. */
const TEXTS = 8;

const ANOTHER_BOT =
  'another program answers in Discord with the same DISCORD_TOKEN: people get two answers, or one that changes to and fro. End the other one, or make an application of its own for this one.';

/**
 * Discord lets two programs use one token and sends everything to both. That it is so shows in what the other one does:
 * interactions that were acknowledged before we did, and messages of ours with texts that we have not sent.
 */
export class Twin {
  readonly #logger: Logger;
  readonly #sent = new Recent<string, readonly string[]>(MESSAGES);
  #signs = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** An interaction could not be acknowledged. */
  refused(error: unknown): void {
    if (error instanceof DiscordAPIError && error.code === Codes.InteractionHasAlreadyBeenAcknowledged)
      this.#sign();
  }

  /** Before a text is sent for a message that is there. */
  sending(message: string, text: string): void {
    this.#sent.set(message, [...(this.#sent.get(message) ?? []), plain(text)].slice(-TEXTS));
  }

  /** A message of ours has this text now. */
  seen(message: string, text: string): void {
    const sent = this.#sent.get(message);
    if (!sent || text === '' || sent.includes(plain(text))) return;
    // The next strange text of the same message is a sign of its own.
    this.#sign();
  }

  #sign(): void {
    this.#signs += 1;
    if (this.#signs === SIGNS) this.#logger.warn(ANOTHER_BOT);
  }
}

/** Discord trims texts, and may join white space. */
function plain(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}
