/** How long a test waits before it is told what was missing, in milliseconds of real time. */
const WAIT_LIMIT_MS = 15_000;

export interface WaitOptions {
  /** Said in the error when the wait was in vain. */
  readonly what?: string;
  /** Milliseconds of real time. */
  readonly within?: number;
}

/** Tells waiting tests that something in the fake changed, so that nobody polls. */
export class Changes {
  readonly #waiting = new Set<() => void>();

  notify(): void {
    for (const look of [...this.#waiting]) look();
  }

  /**
   * The first value of `look` that is neither undefined, null nor false; asked now and after every change.
   *
   * @throws Error after `within` milliseconds, with `describe()` as the state of things.
   */
  until<T>(
    look: () => T | undefined | null | false,
    describe: () => string,
    options: WaitOptions = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => {
        this.#waiting.delete(attempt);
        clearTimeout(limit);
        done();
      };
      const attempt = () => {
        try {
          const value = look();
          if (value !== undefined && value !== null && value !== false) settle(() => resolve(value));
        } catch (error) {
          settle(() => reject(error));
        }
      };
      const within = options.within ?? WAIT_LIMIT_MS;
      const limit = setTimeout(() => {
        settle(() => reject(new Error(`Waited ${within} ms for ${options.what ?? 'it'}.\n${describe()}`)));
      }, within);
      this.#waiting.add(attempt);
      attempt();
    });
  }
}
