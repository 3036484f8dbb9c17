import { type Candidates, createCandidates } from '../../../../inference/engine/sampler/candidates.ts';

/** Candidates with these probabilities, ids 0, 1, 2 … */
export function withProbabilities(...probabilities: readonly number[]): Candidates {
  return {
    length: probabilities.length,
    ids: Int32Array.from(probabilities.keys()),
    scores: new Float64Array(probabilities.length),
    probabilities: Float64Array.from(probabilities),
  };
}

/** Candidates with these scores, ids 0, 1, 2 … */
export function withScores(...scores: readonly number[]): Candidates {
  const candidates = withProbabilities(...scores);
  candidates.scores.set(scores);
  return candidates;
}

/** Runs a selection on fresh candidates and gives the chosen ids, in order. */
export function chosen(select: (candidates: Candidates) => unknown): readonly number[] {
  const candidates = createCandidates();
  select(candidates);
  return idsOf(candidates);
}

export function idsOf({ ids, length }: Candidates): readonly number[] {
  return [...ids.subarray(0, length)];
}

export function probabilitiesOf({ probabilities, length }: Candidates): readonly number[] {
  return [...probabilities.subarray(0, length)];
}
