import type { Author, HistoryMessage } from '../../bot/request.ts';

/** More than any memory reads back. */
const KEPT_MESSAGES = 200;

/** What was said in this session, which no platform keeps for us. */
export class Transcript {
  readonly #messages: HistoryMessage[] = [];

  add(message: HistoryMessage): void {
    this.#messages.push(message);
    if (this.#messages.length > KEPT_MESSAGES) this.#messages.shift();
  }

  /** The newest message, which must be an answer, in another wording; false where there is none. */
  reword(text: string): boolean {
    const newest = this.#messages.at(-1);
    if (!newest?.own) return false;
    this.#messages[this.#messages.length - 1] = { ...newest, text };
    return true;
  }

  /** Newest first. */
  newest(limit: number): readonly HistoryMessage[] {
    return this.#messages.slice(-limit).reverse();
  }
}

export const PERSON: Author = { id: 'person', name: 'You' };
export const PARLEY: Author = { id: 'parley', name: 'Parley' };
