import type { TokenId } from '../../inference/engine/engine.ts';
import type { GraphRunner } from '../../inference/engine/graph-runner.ts';
import { KvCache } from '../../inference/engine/kv-cache.ts';
import { extend } from '../../inference/engine/prefill.ts';
import { pieceEnd } from '../../inference/engine/prompt-pieces.ts';
import type { Weights } from '../../inference/graph/weights.ts';
import {
  type Guess,
  guessOf,
  meanWithError,
  type Prediction,
  perplexityHigher,
  predictionOf,
} from './closeness.ts';
import { tableOf } from './table.ts';

/** A model at one kind of weights. */
export interface Judged {
  readonly weights: Weights;
  readonly runner: GraphRunner;
}

/** What a model makes of a text: by window, and there by token. */
export interface Judgement {
  readonly weights: Weights;
  readonly windows: readonly (readonly Guess[])[];
}

/**
 * Reads a text with all models, window by window, each begun by the end-of-text id as documents are.
 *
 * @param models Of one shape; the first is the original, from which the divergence of all is told.
 */
export async function judge(
  models: readonly Judged[],
  ids: readonly TokenId[],
): Promise<readonly Judgement[]> {
  const judgements = models.map(({ weights, runner }) => ({ weights, runner, windows: [] as Guess[][] }));
  const [first] = models;
  if (!first) return [];
  const { positions, endOfText } = first.runner.shape;
  // The end-of-text id has a place as well, but where there is one place only, it is what the token is guessed from.
  const length = Math.max(1, positions - 1);
  for (let begin = 0; begin < ids.length; begin += length) {
    const window = ids.slice(begin, begin + length);
    const guesses = await judgeWindow(models, [endOfText, ...window.slice(0, -1)], window);
    judgements.forEach(({ windows }, i) => {
      windows.push(guesses[i] ?? []);
    });
  }
  return judgements;
}

/** What each model makes of `next`, token by token, when it sees `seen` up to there. */
async function judgeWindow(
  models: readonly Judged[],
  seen: readonly TokenId[],
  next: readonly TokenId[],
): Promise<readonly Guess[][]> {
  const readers = models.map(({ runner }) => {
    const cache = new KvCache(runner.shape, runner.shape.positions);
    cache.addRow();
    return { runner, cache, guesses: [] as Guess[] };
  });
  for (let at = 0; at < seen.length; at = pieceEnd(at)) {
    const piece = seen.slice(at, pieceEnd(at));
    const wanted = [...piece.keys()];
    const read: { readonly guesses: Guess[]; readonly logits: Float32Array }[] = [];
    for (const { runner, cache, guesses } of readers) {
      read.push({ guesses, logits: (await extend(runner, cache, piece, wanted)).logits });
    }
    for (const i of wanted) {
      let original: Prediction | undefined;
      for (const { guesses, logits } of read) {
        const size = logits.length / wanted.length;
        const prediction = predictionOf(logits.subarray(i * size, (i + 1) * size));
        original ??= prediction;
        guesses.push(guessOf(original, prediction, next[at + i] ?? 0));
      }
    }
  }
  return readers.map(({ guesses }) => guesses);
}

/** A row for each kind of weights, beside the first. */
export function renderJudgements(all: readonly Judgement[]): string {
  const original = all[0]?.windows ?? [];
  const tokens = original.flat();
  const header = ['weights', 'perplexity', 'beside fp32', 'divergence, nats', 'next token agrees'];
  const rows = all.map(({ weights, windows }) => {
    const perplexity = Math.exp(-meanWithError(logProbabilities(windows)).mean);
    const same = windows.flat().filter(({ likeliest }, i) => likeliest === tokens[i]?.likeliest).length;
    return [
      weights,
      perplexity.toFixed(3),
      besideOriginal(original, windows),
      meanWithError(windows.map((window) => window.map(({ divergence }) => divergence))).mean.toFixed(4),
      `${((same / tokens.length) * 100).toFixed(1)} %`,
    ];
  });
  return tableOf(header, rows);
}

/** How much higher the perplexity is, and what that may be off by chance. */
function besideOriginal(before: Judgement['windows'], after: Judgement['windows']): string {
  const { percent, error } = perplexityHigher(logProbabilities(before), logProbabilities(after));
  const chance = error === undefined ? '' : ` ± ${error.toFixed(2)}`;
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(2)}${chance} %`;
}

function logProbabilities(windows: Judgement['windows']): readonly (readonly number[])[] {
  return windows.map((window) => window.map(({ logProbability }) => logProbability));
}
