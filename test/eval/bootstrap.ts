import { uniform } from '../../inference/engine/random.ts';

/** What one item adds to a score: the score of many is the sum of the values over the sum of the weights. */
export interface Item {
  readonly value: number;
  readonly weight: number;
}

export type Interval = readonly [low: number, high: number];

const RESAMPLES = 1000;
const SEED = 1;
/** 95 %. */
const TAIL = 0.025;

export function ratioOf(items: readonly Item[]): number {
  let value = 0;
  let weight = 0;
  for (const item of items) {
    value += item.value;
    weight += item.weight;
  }
  return value / weight;
}

/**
 * Where 95 % of the scores lie that other items of the same kind would give: the percentile bootstrap (Efron 1979), the
 * items drawn again with replacement, with the same draws every time.
 *
 * @param score of the places that were drawn; for a difference between two models, of the same items of both.
 */
export function bootstrap(count: number, score: (drawn: Draws) => number): Interval {
  const scores = resamplesOf(count)
    .map(score)
    .sort((a, b) => a - b);
  const at = (share: number) => scores[Math.round(share * (RESAMPLES - 1))] ?? Number.NaN;
  return [at(TAIL), at(1 - TAIL)];
}

/** Places in a list of items, some of them several times. */
export type Draws = readonly number[];

/** Many rows have as many items; drawing takes longer than adding up. */
const drawn = new Map<number, readonly Draws[]>();

function resamplesOf(count: number): readonly Draws[] {
  const known = drawn.get(count);
  if (known) return known;
  const resamples = Array.from({ length: RESAMPLES }, (_, resample) =>
    Array.from({ length: count }, (_, i) => Math.floor(uniform(SEED, resample * count + i) * count)),
  );
  drawn.set(count, resamples);
  return resamples;
}
