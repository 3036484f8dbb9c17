import { Recent } from './recent.ts';

/** More interactions than are ever open at once; each is open for 15 minutes at most. */
const REMEMBERED = 10_000;

/** Whether interactions were acknowledged: until then their tokens can do nothing else. */
export class Acknowledgements {
  readonly #known = new Recent<string, Promise<boolean>>(REMEMBERED);

  /** @param acknowledged settles with the acknowledgement's call. */
  expect(interaction: string, acknowledged: Promise<unknown>): void {
    const outcome = acknowledged.then(
      () => true,
      () => false,
    );
    this.#known.set(interaction, outcome);
  }

  /** Resolves when the call was answered. One of an earlier process was acknowledged, or nobody would know of it. */
  of(interaction: string): Promise<boolean> {
    return this.#known.get(interaction) ?? Promise.resolve(true);
  }
}
