import path from 'node:path';
import { expect, test } from 'vitest';
import { staleFiles } from '../../config/generated-docs.ts';
import { generatedParts } from './reliability-docs.ts';

test('docs/reliability.md tells of every scenario (npm run docs)', () => {
  expect(staleFiles(generatedParts, path.resolve(import.meta.dirname, '../..'))).toEqual([]);
});
