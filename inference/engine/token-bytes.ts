import { bytesOfEntry } from './byte-level.ts';
import type { TokenId } from './engine.ts';

const NONE = new Uint8Array();

/** The bytes of every token, in one buffer: 50,257 small arrays would take tens of megabytes. */
export class TokenBytes {
  readonly #buffer: Uint8Array;
  /** Token i has the bytes from starts[i] up to starts[i + 1]. */
  readonly #starts: Uint32Array;

  /** @param endOfText Has no bytes, whatever its entry looks like. */
  constructor(vocabulary: ReadonlyMap<string, TokenId>, endOfText: TokenId) {
    const entries: (readonly number[])[] = [];
    for (const [entry, id] of vocabulary) {
      // Ids without an entry come as undefined from the library.
      if (typeof entry === 'string' && id !== endOfText) entries[id] = bytesOfEntry(entry) ?? [];
    }
    this.#starts = new Uint32Array(entries.length + 1);
    let total = 0;
    for (let id = 0; id < entries.length; id++) {
      total += entries[id]?.length ?? 0;
      this.#starts[id + 1] = total;
    }
    this.#buffer = new Uint8Array(total);
    entries.forEach((bytes, id) => {
      this.#buffer.set(bytes, this.#starts[id]);
    });
  }

  /** A view, not a copy. Empty for end-of-text and for ids that the vocabulary does not have. */
  of(id: TokenId): Uint8Array {
    const start = this.#starts[id];
    const end = this.#starts[id + 1];
    return start === undefined || end === undefined ? NONE : this.#buffer.subarray(start, end);
  }
}
