import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MatrixLayout } from '../../../inference/graph/quantize.ts';
import { quantizeColumns } from '../../../inference/graph/quantize-columns.ts';

const HIGHEST = 127;

/** Weights as [inputs][outputs]. */
const matrices = fc
  .record({ inputs: fc.integer({ min: 1, max: 60 }), outputs: fc.integer({ min: 1, max: 6 }) })
  .chain(({ inputs, outputs }) =>
    fc.record({
      inputs: fc.constant(inputs),
      outputs: fc.constant(outputs),
      weights: fc.array(fc.float({ min: -8, max: 8, noNaN: true, noDefaultInfinity: true }), {
        minLength: inputs * outputs,
        maxLength: inputs * outputs,
      }),
    }),
  );

const byInput = (inputs: number, outputs: number): MatrixLayout => ({
  inputs,
  outputs,
  inputStride: outputs,
  outputStride: 1,
});
const byOutput = (inputs: number, outputs: number): MatrixLayout => ({
  inputs,
  outputs,
  inputStride: 1,
  outputStride: inputs,
});

describe('Weights at 8 bits with a scale a column', () => {
  it('are within half a level of what they were, and the largest of a column takes the last level', () => {
    fc.assert(
      fc.property(matrices, ({ inputs, outputs, weights }) => {
        const { levels, scales } = quantizeColumns(Float32Array.from(weights), byInput(inputs, outputs));
        for (let n = 0; n < outputs; n++) {
          const column = Array.from({ length: inputs }, (_, k) => Math.fround(weights[k * outputs + n]!));
          const extreme = Math.max(...column.map(Math.abs));
          if (extreme < 1e-30) continue;
          const level = extreme / HIGHEST;
          column.forEach((weight, k) => {
            const read = levels[k * outputs + n]! * scales[n]!;
            expect(Math.abs(read - weight)).toBeLessThanOrEqual(0.5 * level * (1 + 1e-4));
            if (Math.abs(weight) === extreme) expect(Math.abs(levels[k * outputs + n]!)).toBe(HIGHEST);
          });
        }
      }),
      { numRuns: 100 },
    );
  });

  it('do not depend on how the matrix is stored', () => {
    fc.assert(
      fc.property(matrices, ({ inputs, outputs, weights }) => {
        const turned = new Float32Array(weights.length);
        for (let k = 0; k < inputs; k++)
          for (let n = 0; n < outputs; n++) turned[n * inputs + k] = weights[k * outputs + n]!;
        const stored = quantizeColumns(Float32Array.from(weights), byInput(inputs, outputs));
        expect(quantizeColumns(turned, byOutput(inputs, outputs))).toEqual(stored);
      }),
      { numRuns: 50 },
    );
  });

  it('of a column without any weight but zero stay zero', () => {
    const { levels, scales } = quantizeColumns(Float32Array.of(0, 1, 0, -2), byInput(2, 2));
    expect([...levels]).toEqual([0, 64, 0, -127]);
    expect(scales[0]).toBe(0);
  });
});
