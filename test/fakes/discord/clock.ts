/**
 * The server's time: it runs with the machine's, and tests push it forward to see tokens expire without waiting.
 * Rate limit windows and sockets stay on real time, because the client under test waits for them in real time.
 */
export class FakeClock {
  #ahead = 0;
  readonly #onAdvance: () => void;

  constructor(onAdvance: () => void) {
    this.#onAdvance = onAdvance;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  advance(milliseconds: number): void {
    if (milliseconds < 0) throw new RangeError('Time on the fake server only goes forward.');
    this.#ahead += milliseconds;
    this.#onAdvance();
  }
}
