import { InferenceError } from '../errors.ts';
import type { TokenId } from './engine.ts';

/**
 * Turns tokens, one by one, into text that may be shown. What leaves is final: whole characters (code points), never
 * part of a stop string. The same tokens always give the same text, so a resumed reply replays what people have seen
 * and goes on behind it.
 */
export class TextStream {
  readonly #bytesOf: (id: TokenId) => Uint8Array;
  readonly #stop: readonly string[];
  // A byte order mark is text like any other here: without this option the decoder swallows it.
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  /** Text that may be the beginning of a stop string. */
  #held = '';
  #stopped = false;

  /**
   * @param bytesOf The bytes of a token; they may begin or end within a character.
   * @param stop The text ends before the first of these.
   * @throws InferenceError `REQUEST_INVALID` when a stop string is empty: no text comes before it.
   */
  constructor(bytesOf: (id: TokenId) => Uint8Array, stop: readonly string[]) {
    if (stop.includes('')) {
      throw new InferenceError('REQUEST_INVALID', 'A stop string is empty. Give it text, or leave it out.');
    }
    this.#bytesOf = bytesOf;
    // Decoded text has no lone surrogates, and a stop string that had one could cut a character in two.
    this.#stop = stop.map((text) => text.replace(/\p{Surrogate}/gu, '\uFFFD'));
  }

  /** Whether a stop string was found: nothing will leave any more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** The text that may be shown now; empty while a character or a stop string is undecided. */
  push(id: TokenId): string {
    if (this.#stopped) return '';
    this.#held += this.#utf8.decode(this.#bytesOf(id), { stream: true });
    return this.#release(false);
  }

  /** The text that was held back, when no more tokens come. A character that never became whole is dropped. */
  end(): string {
    return this.#stopped ? '' : this.#release(true);
  }

  /**
   * Lets go what comes before the first place where a stop string stands or may still come to stand. A stop string
   * that begins later waits for one that begins earlier, so that the cut does not depend on where tokens end.
   */
  #release(last: boolean): string {
    const text = this.#held;
    let at = 0;
    while (at < text.length) {
      if (this.#stop.some((stop) => text.startsWith(stop, at))) {
        this.#stopped = true;
        this.#held = '';
        return text.slice(0, at);
      }
      if (!last && this.#stop.some((stop) => stop.startsWith(text.slice(at)))) break;
      at++;
    }
    this.#held = text.slice(at);
    return text.slice(0, at);
  }
}
