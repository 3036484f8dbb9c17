/** One measured number, and what it is held against: the same work done another way in the same run. */
export interface Figure {
  readonly what: string;
  readonly unit: 'tok/s' | 'ms' | 's' | 'MB' | 'edits' | 'calls' | 'requests';
  readonly value: number;
  readonly beside?: { readonly what: string; readonly value: number };
}

/** How many times better the value is than the one beside it. */
export function ratio({ unit, value, beside }: Figure): number | undefined {
  if (!beside) return undefined;
  return unit === 'tok/s' ? value / beside.value : beside.value / value;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
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
  return [['what', 'Parley', 'beside it', 'ratio'], ['---', '---:', '---:', '---:'], ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
