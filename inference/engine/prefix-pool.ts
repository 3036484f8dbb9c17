import { createHash } from 'node:crypto';
import type { TokenId } from './engine.ts';
import type { KvArray } from './kv-cache.ts';
import { wholePieces } from './prompt-pieces.ts';

/** Keys and values of one piece of a prompt, as the graph gave them out. */
type Piece = KvArray;

/**
 * Keys and values of prompt pieces that were computed before: the examples of a task, the earlier turns of a conversation. A
 * piece is known by all tokens up to its end, and pieces always begin at the same places, so what is reused is, to the
 * last bit, what computing it again would give. The least recently used pieces go first.
 */
export class PrefixPool {
  readonly limitBytes: number;
  /** In order of use, the latest last. */
  readonly #pieces = new Map<string, Piece>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The known pieces at the beginning of a prompt; never all of it, because something must be computed to go on from. */
  find(ids: readonly TokenId[]): readonly Piece[] {
    const keys = pieceKeys(ids.slice(0, -1));
    this.#use(keys);
    const found: Piece[] = [];
    for (const key of keys) {
      const piece = this.#pieces.get(key);
      if (!piece) break;
      found.push(piece);
    }
    return found;
  }

  /** Keeps the last piece of these tokens, if they end where a piece does. */
  keep(ids: readonly TokenId[], piece: Piece): void {
    if (wholePieces(ids.length).at(-1) !== ids.length || piece.byteLength > this.limitBytes) return;
    const keys = pieceKeys(ids);
    const key = keys.at(-1);
    if (key === undefined || this.#pieces.has(key)) return;
    this.#pieces.set(key, piece);
    this.#bytes += piece.byteLength;
    this.#use(keys);
    for (const [oldest, { byteLength }] of this.#pieces) {
      if (this.#bytes <= this.limitBytes) break;
      this.#pieces.delete(oldest);
      this.#bytes -= byteLength;
    }
  }

  /** The first pieces count as used last: without them those behind could not be found. */
  #use(keys: readonly string[]): void {
    for (const key of keys.toReversed()) {
      const piece = this.#pieces.get(key);
      if (!piece) continue;
      this.#pieces.delete(key);
      this.#pieces.set(key, piece);
    }
  }
}

/** A key for each whole piece, made of everything up to its end. */
function pieceKeys(ids: readonly TokenId[]): string[] {
  const hash = createHash('sha256');
  let begin = 0;
  return wholePieces(ids.length).map((end) => {
    hash.update(Uint32Array.from(ids.slice(begin, end)));
    begin = end;
    return hash.copy().digest('base64');
  });
}
