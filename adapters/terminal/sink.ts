import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes no faster than the reader reads, and knows when the reader has gone (`| head -1`). */
export class Sink {
  readonly #stream: Writable;
  readonly #gone: Promise<void>;
  #open = true;

  constructor(stream: Writable) {
    this.#stream = stream;
    this.#gone = new Promise((resolve) => {
      const close = () => {
        this.#open = false;
        resolve();
      };
      // An error here is a reader who has seen enough: nothing that anybody could still be told about.
      stream.on('error', close);
      stream.on('close', close);
    });
  }

  /** False once the reader has gone. */
  get open(): boolean {
    return this.#open;
  }

  /** Settles when the reader has gone. */
  get gone(): Promise<void> {
    return this.#gone;
  }

  async write(text: string): Promise<void> {
    if (!this.#open || text === '' || this.#stream.write(text)) return;
    await Promise.race([once(this.#stream, 'drain').catch(() => undefined), this.#gone]);
  }

  /** Settles when everything written is out of this process, as far as it can get. */
  async flush(): Promise<void> {
    if (!this.#open) return;
    const flushed = new Promise<void>((resolve) => {
      this.#stream.write('', () => resolve());
    });
    await Promise.race([flushed, this.#gone]);
  }
}
