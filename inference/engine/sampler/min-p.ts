import type { Candidates } from './candidates.ts';

/** Keeps the tokens that are at least this share as likely as the likeliest (Nguyen et al. 2024), in their order. */
export function keepMinP(candidates: Candidates, share: number): void {
  if (share === 0) return;
  const { ids, probabilities, length } = candidates;
  let highest = 0;
  for (let i = 0; i < length; i++) highest = Math.max(highest, probabilities[i]);
  let kept = 0;
  for (let i = 0; i < length; i++) {
    const probability = probabilities[i];
    if (probability < share * highest) continue;
    ids[kept] = ids[i];
    probabilities[kept] = probability;
    kept++;
  }
  candidates.length = kept;
}
