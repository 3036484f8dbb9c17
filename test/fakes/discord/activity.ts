/** How long a test waits for something before it fails and says what it saw instead. */
const defaultTimeoutMs = 10_000;

export interface WaitOptions {
  /** Named in the error when the wait is over. */
  readonly what?: string;
  readonly timeoutMs?: number;
}

/**
 * Says that something happened on the server: a request, an edit, a heartbeat. Waiting tests look again exactly then,
 * so that no test polls or sleeps.
 */
export class Activity {
  readonly #waiting = new Set<() => void>();

  happened(): void {
    for (const look of [...this.#waiting]) look();
  }

  /**
   * Resolves with the first truthy value of `predicate`.
   * @throws Error after the timeout, with `describe`'s view of the server.
   */
  waitFor<T>(
    predicate: () => T | undefined | null | false,
    describe: () => string,
    options: WaitOptions = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = () => {
        this.#waiting.delete(look);
        clearTimeout(timer);
      };
      const look = () => {
        try {
          const value = predicate();
          if (!value) return;
          finish();
          resolve(value);
        } catch (error) {
          finish();
          reject(error);
        }
      };
      const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
      const timer = setTimeout(() => {
        finish();
        const what = options.what ?? predicate.toString();
        reject(new Error(`Waited ${timeoutMs} ms in vain for: ${what}\n${describe()}`));
      }, timeoutMs);
      this.#waiting.add(look);
      look();
    });
  }
}
