import type { TokenId } from '../../inference/engine/engine.ts';

/** What a model makes of the token at one place of a text. */
export interface Guess {
  /** The natural logarithm of the likelihood of the token that is there. */
  readonly logProbability: number;
  readonly likeliest: TokenId;
  /** Kullback-Leibler divergence from the original's likelihoods of all tokens, in nats: never below zero, and zero where they are the same. */
  readonly divergence: number;
}

/** What two models make of the same place. @param token What is there. */
export function guessesAt(
  original: Float32Array,
  other: Float32Array,
  token: TokenId,
): readonly [original: Guess, other: Guess] {
  const [was, is] = [normalized(original), normalized(other)];
  let divergence = 0;
  for (let id = 0; id < original.length; id++) {
    const before = (original[id] ?? 0) - was.logSum;
    divergence += Math.exp(before) * (before - ((other[id] ?? 0) - is.logSum));
  }
  const at = (logits: Float32Array, { logSum }: { logSum: number }) => (logits[token] ?? Number.NaN) - logSum;
  return [
    { logProbability: at(original, was), likeliest: was.best, divergence: 0 },
    { logProbability: at(other, is), likeliest: is.best, divergence },
  ];
}

function normalized(logits: Float32Array): { readonly best: TokenId; readonly logSum: number } {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if ((logits[id] ?? 0) > (logits[best] ?? 0)) best = id;
  const highest = logits[best] ?? 0;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  return { best, logSum: highest + Math.log(sum) };
}

/**
 * The mean of what was found token by token, and its standard error. Tokens of one window of text have much in common, so chance
 * is what windows differ by, and not what tokens do.
 *
 * @param windows What was found in each window, by token.
 */
export function meanWithError(windows: readonly (readonly number[])[]): { mean: number; error: number } {
  const count = sum(windows.map((values) => values.length));
  const mean = sum(windows.map(sum)) / count;
  const deviations = windows.map((values) => sum(values) - values.length * mean);
  return { mean, error: Math.sqrt(sum(deviations.map((deviation) => deviation ** 2))) / count };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
