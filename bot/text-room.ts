import { unlessStopped } from './unless-stopped.ts';

/** Memory that a text takes, in bytes, at most: two for each character. */
const BYTES_PER_CHARACTER = 2;

interface Place {
  readonly bytes: number;
  readonly enter: () => void;
}

/**
 * Room for the texts that turns work on, all together. What does not fit waits, the longest waiting first, so that memory
 * stays bounded however many people send large files at once.
 */
export class TextRoom {
  readonly #bytes: number;
  #free: number;
  readonly #waiting: Place[] = [];

  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#free = bytes;
  }

  /** Bytes that are taken. */
  get taken(): number {
    return this.#bytes - this.#free;
  }

  /**
   * Waits for room and takes it.
   *
   * @param characters that the text may have at most.
   * @returns undefined when the signal came first.
   */
  async take(characters: number, signal: AbortSignal): Promise<TakenRoom | undefined> {
    // A text that is larger than all of it goes alone.
    const bytes = Math.min(characters * BYTES_PER_CHARACTER, this.#bytes);
    let entered: () => void = () => undefined;
    const inside = new Promise<true>((resolve) => {
      entered = () => resolve(true);
    });
    const place: Place = { bytes, enter: entered };
    this.#waiting.push(place);
    this.#admit();
    if (await unlessStopped(inside, signal)) return new TakenRoom(bytes, (freed) => this.#give(freed));
    const at = this.#waiting.indexOf(place);
    if (at >= 0) this.#waiting.splice(at, 1);
    // It was let in at the moment in which it was stopped.
    else this.#give(bytes);
    this.#admit();
    return undefined;
  }

  #give(bytes: number): void {
    this.#free += bytes;
    this.#admit();
  }

  #admit(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (!first || first.bytes > this.#free) return;
      this.#waiting.shift();
      this.#free -= first.bytes;
      first.enter();
    }
  }
}

export class TakenRoom {
  #bytes: number;
  readonly #give: (bytes: number) => void;

  constructor(bytes: number, give: (bytes: number) => void) {
    this.#bytes = bytes;
    this.#give = give;
  }

  /** The text is known, and most are shorter than they might have been. */
  keepOnly(characters: number): void {
    const bytes = Math.min(characters * BYTES_PER_CHARACTER, this.#bytes);
    const freed = this.#bytes - bytes;
    this.#bytes = bytes;
    this.#give(freed);
  }
}
