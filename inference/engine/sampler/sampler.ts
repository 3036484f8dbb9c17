import type { Sampling, Seed, TokenId } from '../engine.ts';
import { uniform } from '../random.ts';
import { createCandidates } from './candidates.ts';
import { type Distribution, draw } from './draw.ts';
import { selectLikeliest } from './greedy.ts';
import { keepMinP } from './min-p.ts';
import { forbidRepeatedNgrams } from './no-repeat-ngram.ts';
import { normalize } from './normalize.ts';
import { selectNucleus } from './nucleus.ts';
import { penalizeRepetition } from './repetition-penalty.ts';
import { softmax } from './softmax.ts';
import { applyTemperature } from './temperature.ts';
import { selectTopK } from './top-k.ts';
import { keepTopP } from './top-p.ts';
import { validateSampling } from './validate-sampling.ts';
import { selectWholeVocabulary } from './whole-vocabulary.ts';

/**
 * Draws the tokens of one text. What it knows is a function of the ids it has accepted, in order, so a resumed reply
 * samples on as if it had never stopped.
 */
export interface Sampler {
  /** Takes notice of a token of prompt or text; the next distribution depends on it. */
  accept(token: TokenId): void;
  /**
   * The distribution of the next token after all filters. Its arrays are good until the next call.
   *
   * @param logits One for each token of the vocabulary; changed in place.
   * @throws InferenceError `PROMPT_FAILED` when a logit is not a number or nothing is left to draw.
   */
  distribution(logits: Float32Array): Distribution;
  /**
   * Draws the next token, without accepting it.
   *
   * @param drawIndex Tokens drawn before for this text; greedy choices count too, so that the index of a token does
   * not depend on the temperature.
   * @throws InferenceError as `distribution`.
   */
  sample(logits: Float32Array, drawIndex: number): TokenId;
}

/**
 * The filters follow Hugging Face transformers in meaning and order: repetition penalty and n-grams on the logits, then
 * temperature, top-k, top-p and min-p, each on what the one before it left.
 *
 * @param context Ids of prompt and text so far, as if each had been accepted.
 * @throws InferenceError `REQUEST_INVALID` when a sampling option is out of its range.
 */
export function createSampler(sampling: Sampling, seed: Seed, context: Iterable<TokenId> = []): Sampler {
  validateSampling(sampling);
  const { temperature, topK, topP, minP, repetitionPenalty, noRepeatNgram } = sampling;
  const written: TokenId[] = [];
  const distinct = new Set<TokenId>();
  const candidates = createCandidates();

  /** Fills the candidates; what it returns is the weight of the tokens outside them (see `softmax`). */
  function select(logits: Float32Array): number {
    const limitsCount = topK > 0 && topK < logits.length;
    if (temperature === 0) selectLikeliest(logits, candidates);
    else if (limitsCount) selectTopK(logits, topK, candidates);
    else if (topP < 1) return selectNucleus(logits, topP, temperature, candidates);
    else selectWholeVocabulary(logits, candidates);
    return 0;
  }

  function distribution(logits: Float32Array): Distribution {
    penalizeRepetition(logits, distinct, repetitionPenalty);
    forbidRepeatedNgrams(logits, written, noRepeatNgram);
    const outside = select(logits);
    // Greedy selection leaves one candidate, to which any temperature gives all of the probability.
    applyTemperature(candidates, temperature === 0 ? 1 : temperature);
    softmax(candidates, outside);
    keepTopP(candidates, topP);
    keepMinP(candidates, minP);
    normalize(candidates);
    const { ids, probabilities, length } = candidates;
    return { ids: ids.subarray(0, length), probabilities: probabilities.subarray(0, length) };
  }

  function accept(token: TokenId): void {
    written.push(token);
    distinct.add(token);
  }

  for (const token of context) accept(token);
  return {
    accept,
    distribution,
    sample: (logits, drawIndex) => draw(distribution(logits), uniform(seed, drawIndex)),
  };
}
