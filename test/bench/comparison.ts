import type { Unit } from './figure.ts';
import { isBetterMore, median } from './figure.ts';
import { tableOf } from './table.ts';

/** The same thing measured of several contestants, in turns within one run. */
export interface Comparison {
  readonly what: string;
  readonly unit: Unit;
  /** By contestant, one value a round; none for one that cannot do it. */
  readonly samples: Readonly<Record<string, readonly number[]>>;
}

/** Others of one kind, of which the best one counts. */
export interface Rivals {
  readonly label: string;
  readonly names: readonly string[];
}

/**
 * A row for each comparison: the medians with the least and the most, and how many times better each of `ours` is than
 * the best of each kind of rivals.
 */
export function renderComparisons(
  comparisons: readonly Comparison[],
  ours: readonly string[],
  rivals: readonly Rivals[],
): string {
  const others = rivals.flatMap(({ names }) => names);
  const ratios = rivals.flatMap(({ label, names }) => ours.map((own) => ({ label, names, own })));
  const header = ['what', ...ours, ...others, ...ratios.map(({ label, own }) => `${own} : ${label}`)];
  const rows = comparisons.map((comparison) => [
    `${comparison.what}, ${comparison.unit}`,
    ...[...ours, ...others].map((name) => cell(comparison.samples[name] ?? [])),
    ...ratios.map(({ names, own }) => {
      const times = timesBetter(comparison, own, names);
      return times === undefined ? '' : `${times.toFixed(2)} ×`;
    }),
  ]);
  return tableOf(header, rows);
}

/** How many times better the median of `own` is than the best median of the others. */
export function timesBetter(
  { samples, unit }: Comparison,
  own: string,
  others: readonly string[],
): number | undefined {
  const value = samples[own];
  const medians = others.flatMap((name) => (samples[name]?.length ? [median(samples[name])] : []));
  if (!value?.length || medians.length === 0) return undefined;
  return isBetterMore(unit) ? median(value) / Math.max(...medians) : Math.min(...medians) / median(value);
}

export function inOneLine({ what, unit, samples }: Comparison): string {
  const all = Object.entries(samples).map(([name, values]) => `${name} ${cell(values)}`);
  return `  ${what}, ${unit}: ${all.join('; ')}`;
}

function cell(values: readonly number[]): string {
  if (values.length === 0) return '';
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${rounded(median(values))} (${rounded(least)} to ${rounded(most)})`;
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
