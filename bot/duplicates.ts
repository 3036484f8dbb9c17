/**
 * Remembers which ids were seen, up to a number of them; the oldest are forgotten first. Platforms deliver an event
 * again when they doubt that it arrived, for some minutes: the memory need only be longer than that.
 */
export class Duplicates {
  readonly #limit: number;
  readonly #seen = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True when the id was seen before; from now on it is. */
  seenBefore(id: string): boolean {
    if (this.#seen.has(id)) return true;
    this.#seen.add(id);
    if (this.#seen.size > this.#limit) {
      for (const oldest of this.#seen) {
        this.#seen.delete(oldest);
        break;
      }
    }
    return false;
  }
}
