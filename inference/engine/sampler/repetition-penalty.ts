import type { TokenId } from '../engine.ts';

/**
 * Makes tokens that are already in the text less likely: their logits are divided by the penalty, or multiplied by it
 * when below zero (CTRL, Keskar et al. 2019, section 4.1). Works in place.
 *
 * @param written The distinct ids of prompt and text: a token is penalised once, however often it occurs.
 */
export function penalizeRepetition(logits: Float32Array, written: Iterable<TokenId>, penalty: number): void {
  if (penalty === 1) return;
  for (const id of written) {
    const logit = logits[id];
    if (logit === undefined) continue;
    logits[id] = logit < 0 ? logit * penalty : logit / penalty;
  }
}
