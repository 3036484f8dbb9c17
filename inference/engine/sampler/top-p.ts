import type { Candidates } from './candidates.ts';

/**
 * Keeps the smallest set of the likeliest tokens whose probabilities add up to p (nucleus sampling, Holtzman et al.
 * 2020), the likeliest always. The candidates are in descending order.
 */
export function keepTopP(candidates: Candidates, p: number): void {
  if (p === 1) return;
  const { probabilities, length } = candidates;
  let sum = 0;
  for (let i = 0; i < length; i++) {
    sum += probabilities[i];
    if (sum >= p) {
      candidates.length = i + 1;
      return;
    }
  }
}
