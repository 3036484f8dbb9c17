import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { forkChild } from '../../inference/child-process.ts';
import type { Beginning } from '../fixtures/garbage-maker.ts';

const MB = 2 ** 20;

afterEach(() => {
  vi.unstubAllEnvs();
});

async function begin(): Promise<Beginning> {
  const child = forkChild('../test/fixtures/garbage-maker.ts', 'makeGarbage');
  const exited = once(child, 'exit');
  const [told] = await once(child, 'message');
  expect(await exited).toEqual([0, null]);
  return told as Beginning;
}

describe('A process of the engine’s room', () => {
  it('keeps little garbage, and collects it in one go', async () => {
    const { collections, nurseryBytes } = await begin();
    expect(collections).toContain('major');
    expect(collections).not.toContain('incremental');
    // Sixteen times as much without a limit.
    expect(nurseryBytes).toBeLessThanOrEqual(2 * MB);
  });

  it('gives memory back as is best for a model, unless the environment says otherwise', async () => {
    vi.stubEnv('MALLOC_ARENA_MAX', '3');
    const { environment } = await begin();
    expect(environment).toEqual({
      MALLOC_ARENA_MAX: '3',
      MALLOC_MMAP_THRESHOLD_: `${8 * MB}`,
      MALLOC_TRIM_THRESHOLD_: `${16 * MB}`,
    });
  });
});
