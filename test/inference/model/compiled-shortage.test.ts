import * as files from 'node:fs/promises';
import { expect, it, vi } from 'vitest';
import { MANIFEST } from '../../../inference/graph/compile.ts';
import { compiledModel } from '../../../inference/model/compiled.ts';
import { writeRandomCheckpoint } from '../../fixtures/random-checkpoint.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof files>();
  return { ...real, readFile: vi.fn(real.readFile) };
});

it('A compiled model that cannot be read for want of an open file is not compiled once more', async () => {
  const checkpoint = await temporaryFolder();
  const cache = await temporaryFolder();
  await writeRandomCheckpoint(checkpoint, { layers: 1, heads: 1, width: 32, positions: 16, vocabulary: 300 });
  const folder = await compiledModel(checkpoint, 'fp32', cache);

  const { readFile } = await vi.importActual<typeof files>('node:fs/promises');
  const shortage = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  vi.mocked(files.readFile).mockImplementation((async (...asked: Parameters<typeof readFile>) => {
    if (String(asked[0]).endsWith(MANIFEST)) throw shortage;
    return readFile(...asked);
  }) as typeof readFile);
  const onCompile = vi.fn();
  await expect(compiledModel(checkpoint, 'fp32', cache, { onCompile })).rejects.toBe(shortage);
  expect(onCompile).not.toHaveBeenCalled();

  vi.mocked(files.readFile).mockImplementation(readFile);
  expect(await compiledModel(checkpoint, 'fp32', cache, { onCompile })).toBe(folder);
  expect(onCompile).not.toHaveBeenCalled();
});
