import type { TestClock } from './clock.ts';
import type { Random } from './random.ts';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Ids in Slack's shapes: a letter for the kind, then capitals and digits. Repeatable for one seed. */
export class Identifiers {
  readonly #clock: TestClock;
  readonly #random: Random;
  #lastMicroseconds = 0;

  constructor(clock: TestClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** `U07K2M9QX4T`: eleven characters. */
  id(prefix: string): string {
    return prefix + this.characters(11 - prefix.length);
  }

  characters(count: number): string {
    let text = '';
    for (let index = 0; index < count; index += 1)
      text += LETTERS[Math.floor(this.#random() * LETTERS.length)];
    return text;
  }

  uuid(): string {
    const hex = [...this.characters(32)]
      .map((letter) => (LETTERS.indexOf(letter) % 16).toString(16))
      .join('');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  /** A message's `ts`: seconds with six decimals, never the same twice, always later than the one before. */
  ts(): string {
    this.#lastMicroseconds = Math.max(this.#lastMicroseconds + 1, Math.floor(this.#clock.now() * 1000));
    return `${Math.floor(this.#lastMicroseconds / 1e6)}.${String(this.#lastMicroseconds % 1e6).padStart(6, '0')}`;
  }
}
