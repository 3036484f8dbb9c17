import type { Score, TokenId } from './engine.ts';
import type { GraphRunner } from './graph-runner.ts';
import type { KvCache } from './kv-cache.ts';
import { extend, Prefill } from './prefill.ts';
import type { PrefixPool } from './prefix-pool.ts';
import { PIECE } from './prompt-pieces.ts';
import { unusableLogits } from './sampler/candidates.ts';

/** How likely each continuation is behind a prompt, which is computed once; one bounded piece of work a step. */
export class Scoring {
  readonly #runner: GraphRunner;
  readonly #scratch: KvCache;
  readonly #prefill: Prefill;
  readonly #promptLength: number;
  readonly #continuations: readonly (readonly TokenId[])[];
  readonly #scores: Score[] = [];
  #afterPrompt: Float32Array | undefined;
  #before: Float32Array | undefined;
  #logProbabilities: number[] = [];

  constructor(
    runner: GraphRunner,
    scratch: KvCache,
    pool: PrefixPool,
    prompt: readonly TokenId[],
    continuations: readonly (readonly TokenId[])[],
  ) {
    this.#runner = runner;
    this.#scratch = scratch;
    this.#promptLength = prompt.length;
    this.#continuations = continuations;
    this.#prefill = new Prefill(runner, scratch, pool, prompt);
  }

  /**
   * Gives the scores, in the continuations' order, when the last piece is done.
   *
   * @throws InferenceError `PROMPT_FAILED` when a likelihood is not a number.
   */
  async step(): Promise<readonly Score[] | undefined> {
    if (!this.#afterPrompt) {
      this.#afterPrompt = (await this.#prefill.step())?.slice();
      this.#before = this.#afterPrompt;
    } else {
      await this.#scorePiece();
    }
    // Empty continuations have nothing to compute.
    while (this.#afterPrompt && this.#current && this.#logProbabilities.length === this.#current.length)
      this.#finishOne();
    return this.#afterPrompt && !this.#current ? this.#scores : undefined;
  }

  get #current(): readonly TokenId[] | undefined {
    return this.#continuations[this.#scores.length];
  }

  async #scorePiece(): Promise<void> {
    const tokens = this.#current ?? [];
    const done = this.#logProbabilities.length;
    const piece = tokens.slice(done, done + PIECE);
    const { logits } = await extend(
      this.#runner,
      this.#scratch,
      piece,
      piece.map((_, i) => i),
    );
    const size = this.#runner.shape.vocabulary;
    // Position i's logits speak about token i + 1, so a token is judged by the logits before it.
    piece.forEach((token, i) => {
      const before = i === 0 ? this.#before : logits.subarray((i - 1) * size, i * size);
      this.#logProbabilities.push(before ? logProbability(before, token) : Number.NaN);
    });
    this.#before = logits.slice((piece.length - 1) * size);
  }

  #finishOne(): void {
    this.#scores.push({ tokens: this.#current ?? [], logProbabilities: this.#logProbabilities });
    this.#logProbabilities = [];
    this.#before = this.#afterPrompt;
    this.#scratch.truncate(0, this.#promptLength);
  }
}

/** log softmax(logits)[token], in double precision. */
function logProbability(logits: Float32Array, token: TokenId): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) highest = Math.max(highest, logits[i] as number);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp((logits[i] as number) - highest);
  const result = (logits[token] as number) - highest - Math.log(sum);
  if (Number.isNaN(result)) throw unusableLogits('a logit is infinite or not a number');
  return result;
}
