import type { TokenId } from './engine.ts';

/** Beyond this a wrong token near the beginning makes too much of the run worthless. */
const LONGEST = 15;
/** Places are found by their last three tokens, or two, or one; how much further back they agree is counted then. */
const INDEXED = 3;
/** Agreement beyond this many tokens says nothing more. */
const MOST_AGREEMENT = 8;
/**
 * How likely the next token is the one that followed earlier, by how many tokens before it agree: before anything is known
 * of this text. One token recurs by chance.
 */
const CHANCES: readonly number[] = [0, 0.1, 0.3, 0.5, 0.65, 0.75, 0.8, 0.85, 0.9];
/** What was seen of this reply weighs as much as the above after so many tokens, and the last so many count. */
const PRIOR_WEIGHT = 4;
const MEMORY = 32;
/**
 * Credit, in tokens computed alone: what wrong proposals may cost in all, and what each token adds to it (1.5 %). So a reply of
 * forty tokens or more can never come to take 3 % longer.
 */
const FIRST_CREDIT = 0.6;
const CREDIT_PER_TOKEN = 0.015;
const MOST_CREDIT = 4;

/** Tokens that are likely to come next, and for each how likely it is that it and all before it do. */
export interface Proposal {
  readonly tokens: readonly TokenId[];
  readonly chances: readonly number[];
  /** What checking it may cost, in tokens computed alone. */
  readonly credit: number;
}

/**
 * Prompt-lookup speculation: summaries and answers from a context repeat their context, so behind tokens that occurred
 * before, those that followed them then are likely to follow again. They are checked in one run of the model; every token is
 * still drawn from its own distribution with its own draw, so the text is the same as without, only sooner.
 *
 * How likely they are is learned from the reply itself, whether anything was proposed or not: what would have been right is
 * seen for nothing. A prompt teaches little of it, because summaries repeat their texts more than texts repeat themselves. All of it is a function of the tokens alone, never of time, so that a reply can be made again.
 */
export class Speculation {
  readonly #ids: TokenId[] = [];
  /** For each length, where the text goes on behind these tokens, at their latest occurrence but the present one. */
  readonly #after = Array.from({ length: INDEXED }, () => new Map<string | number, number>());
  /** By agreement: how often the token that followed earlier came again, of how many times. */
  readonly #came = CHANCES.map((chance) => chance * PRIOR_WEIGHT);
  readonly #seen = CHANCES.map(() => PRIOR_WEIGHT);
  #credit = FIRST_CREDIT;

  /** Takes notice of a token of the prompt, or of a text that was begun before. */
  read(id: TokenId): void {
    // What ends before this token is noted only now: at its end it must not find itself.
    for (let n = 1; n <= Math.min(INDEXED, this.#ids.length); n++)
      this.#after[n - 1]?.set(this.#lastTokens(n), this.#ids.length);
    this.#ids.push(id);
  }

  /** Takes notice of a token that was drawn. */
  accept(id: TokenId): void {
    const { at, agreement } = this.#earlier();
    if (at !== undefined) this.#observe(agreement, this.#ids[at] === id);
    this.read(id);
    this.#credit = Math.min(this.#credit + CREDIT_PER_TOKEN, MOST_CREDIT);
  }

  /** The likely next tokens, at most `most`; none where nothing is known or too much went wrong lately. */
  propose(most: number): Proposal {
    const { at, agreement } = this.#earlier();
    const length = this.#credit > 0 ? Math.min(LONGEST, most) : 0;
    const tokens = at === undefined ? [] : this.#ids.slice(at, at + length);
    let chance = 1;
    const chances = tokens.map((_, i) => {
      chance *= this.#chance(agreement + i);
      return chance;
    });
    return { tokens, chances, credit: this.#credit };
  }

  /** What checking a proposal has cost, in tokens computed alone, and how many tokens came true. */
  learn(cost: number, accepted: number): void {
    this.#credit = Math.min(this.#credit + accepted - cost, MOST_CREDIT);
  }

  /** Where the text went on behind the longest of its ends that occurred before, and how many tokens agree there. */
  #earlier(): { readonly at: number | undefined; readonly agreement: number } {
    for (let n = Math.min(INDEXED, this.#ids.length); n > 0; n--) {
      const at = this.#after[n - 1]?.get(this.#lastTokens(n));
      if (at === undefined) continue;
      let agreement = n;
      while (agreement < MOST_AGREEMENT && agreement < at && this.#agrees(at, agreement)) agreement++;
      return { at, agreement };
    }
    return { at: undefined, agreement: 0 };
  }

  #agrees(at: number, back: number): boolean {
    return this.#ids[at - 1 - back] === this.#ids[this.#ids.length - 1 - back];
  }

  #observe(agreement: number, came: boolean): void {
    const fade = 1 - 1 / MEMORY;
    this.#came[agreement] = (this.#came[agreement] ?? 0) * fade + (came ? 1 : 0);
    this.#seen[agreement] = (this.#seen[agreement] ?? 0) * fade + 1;
  }

  #chance(agreement: number): number {
    const i = Math.min(agreement, MOST_AGREEMENT);
    return (this.#came[i] ?? 0) / (this.#seen[i] ?? 1);
  }

  #lastTokens(n: number): string {
    return this.#ids.slice(-n).join();
  }
}
