import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../inference/graph/compile.ts';
import { integerSumsOverflow } from '../../../inference/model/integer-sums.ts';
import { type RandomCheckpoint, writeRandomCheckpoint } from '../../fixtures/random-checkpoint.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const SMALL: RandomCheckpoint = { layers: 1, heads: 1, width: 32, positions: 16, vocabulary: 300 };

describe('Sums of products of integers', () => {
  // On a processor with such instructions this is no news.
  it('never overflow in the exact way', async () => {
    expect(await integerSumsOverflow(await compiled(), true)).toBe(false);
  });

  it.runIf(process.platform === 'linux' && process.arch === 'x64')(
    'overflow in the fast way on a processor without instructions for them, and on no other',
    async () => {
      const instructions = await readFile('/proc/cpuinfo', 'utf8');
      const made = /\b(avx512_vnni|avx_vnni)\b/.test(instructions);
      expect(await integerSumsOverflow(await compiled())).toBe(!made);
    },
  );

  it('are asked about in vain where the compiled folder lost its probe, which is said', async () => {
    await expect(integerSumsOverflow(await temporaryFolder())).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
    });
  });
});

async function compiled(): Promise<string> {
  const folder = await temporaryFolder();
  const checkpoint = join(folder, 'checkpoint');
  await mkdir(checkpoint);
  await writeRandomCheckpoint(checkpoint, SMALL);
  const target = join(folder, 'compiled');
  await compile(checkpoint, 'q8', target);
  return target;
}
