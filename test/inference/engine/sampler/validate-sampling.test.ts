import { describe, expect, it } from 'vitest';
import type { Sampling } from '../../../../inference/engine/engine.ts';
import { validateSampling } from '../../../../inference/engine/sampler/validate-sampling.ts';

const GOOD: Sampling = {
  temperature: 0.8,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  repetitionPenalty: 1.1,
  noRepeatNgram: 3,
};

describe('validateSampling', () => {
  it('takes ordinary settings, and every setting switched off', () => {
    validateSampling(GOOD);
    validateSampling({
      temperature: 0,
      topK: 0,
      topP: 1,
      minP: 0,
      repetitionPenalty: 1,
      noRepeatNgram: 0,
    });
  });

  it.each([
    ['temperature', -0.1, '0 (greedy) to 100'],
    ['temperature', Number.POSITIVE_INFINITY, '0 (greedy) to 100'],
    ['temperature', Number.NaN, '0 (greedy) to 100'],
    ['topK', -1, 'whole number from 0'],
    ['topK', 1.5, 'whole number from 0'],
    ['topP', 1.01, 'from 0 to 1'],
    ['minP', -1, 'from 0 to 1'],
    ['repetitionPenalty', 0, 'above 0'],
    ['noRepeatNgram', 2.5, 'whole number from 0'],
  ] as const)('says which option is wrong and what it wants: %s %d', (field, value, range) => {
    const check = () => validateSampling({ ...GOOD, [field]: value });
    expect(check).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }));
    expect(check).toThrow(`${field} is ${value}`);
    expect(check).toThrow(range);
  });

  it('does not trust types: a missing option and a text are refused, as they may come from outside', () => {
    const { topP: _, ...missing } = GOOD;
    expect(() => validateSampling(missing as Sampling)).toThrow('topP is undefined');
    expect(() => validateSampling({ ...GOOD, topK: '40' } as unknown as Sampling)).toThrow('topK is 40');
  });
});
