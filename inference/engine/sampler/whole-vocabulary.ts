import { type Candidates, clearCandidates, unusableLogits } from './candidates.ts';

/**
 * Keeps every token that is not ruled out, in the order of ids: nothing that follows needs them sorted, and sorting a
 * vocabulary costs more than a step of the model.
 */
export function selectWholeVocabulary(logits: Float32Array, candidates: Candidates): void {
  clearCandidates(candidates, logits.length);
  const { ids, scores } = candidates;
  let length = 0;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id];
    if (logit === Number.NEGATIVE_INFINITY) continue;
    if (!(logit < Number.POSITIVE_INFINITY)) throw unusableLogits('a logit is infinite or not a number');
    ids[length] = id;
    scores[length] = logit;
    length++;
  }
  if (length === 0) throw unusableLogits('every token is ruled out');
  candidates.length = length;
}
