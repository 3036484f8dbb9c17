import type { Message } from 'discord.js';
import { Recent } from '../recent.ts';

/** Of the bot's messages; a reply to an older one begins a new order of turns, but has the same memory. */
const REMEMBERED = 10_000;

/** To which conversations the bot's messages belong: who replies to one goes on with its conversation. */
export class Chains {
  readonly #conversations = new Recent<string, string>(REMEMBERED);
  /** Conversations that have just begun: nothing was said in them before. */
  readonly #fresh = new Recent<string, true>(REMEMBERED);

  /** @param message of the bot. */
  add(message: string, conversation: string): void {
    this.#conversations.set(message, conversation);
    this.#fresh.delete(conversation);
  }

  /** There is nothing yet that could be read back. */
  isFresh(conversation: string): boolean {
    return this.#fresh.get(conversation) === true;
  }

  conversationOf(message: string): string | undefined {
    return this.#conversations.get(message);
  }

  /** The conversation of a message in a channel, which replies to one of the bot's messages or to none. */
  of({ id, channelId }: Pick<Message, 'id' | 'channelId'>, repliesTo: Message | undefined): string {
    if (!repliesTo) {
      this.#fresh.set(`${channelId}/${id}`, true);
      return `${channelId}/${id}`;
    }
    // What the bot wrote before it was started says itself whom it answered.
    const root = repliesTo.interactionMetadata?.id ?? repliesTo.reference?.messageId ?? repliesTo.id;
    return this.#conversations.get(repliesTo.id) ?? `${channelId}/${root}`;
  }
}
