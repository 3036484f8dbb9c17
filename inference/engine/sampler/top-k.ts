import type { TokenId } from '../engine.ts';
import { type Candidates, clearCandidates, ranksBefore, unusableLogits } from './candidates.ts';

/**
 * Keeps the k likeliest tokens, the likeliest first and the lower id first among equals. One pass over the vocabulary:
 * a heap of k holds the best so far with the worst of them on top, and nearly every token fails the one comparison
 * with that worst.
 *
 * Exactly k are kept, also when the next one is equally likely.
 */
export function selectTopK(logits: Float32Array, k: number, candidates: Candidates): void {
  clearCandidates(candidates, Math.min(k, logits.length));
  // Tokens ruled out (-Infinity) never pass the first threshold.
  let worst = Number.NEGATIVE_INFINITY;
  for (let id = firstAbove(logits, 0, worst); id < logits.length; id = firstAbove(logits, id + 1, worst)) {
    const logit = logits[id];
    if (!(logit < Number.POSITIVE_INFINITY)) throw unusableLogits('a logit is infinite or not a number');
    if (candidates.length < k) push(candidates, id, logit);
    else sink(candidates, k, id, logit);
    if (candidates.length === k) worst = candidates.scores[0];
  }
  if (candidates.length === 0) throw unusableLogits('every token is ruled out');
  sortDescending(candidates);
}

/**
 * The first id from `start` on whose logit is above the threshold, or not a number: comparisons say "not above", which no NaN
 * ever is, so finding one costs nothing. Eight at a time, because nearly all are passed over.
 */
function firstAbove(logits: Float32Array, start: number, threshold: number): TokenId {
  const { length } = logits;
  let id = start;
  while (
    id + 8 <= length &&
    logits[id] <= threshold &&
    logits[id + 1] <= threshold &&
    logits[id + 2] <= threshold &&
    logits[id + 3] <= threshold &&
    logits[id + 4] <= threshold &&
    logits[id + 5] <= threshold &&
    logits[id + 6] <= threshold &&
    logits[id + 7] <= threshold
  ) {
    id += 8;
  }
  while (id < length && logits[id] <= threshold) id++;
  return id;
}

function push(candidates: Candidates, id: TokenId, score: number): void {
  const { ids, scores } = candidates;
  let place = candidates.length++;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (!ranksBefore(scores[parent], ids[parent], score, id)) break;
    move(candidates, parent, place);
    place = parent;
  }
  ids[place] = id;
  scores[place] = score;
}

/** Puts a token in the place of the worst, on top, and lets it sink below those that are worse than it. */
function sink(candidates: Candidates, length: number, id: TokenId, score: number): void {
  const { ids, scores } = candidates;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= length) break;
    const right = child + 1;
    if (right < length && isWorse(candidates, right, child)) child = right;
    if (!ranksBefore(score, id, scores[child], ids[child])) break;
    move(candidates, child, place);
    place = child;
  }
  ids[place] = id;
  scores[place] = score;
}

/** Takes the worst off the heap again and again and puts it at the end: what is left is in descending order. */
function sortDescending(candidates: Candidates): void {
  const { ids, scores } = candidates;
  for (let last = candidates.length - 1; last > 0; last--) {
    const id = ids[last];
    const score = scores[last];
    move(candidates, 0, last);
    sink(candidates, last, id, score);
  }
}

function isWorse({ ids, scores }: Candidates, a: number, b: number): boolean {
  return ranksBefore(scores[b], ids[b], scores[a], ids[a]);
}

function move({ ids, scores }: Candidates, from: number, to: number): void {
  ids[to] = ids[from];
  scores[to] = scores[from];
}
