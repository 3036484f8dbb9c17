import { InferenceError } from '../../errors.ts';
import type { TokenId } from '../engine.ts';

/**
 * The tokens that may come next, in `length` places of buffers that are used again for every token. Selection fills
 * `ids` and `scores`, softmax fills `probabilities`, and the filters after it lower `length`.
 */
export interface Candidates {
  length: number;
  /** Token ids: the likeliest first after a selection by rank, ascending when the whole vocabulary stays in. */
  ids: Int32Array;
  /** Logits, later divided by the temperature. */
  scores: Float64Array;
  probabilities: Float64Array;
}

export function createCandidates(): Candidates {
  return { length: 0, ids: new Int32Array(), scores: new Float64Array(), probabilities: new Float64Array() };
}

/** Empties the candidates and makes room for `capacity` of them; the buffers grow only the first time. */
export function clearCandidates(candidates: Candidates, capacity: number): void {
  candidates.length = 0;
  if (candidates.ids.length >= capacity) return;
  candidates.ids = new Int32Array(capacity);
  candidates.scores = new Float64Array(capacity);
  candidates.probabilities = new Float64Array(capacity);
}

/** Why no token can be drawn from these logits. */
export function unusableLogits(what: string): InferenceError {
  return new InferenceError(
    'PROMPT_FAILED',
    `The model's output for this text cannot be used (${what}), so no next token can be drawn. ` +
      'Ask again in other words; if it happens often, the model files may be damaged.',
  );
}

/** Whether token a with its score ranks before token b: by the higher score, among equals by the lower id. */
export function ranksBefore(scoreA: number, idA: TokenId, scoreB: number, idB: TokenId): boolean {
  return scoreA > scoreB || (scoreA === scoreB && idA < idB);
}
