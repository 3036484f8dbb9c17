/** Values pushed on one side and read on the other with `for await`; leaving the loop early calls `onCancel`. */
export class Channel<T> implements AsyncIterable<T> {
  readonly #values: T[] = [];
  readonly #onCancel: () => void;
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(onCancel: () => void = () => undefined) {
    this.#onCancel = onCancel;
  }

  push(value: T): void {
    if (this.#ended) return;
    this.#values.push(value);
    this.#wake?.();
  }

  /** No more values; those already pushed are still read. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The reader gets the values already pushed, then this error. */
  fail(error: Error): void {
    if (this.#ended) return;
    this.#failure = error;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      while (true) {
        while (this.#values.length > 0) yield this.#values.shift() as T;
        if (this.#ended) break;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      if (this.#failure) throw this.#failure;
    } finally {
      if (!this.#ended) this.#onCancel();
      this.#ended = true;
    }
  }
}
