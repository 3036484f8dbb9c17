import type { TokenId } from '../../inference/engine/engine.ts';

/** What a model makes of the token at one place of a text. */
export interface Guess {
  /** The natural logarithm of the likelihood of the token that is there. */
  readonly logProbability: number;
  readonly likeliest: TokenId;
  /** Kullback-Leibler divergence from the original's likelihoods of all tokens, in nats: never below zero, and zero where they are the same. */
  readonly divergence: number;
}

/** What a model expects at one place of a text. */
export interface Prediction {
  readonly logits: Float32Array;
  readonly likeliest: TokenId;
  /** Likelihoods of all tokens, as multiples of the highest, and their sum. */
  readonly shares: Float64Array;
  readonly total: number;
  /** What is subtracted from a logit to have the logarithm of the likelihood. */
  readonly logTotal: number;
}

export function predictionOf(logits: Float32Array): Prediction {
  let likeliest = 0;
  for (let id = 1; id < logits.length; id++) {
    if ((logits[id] ?? 0) > (logits[likeliest] ?? 0)) likeliest = id;
  }
  const highest = logits[likeliest] ?? 0;
  const shares = new Float64Array(logits.length);
  let total = 0;
  for (let id = 0; id < logits.length; id++) {
    const share = Math.exp((logits[id] ?? 0) - highest);
    shares[id] = share;
    total += share;
  }
  return { logits, likeliest, shares, total, logTotal: highest + Math.log(total) };
}

/** @param token What is there. */
export function guessOf(original: Prediction, other: Prediction, token: TokenId): Guess {
  const { logits, shares, total, logTotal } = original;
  let further = 0;
  for (let id = 0; id < logits.length; id++) {
    further += (shares[id] ?? 0) * ((logits[id] ?? 0) - (other.logits[id] ?? 0));
  }
  return {
    logProbability: (other.logits[token] ?? Number.NaN) - other.logTotal,
    likeliest: other.likeliest,
    divergence: further / total - logTotal + other.logTotal,
  };
}

/**
 * The mean of what was found token by token, and its standard error. Tokens of one window of text have much in common, so chance
 * is what windows differ by, and not what tokens do; one window alone says nothing of it.
 *
 * @param windows What was found in each window, by token.
 */
export function meanWithError(windows: readonly (readonly number[])[]): {
  readonly mean: number;
  readonly error: number | undefined;
} {
  const count = sum(windows.map((values) => values.length));
  const mean = sum(windows.map(sum)) / count;
  const deviations = windows.map((values) => sum(values) - values.length * mean);
  const seen = Math.sqrt(sum(deviations.map((deviation) => deviation ** 2))) / count;
  // Their own mean is nearer to few windows than the true one is.
  return {
    mean,
    error: windows.length > 1 ? seen * Math.sqrt(windows.length / (windows.length - 1)) : undefined,
  };
}

/**
 * How much higher a perplexity is than the original's, in per cent, and the standard error of that, where more than one window
 * tells.
 *
 * @param before The original's logarithms of the likelihood of each token, by window.
 * @param after The other's, of the same tokens.
 */
export function perplexityHigher(
  before: readonly (readonly number[])[],
  after: readonly (readonly number[])[],
): { readonly percent: number; readonly error: number | undefined } {
  const lost = before.map((window, w) => window.map((one, i) => one - (after[w]?.[i] ?? Number.NaN)));
  const { mean, error } = meanWithError(lost);
  const times = Math.exp(mean);
  return {
    percent: (times - 1) * 100,
    // What the logarithm may be off by, times how fast the power rises there.
    error: error === undefined ? undefined : error * times * 100,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
