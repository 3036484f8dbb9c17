import { Recent } from '../recent.ts';

/** More interactions than are ever open at once; each is open for 15 minutes at most. */
const REMEMBERED = 10_000;

/** When interactions are acknowledged: until then their tokens can do nothing else. */
export class Acknowledgements {
  readonly #known = new Recent<string, Promise<void>>(REMEMBERED);

  /** @param acknowledged settles with the acknowledgement's call. */
  expect(interaction: string, acknowledged: Promise<unknown>): void {
    const over = () => undefined;
    this.#known.set(interaction, acknowledged.then(over, over));
  }

  /**
   * Resolves when the call is over. Whether it has failed says nothing, since it may have arrived all the same; of what
   * was not acknowledged Discord refuses the token.
   */
  async over(interaction: string): Promise<void> {
    await this.#known.get(interaction);
  }
}
