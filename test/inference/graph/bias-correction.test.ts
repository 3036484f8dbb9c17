import fc from 'fast-check';
import { expect, it } from 'vitest';
import { correctedBias } from '../../../inference/graph/bias-correction.ts';
import { quantize, weightOf } from '../../../inference/graph/quantize.ts';

const INPUTS = 70;
const OUTPUTS = 3;
const floats = (count: number) => fc.array(fc.integer({ min: -300, max: 300 }), array(count)).map(shared);
const array = (count: number) => ({ minLength: count, maxLength: count });
const shared = (values: readonly number[]) => Float32Array.from(values, (value) => value / 100);

const layouts = [
  { inputs: INPUTS, outputs: OUTPUTS, inputStride: OUTPUTS, outputStride: 1 },
  { inputs: INPUTS, outputs: OUTPUTS, inputStride: 1, outputStride: INPUTS },
];
const formats = [
  { bits: 4, size: 32, fit: 'squares' },
  { bits: 4, size: 128, fit: 'largest' },
  { bits: 8, size: 32, fit: 'largest' },
] as const;

it('An average input gives with rounded weights and a corrected bias what it gave before they were rounded', () => {
  fc.assert(
    fc.property(
      floats(INPUTS * OUTPUTS),
      floats(OUTPUTS),
      floats(INPUTS),
      fc.constantFrom(...layouts),
      fc.constantFrom(...formats),
      (weights, bias, means, layout, format) => {
        const rounded = quantize(weights, layout, format);
        const corrected = correctedBias(bias, weights, layout, rounded, format, means);
        for (let n = 0; n < OUTPUTS; n++) {
          let before = bias[n]!;
          let after = corrected[n]!;
          means.forEach((mean, k) => {
            before += mean * weights[k * layout.inputStride + n * layout.outputStride]!;
            after += mean * weightOf(rounded, format, k, n);
          });
          expect(after).toBeCloseTo(before, 3);
        }
      },
    ),
  );
});
