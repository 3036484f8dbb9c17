import type { Interval } from './bootstrap.ts';
import type { Difference, Score, Unit } from './row.ts';

/** Both hold the same rows in the same order. */
export interface Column {
  /** A model's name, as people call it. */
  readonly name: string;
  readonly scores: readonly Score[];
}

/** One model's scores beside the paper's. */
export function renderScores({ name, scores }: Column): string {
  return table(
    ['what', 'n', `${name} (95 %)`, 'GPT-2’s paper'],
    scores.map((score) => [score.what, `${score.n}`, withInterval(score), score.paper ?? '']),
  );
}

/** Two models side by side; `differences` are the second less the first. */
export function renderComparison(
  first: Column,
  second: Column,
  differences: readonly (Difference | undefined)[],
): string {
  const verdicts = { first: first.name, second: second.name, neither: 'not sure' };
  return table(
    ['what', 'n', first.name, second.name, 'difference (95 %)', 'better', 'GPT-2’s paper'],
    first.scores.map((score, i) => {
      const beside = second.scores[i];
      const between = differences[i];
      return [
        score.what,
        `${score.n}`,
        number(score),
        beside ? number(beside) : '',
        between
          ? `${signed(between.difference, score.unit)} ${range(between.interval, (value) => signed(value, score.unit))}`
          : '',
        between ? verdicts[between.better] : '',
        score.paper ?? '',
      ];
    }),
  );
}

function withInterval(score: Score): string {
  return `${number(score)} ${range(score.interval, (value) => digits(value, score.unit))}`;
}

function number({ score, unit }: Score): string {
  return `${digits(score, unit)}${unit === 'perplexity' ? '' : ` ${unit}`}`;
}

function range([low, high]: Interval, write: (value: number) => string): string {
  return `(${write(low)} to ${write(high)})`;
}

/** As many digits as mean something. */
function digits(value: number, unit: Unit): string {
  if (unit === 'bits/byte') return value.toFixed(3);
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

function signed(value: number, unit: Unit): string {
  return `${value < 0 ? '−' : '+'}${digits(Math.abs(value), unit)}`;
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = heading.map((_, i) => (i === 0 ? '---' : '---:'));
  return [heading, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
