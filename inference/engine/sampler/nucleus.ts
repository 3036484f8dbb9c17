import type { Candidates } from './candidates.ts';
import { selectTopK } from './top-k.ts';

/** Text that is worth reading seldom has a nucleus of more tokens than this. */
const FIRST_GUESS = 256;
/** Few tries even for a flat distribution, and none much larger than what is needed. */
const GROWTH = 8;

/**
 * Keeps as many of the likeliest tokens, in descending order, as hold a share p of the whole vocabulary's probability,
 * or more; top-p then cuts exactly. It takes the best 256 and eight times as many while they do not suffice: sorting
 * the whole vocabulary would cost more than a step of the model, and is left to the flattest distributions.
 *
 * @returns The weight of all tokens left out, in units of the likeliest token's weight: what softmax needs to give the
 * kept ones their share of the whole.
 */
export function selectNucleus(
  logits: Float32Array,
  p: number,
  temperature: number,
  candidates: Candidates,
): number {
  let whole: number | undefined;
  for (let k = FIRST_GUESS; ; k *= GROWTH) {
    selectTopK(logits, k, candidates);
    const highest = candidates.scores[0];
    whole ??= weight(logits, logits.length, highest, temperature);
    const kept = weight(candidates.scores, candidates.length, highest, temperature);
    if (kept >= p * whole || k >= logits.length) return Math.max(0, whole - kept);
  }
}

function weight(scores: ArrayLike<number>, length: number, highest: number, temperature: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += Math.exp((scores[i] - highest) / temperature);
  return sum;
}
