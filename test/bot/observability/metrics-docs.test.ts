import path from 'node:path';
import { expect, test } from 'vitest';
import { METRICS } from '../../../bot/observability/metric-table.ts';
import { generatedParts } from '../../../bot/observability/metrics-docs.ts';
import { staleFiles } from '../../../config/generated-docs.ts';

test('the table in the docs is what the table in the code says (otherwise: npm run docs)', () => {
  expect(staleFiles(generatedParts, path.resolve(import.meta.dirname, '../../..'))).toEqual([]);
});

test('every measurement has a sentence, a name with its unit, and no label that could name a person', () => {
  const labels = new Set([
    'platform',
    'task',
    'outcome',
    'state',
    'call',
    'result',
    'process',
    'version',
    'model',
    'weights',
  ]);
  for (const row of Object.values(METRICS)) {
    expect(row.name).toMatch(/^parley_[a-z_]+$/u);
    expect(row.name.endsWith('_total'), row.name).toBe(row.kind === 'counter');
    expect(row.help).toMatch(/^[A-Z].*\.$/u);
    for (const label of row.labels) expect(labels).toContain(label);
  }
});
