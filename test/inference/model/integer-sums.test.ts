import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { integerSumsOverflow } from '../../../inference/model/integer-sums.ts';
import { compiledRandom } from '../../fixtures/compiled-random.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

describe('Sums of products of integers', () => {
  // On a processor with such instructions this is no news.
  it('never overflow in the exact way', async () => {
    expect(await integerSumsOverflow(await compiledRandom('q8'), true)).toBe(false);
  });

  it.runIf(process.platform === 'linux' && process.arch === 'x64')(
    'overflow in the fast way on a processor without instructions for them, and on no other',
    async () => {
      const instructions = await readFile('/proc/cpuinfo', 'utf8');
      const made = /\b(avx512_vnni|avx_vnni)\b/.test(instructions);
      expect(await integerSumsOverflow(await compiledRandom('q8'))).toBe(!made);
    },
  );

  it('are asked about in vain where the compiled folder lost its probe, which is said', async () => {
    await expect(integerSumsOverflow(await temporaryFolder())).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
    });
  });
});
