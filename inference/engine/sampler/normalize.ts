import type { Candidates } from './candidates.ts';

/** Gives the probabilities of what the filters left the sum of 1 again. */
export function normalize({ probabilities, length }: Candidates): void {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += probabilities[i];
  for (let i = 0; i < length; i++) probabilities[i] = probabilities[i] / sum;
}
