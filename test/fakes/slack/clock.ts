/** Stops a timer that has not fired yet. */
export interface Timer {
  cancel(): void;
}

interface Pending {
  readonly due: number;
  readonly run: () => void;
}

/**
 * Real time that a test can push forward: five minutes of a stream's life or of Slack's retry schedule pass in one
 * call. Everything in the fake that waits, waits on this clock.
 */
export class TestClock {
  #offset = 0;
  #pending = new Set<Pending>();
  #alarm: NodeJS.Timeout | undefined;

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.#offset;
  }

  after(milliseconds: number, run: () => void): Timer {
    const pending = { due: this.now() + milliseconds, run };
    this.#pending.add(pending);
    this.#arm();
    return { cancel: () => this.#pending.delete(pending) };
  }

  /** Moves the time forward, from timer to timer in the order in which they become due. */
  advance(milliseconds: number): void {
    const target = this.now() + milliseconds;
    for (let next = this.#next(); next !== undefined && next.due <= target; next = this.#next()) {
      this.#offset += Math.max(0, next.due - this.now());
      this.#pending.delete(next);
      next.run();
    }
    this.#offset += Math.max(0, target - this.now());
    this.#arm();
  }

  /** Forgets every timer. */
  stop(): void {
    this.#pending.clear();
    clearTimeout(this.#alarm);
  }

  #runDue(): void {
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.due > this.now()) break;
      this.#pending.delete(next);
      next.run();
    }
    this.#arm();
  }

  #next(): Pending | undefined {
    let next: Pending | undefined;
    for (const pending of this.#pending) if (next === undefined || pending.due < next.due) next = pending;
    return next;
  }

  #arm(): void {
    clearTimeout(this.#alarm);
    const next = this.#next();
    if (next === undefined) return;
    this.#alarm = setTimeout(() => this.#runDue(), Math.max(0, next.due - this.now()));
  }
}
