import type { MessageRecord } from './records.ts';

/** "The past few minutes", says Discord's documentation of `enforce_nonce`. */
const rememberedMs = 5 * 60_000;

/** Messages by author and nonce, so that a post that is sent again does not appear twice. */
export class Nonces {
  readonly #messages = new Map<string, MessageRecord>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  remember(message: MessageRecord, nonce: string | number): void {
    for (const [key, old] of this.#messages) {
      if (this.#isRecent(old)) break;
      this.#messages.delete(key);
    }
    this.#messages.set(`${message.authorId} ${nonce}`, message);
  }

  find(authorId: string, nonce: string | number): MessageRecord | undefined {
    const found = this.#messages.get(`${authorId} ${nonce}`);
    return found && this.#isRecent(found) ? found : undefined;
  }

  #isRecent(message: MessageRecord): boolean {
    return this.#now() - message.createdAt < rememberedMs;
  }
}
