import { type Candidates, clearCandidates, unusableLogits } from './candidates.ts';

/** Leaves only the likeliest token, the one with the lowest id among equals. */
export function selectLikeliest(logits: Float32Array, candidates: Candidates): void {
  clearCandidates(candidates, 1);
  let best = Number.NEGATIVE_INFINITY;
  let bestId = -1;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id];
    // Negated, because NaN passes it too: finding one costs nothing.
    if (!(logit <= best)) {
      if (!(logit < Number.POSITIVE_INFINITY)) throw unusableLogits('a logit is infinite or not a number');
      best = logit;
      bestId = id;
    }
  }
  if (bestId < 0) throw unusableLogits('every token is ruled out');
  candidates.ids[0] = bestId;
  candidates.scores[0] = best;
  candidates.length = 1;
}
