import type { GeneratedPart } from '../../config/generated-docs.ts';
import { METRICS, type MetricRow } from './metric-table.ts';

/** What `npm run docs` makes from the table of measurements. */
export const generatedParts: readonly GeneratedPart[] = [
  { file: 'docs/operations.md', marker: 'metrics', render: () => metricsMarkdown(Object.values(METRICS)) },
];

export function metricsMarkdown(rows: readonly MetricRow[]): string {
  const lines = rows.map(({ name, kind, labels, help }) => {
    const named = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${kind} | ${named} | ${help} |`;
  });
  return ['| Metric | Kind | Labels | What it tells |', '| --- | --- | --- | --- |', ...lines].join('\n');
}
