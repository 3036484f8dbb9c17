import type { Clock } from '../clock.ts';
import { noLongerThan } from '../no-longer-than.ts';

/** Less than the ten seconds for which Discord shows it. */
const AGAIN_AFTER_MS = 8_000;

/** What a post waits for a typing on its way: one that arrives behind it would be shown for ten more seconds. */
const HEAD_START_MS = 100;

/** Shows again and again that an answer is on its way. */
export class Typing {
  readonly #show: () => Promise<void>;
  readonly #clock: Clock;
  #onItsWay: Promise<void> | undefined;
  #cancelNext: () => void = () => undefined;

  /** @param show never rejects. */
  constructor(show: () => Promise<void>, clock: Clock) {
    this.#show = show;
    this.#clock = clock;
  }

  start(): void {
    this.#cancelNext();
    this.#onItsWay ??= this.#show().finally(() => {
      this.#onItsWay = undefined;
    });
    this.#cancelNext = this.#clock.after(AGAIN_AFTER_MS, () => this.start());
  }

  /** From now on nothing is shown; resolves when what is on its way has arrived, or soon. */
  async stop(): Promise<void> {
    this.#cancelNext();
    if (!this.#onItsWay) return;
    await noLongerThan(HEAD_START_MS, this.#onItsWay, this.#clock);
  }
}
