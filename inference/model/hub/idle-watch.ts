import type { Clock } from './clock.ts';
import { HubError } from './hub-error.ts';

/**
 * Ends a transfer that stands still: its signal is aborted when nothing was `touch`ed for a while, or when the outer
 * signal is. A slow transfer that still moves may take as long as it needs.
 */
export class IdleWatch {
  readonly signal: AbortSignal;
  /** Who is being waited for. */
  host: string;
  readonly #clock: Clock;
  readonly #stopped = new AbortController();
  #last: number;

  constructor(clock: Clock, milliseconds: number, host: string, outer: AbortSignal | undefined) {
    this.host = host;
    this.#clock = clock;
    this.#last = clock.monotonic();
    const silent = new AbortController();
    this.signal = outer ? AbortSignal.any([outer, silent.signal]) : silent.signal;
    void this.#watch(milliseconds).then((expired) => {
      if (!expired) return;
      const message = `${this.host} sent nothing for ${milliseconds / 1000} s. Check the network.`;
      silent.abort(new HubError('HUB_UNREACHABLE', message, { retry: 'yes' }));
    });
  }

  touch(): void {
    this.#last = this.#clock.monotonic();
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #watch(milliseconds: number): Promise<boolean> {
    for (;;) {
      const rest = this.#last + milliseconds - this.#clock.monotonic();
      if (rest <= 0) return true;
      try {
        await this.#clock.sleep(rest, this.#stopped.signal);
      } catch {
        return false;
      }
    }
  }
}
