import type { TokenId } from './engine.ts';

/** An n-gram of this length must occur earlier before its continuation is proposed; shorter ones recur by chance. */
const NGRAM = 3;
/** Proposals begin short and grow while they are right. */
const FIRST_LENGTH = 3;
const LONGEST = 15;
/**
 * What checking one more token in a run costs, in tokens computed alone: an eighth on the machine measured, because a run
 * reads all weights anyway; a fifth to be on the safe side.
 */
const COST = 0.2;
/** Credit, in tokens computed alone: what wrong proposals may cost in all, and what each token adds to it (1 %). */
const FIRST_CREDIT = 0.5;
const CREDIT_PER_TOKEN = 0.01;
const MOST_CREDIT = 4;

/**
 * Prompt-lookup speculation: summaries and answers from a context repeat their context, so behind an n-gram that occurred
 * before, the tokens that followed it then are likely to follow again. They are checked in one run of the model; every
 * token is still drawn from its own distribution with its own draw, so the text is the same as without, only sooner.
 *
 * What it proposes is a function of the tokens alone, never of time, so that a reply can be made again.
 */
export class Speculation {
  readonly #ids: TokenId[] = [];
  /** Where the text goes on behind each n-gram, at its latest occurrence but the present one. */
  readonly #after = new Map<string, number>();
  #length = FIRST_LENGTH;
  #credit = FIRST_CREDIT;

  /** Takes notice of a token of prompt or text. */
  accept(id: TokenId): void {
    // The n-gram that ends before this token is noted only now: at its end it must not find itself.
    if (this.#ids.length >= NGRAM) this.#after.set(this.#lastNgram(), this.#ids.length);
    this.#ids.push(id);
    this.#credit = Math.min(this.#credit + CREDIT_PER_TOKEN, MOST_CREDIT);
  }

  /** The likely next tokens, at most `most`; none where nothing is known or too much went wrong lately. */
  propose(most: number): readonly TokenId[] {
    const affordable = Math.floor(this.#credit / COST);
    const length = Math.min(this.#length, most, affordable);
    if (length < 1 || this.#ids.length < NGRAM) return [];
    const at = this.#after.get(this.#lastNgram());
    return at === undefined ? [] : this.#ids.slice(at, at + length);
  }

  /** How many of the proposed tokens came true. */
  learn(proposed: number, accepted: number): void {
    this.#credit = Math.min(this.#credit + accepted - proposed * COST, MOST_CREDIT);
    this.#length =
      accepted === proposed
        ? Math.min(this.#length * 2, LONGEST)
        : Math.max(1, Math.min(accepted + 1, this.#length));
  }

  #lastNgram(): string {
    return this.#ids.slice(-NGRAM).join();
  }
}
