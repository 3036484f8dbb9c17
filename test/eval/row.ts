import { bootstrap, type Draws, type Interval, type Item, ratioOf } from './bootstrap.ts';

/** `%`: a share or a score of 0 to 1. The others: bits, or the natural logarithm of the perplexity, which is shown as e to it. */
export type Unit = '%' | 'bits/byte' | 'perplexity';

/** One score of one model. */
export interface Row {
  readonly what: string;
  readonly unit: Unit;
  readonly items: readonly Item[];
  /** A lower one is the better one, as it is for perplexity. */
  readonly lowerIsBetter?: true;
  /** It tells something of the model's vocabulary too, so two models cannot be compared by it. */
  readonly ownVocabulary?: true;
  /** No model made it: the same for each. */
  readonly baseline?: true;
  /** What the GPT-2 paper has for the same kind of test, on another data set. */
  readonly paper?: string;
}

/** A score as it is shown: of 100, or as it is. */
export interface Score {
  readonly what: string;
  readonly unit: Unit;
  readonly n: number;
  readonly score: number;
  /** 95 %. */
  readonly interval: Interval;
  readonly paper?: string;
}

/** The second model's score less the first one's, over the same items. */
export interface Difference {
  readonly difference: number;
  /** 95 %; without zero in it, the two differ. */
  readonly interval: Interval;
  readonly better: 'first' | 'second' | 'neither';
}

export function share(values: readonly boolean[]): readonly Item[] {
  return values.map((value) => ({ value: value ? 1 : 0, weight: 1 }));
}

export function mean(values: readonly number[]): readonly Item[] {
  return values.map((value) => ({ value, weight: 1 }));
}

export function scoreOf({ what, unit, items, paper }: Row): Score {
  const of = (some: readonly Item[]) => shown(ratioOf(some), unit);
  return {
    what,
    unit,
    n: items.length,
    score: of(items),
    interval: bootstrap(items.length, (drawn) => of(pick(items, drawn))),
    ...(paper !== undefined && { paper }),
  };
}

/** Undefined where there is nothing to compare. */
export function differenceOf(first: Row, second: Row): Difference | undefined {
  if (first.ownVocabulary || first.baseline || first.items.length !== second.items.length) return undefined;
  const of = (row: Row, drawn: Draws) => shown(ratioOf(pick(row.items, drawn)), row.unit);
  const all = first.items.map((_, i) => i);
  const less = (drawn: Draws) => of(second, drawn) - of(first, drawn);
  const interval = bootstrap(all.length, less);
  const sign = interval[0] > 0 ? 1 : interval[1] < 0 ? -1 : 0;
  const better = first.lowerIsBetter ? -sign : sign;
  return {
    difference: less(all),
    interval,
    better: better > 0 ? 'second' : better < 0 ? 'first' : 'neither',
  };
}

function pick(items: readonly Item[], drawn: Draws): readonly Item[] {
  return drawn.map((i) => items[i]).filter((item) => item !== undefined);
}

function shown(ratio: number, unit: Unit): number {
  switch (unit) {
    case '%':
      return ratio * 100;
    case 'bits/byte':
      return ratio;
    case 'perplexity':
      return Math.exp(ratio);
  }
}
