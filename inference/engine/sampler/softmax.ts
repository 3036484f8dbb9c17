import type { Candidates } from './candidates.ts';

/**
 * Turns scores, of which the highest is 0, into probabilities.
 *
 * @param outside Weight of tokens that are not among the candidates but have a share all the same, in units of the
 * likeliest token's weight (see `selectNucleus`).
 */
export function softmax(candidates: Candidates, outside = 0): void {
  const { scores, probabilities, length } = candidates;
  let sum = outside;
  for (let i = 0; i < length; i++) {
    const weight = Math.exp(scores[i]);
    probabilities[i] = weight;
    sum += weight;
  }
  for (let i = 0; i < length; i++) probabilities[i] = probabilities[i] / sum;
}
