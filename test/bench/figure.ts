import { tableOf } from './table.ts';

export type Unit = 'tok/s' | 'ms' | 's' | 'MB' | 'nats' | '%' | 'runs' | 'edits' | 'calls' | 'requests';

/** One measured number, and what it is held against: the same work done another way in the same run. */
export interface Figure {
  readonly what: string;
  readonly unit: Unit;
  readonly value: number;
  readonly beside?: { readonly what: string; readonly value: number };
}

/** How many times better the value is than the one beside it. */
export function ratio({ unit, value, beside }: Figure): number | undefined {
  if (!beside) return undefined;
  return isBetterMore(unit) ? value / beside.value : beside.value / value;
}

export function isBetterMore(unit: Unit): boolean {
  return unit === 'tok/s';
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The value below or at which so many per cent of the values lie. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = Math.ceil((percent / 100) * sorted.length) - 1;
  return sorted[Math.max(0, place)] ?? Number.NaN;
}

export function renderTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const times = ratio(figure);
    return [
      figure.what,
      `${format(figure.value)} ${figure.unit}`,
      figure.beside ? `${format(figure.beside.value)} ${figure.unit} (${figure.beside.what})` : '',
      times === undefined ? '' : `${times.toFixed(1)} ×`,
    ];
  });
  return tableOf(['what', 'measured', 'beside it', 'ratio'], rows);
}

function format(value: number): string {
  if (value < 0.1) return value.toPrecision(2);
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
