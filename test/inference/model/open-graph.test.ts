import { availableParallelism } from 'node:os';
import { AutoModelForCausalLM } from '@xenova/transformers';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Weights } from '../../../inference/graph/weights.ts';
import { integerSumsOverflow } from '../../../inference/model/integer-sums.ts';
import { openGraph } from '../../../inference/model/open-graph.ts';
import { compiledRandom } from '../../fixtures/compiled-random.ts';

// The processor's answer is the one thing that a test cannot have both ways.
vi.mock('../../../inference/model/integer-sums.ts', () => ({ integerSumsOverflow: vi.fn() }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.clearAllMocks();
});

describe('A graph that is opened', () => {
  it.each([true, false])('at q8 takes the exact way if the processor overflows: %s', async (overflow) => {
    vi.mocked(integerSumsOverflow).mockResolvedValue(overflow);
    expect(await optionsAt('q8')).toEqual(overflow ? { session: { x64quantprecision: '1' } } : undefined);
  });

  it.each(['q4', 'fp32'] as const)(
    'at %s multiplies no such integers, and asks no processor',
    async (weights) => {
      expect(await optionsAt(weights)).toBeUndefined();
      expect(integerSumsOverflow).not.toHaveBeenCalled();
    },
  );

  it('knows how many threads compute a step: those that were asked for, or one a core', async () => {
    const compiled = await compiledRandom('q4');
    for (const [asked, expected] of [
      [3, 3],
      [0, availableParallelism()],
    ] as const) {
      const { runner, dispose } = await openGraph(compiled, asked);
      onTestFinished(dispose);
      expect(runner.shape.threads).toBe(expected);
    }
  });
});

/** What the runtime is told beyond the ordinary. */
async function optionsAt(weights: Weights): Promise<unknown> {
  const compiled = await compiledRandom(weights);
  const load = vi.spyOn(AutoModelForCausalLM, 'from_pretrained');
  const { dispose } = await openGraph(compiled, 1);
  onTestFinished(dispose);
  return load.mock.calls[0]?.[1]?.session_options?.extra;
}
