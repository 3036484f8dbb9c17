import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** A reader who has seen enough (`| head -1`), or a terminal that was closed: nothing that anybody must be told about. */
const READER_LEFT: readonly unknown[] = ['EPIPE', 'ECONNRESET', 'EIO', 'ERR_STREAM_DESTROYED'];

/** Writes no faster than the reader reads, and knows when nothing can be written any more. */
export class Sink {
  readonly #stream: Writable;
  readonly #gone: Promise<void>;
  #open = true;
  #failure: Error | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    this.#gone = new Promise((resolve) => {
      const close = (error?: Error | null) => {
        if (error && 'code' in error && !READER_LEFT.includes(error.code)) this.#failure ??= error;
        this.#open = false;
        resolve();
      };
      stream.on('error', close);
      stream.on('close', () => close());
      if (stream.destroyed) close(stream.errored);
    });
  }

  /** False once nothing can be written any more. */
  get open(): boolean {
    return this.#open;
  }

  /** Why not, where it is not the reader's own wish: a full disk. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Settles when nothing can be written any more. */
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
