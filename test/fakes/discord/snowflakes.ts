/** 2015-01-01T00:00:00Z, where Discord's ids begin. */
const discordEpoch = 1_420_070_400_000n;

/** The last 22 bits count within a millisecond. */
const perMillisecond = 1n << 22n;

/**
 * Ids as Discord makes them: milliseconds since 2015 in the upper bits, always growing. At today's dates they have 19
 * digits; discord.js tells routes apart by ids of 17 to 19 digits.
 */
export class Snowflakes {
  #last = 0n;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  next(): string {
    const fromTime = (BigInt(this.#now()) - discordEpoch) * perMillisecond;
    this.#last = fromTime > this.#last ? fromTime : this.#last + 1n;
    return this.#last.toString();
  }
}

/** Whether id `a` is older than id `b`. */
export function isOlder(a: string, b: string): boolean {
  return BigInt(a) < BigInt(b);
}

export function isSnowflake(text: string): boolean {
  return /^\d{17,19}$/.test(text);
}
