import type { Engine } from '../engine/engine.ts';
import { percent } from './notes.ts';

/** A text that may stand in a gap, and the logarithm of how likely the whole is with it. */
export interface Ranked {
  readonly text: string;
  readonly logLikelihood: number;
  /** Tokens of which the likelihood is the product. */
  readonly tokens: number;
}

/** Of all that was ranked, how much each has of the likelihood; in the same order. */
export function shares(ranked: readonly Ranked[]): readonly number[] {
  const highest = Math.max(...ranked.map(({ logLikelihood }) => logLikelihood));
  const weights = ranked.map(({ logLikelihood }) => Math.exp(logLikelihood - highest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * The perplexity of ordinary sentences is below 100 for any model that knows their language; a text whose every token is
 * as surprising as one of so many equally likely ones is not one that anybody would write.
 */
const UNLIKELY_PERPLEXITY = 250;

export function isUnlikely({ logLikelihood, tokens }: Ranked): boolean {
  return Math.exp(-logLikelihood / tokens) > UNLIKELY_PERPLEXITY;
}

/** So many are judged in one go: the engine has other requests, and people may stop this one in between. */
const AT_A_TIME = 8;

/**
 * The texts with the likelihood of each as a continuation of the prompt, the likeliest first; undefined when stopped.
 *
 * @param continuation what stands behind the prompt when this text is in the gap.
 */
export async function rank(
  prompt: string,
  texts: readonly string[],
  continuation: (text: string) => string,
  engine: Engine,
  conversation: string,
  signal?: AbortSignal,
): Promise<readonly Ranked[] | undefined> {
  const ranked: Ranked[] = [];
  for (let at = 0; at < texts.length; at += AT_A_TIME) {
    if (signal?.aborted) return undefined;
    const some = texts.slice(at, at + AT_A_TIME);
    const scores = await engine.score(prompt, some.map(continuation), conversation);
    some.forEach((text, i) => {
      const logProbabilities = scores[i]?.logProbabilities ?? [];
      ranked.push({ text, logLikelihood: sum(logProbabilities), tokens: logProbabilities.length });
    });
  }
  return signal?.aborted ? undefined : byLikelihood(ranked);
}

export function byLikelihood(ranked: readonly Ranked[]): readonly Ranked[] {
  return ranked.toSorted((a, b) => b.logLikelihood - a.logLikelihood);
}

/** The likelihoods as lines of a list: the share of each among all, and the logarithm itself. */
export function showLikelihoods(ranked: readonly Ranked[], most: number): string {
  const all = shares(ranked);
  return ranked
    .slice(0, most)
    .map(
      ({ text, logLikelihood }, i) => `- ${text}: ${percent(all[i] ?? 0)} (log ${logLikelihood.toFixed(1)})`,
    )
    .join('\n');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
