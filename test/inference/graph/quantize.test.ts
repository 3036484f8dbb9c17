import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../../inference/graph/products.ts';
import { type BlockFormat, type MatrixLayout, quantize } from '../../../inference/graph/quantize.ts';
import { dequantized, levelAt } from '../../fixtures/dequantized.ts';

/** Weights as [inputs][outputs], of sizes that fill blocks and that do not. */
const matrices = fc
  .record({
    inputs: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 250, max: 600 })),
    outputs: fc.integer({ min: 1, max: 5 }),
  })
  .chain(({ inputs, outputs }) =>
    fc.record({
      inputs: fc.constant(inputs),
      outputs: fc.constant(outputs),
      weights: fc.array(
        fc.oneof(fc.constant(0), fc.float({ min: -8, max: 8, noNaN: true }).map(notSubnormal)),
        {
          minLength: inputs * outputs,
          maxLength: inputs * outputs,
        },
      ),
    }),
  );

/** `outputs × inputs` as the embedding is stored, or `inputs × outputs` as linear layers are. */
const layouts = (inputs: number, outputs: number): readonly MatrixLayout[] => [
  { inputs, outputs, inputStride: 1, outputStride: inputs },
  { inputs, outputs, inputStride: outputs, outputStride: 1 },
];

const NIBBLES: BlockFormat = { bits: 4, size: 32, fit: 'largest' };

const KEPT_LARGEST: readonly BlockFormat[] = [
  NIBBLES,
  { bits: 8, size: 32, fit: 'largest' },
  { bits: 8, size: 128, fit: 'largest' },
  FORMATS.q8.head,
];

describe.each(KEPT_LARGEST)('Weights at $bits bits in blocks of $size', (format) => {
  const { bits, size } = format;
  const zero = 2 ** (bits - 1);

  it('are within half a level of what they were; a whole one beyond the last level of the lesser sign', () => {
    fc.assert(
      fc.property(matrices, ({ inputs, outputs, weights }) => {
        for (const layout of layouts(inputs, outputs)) {
          const read = dequantized(Float32Array.from(weights), layout, format);
          for (let n = 0; n < outputs; n++) {
            for (let block = 0; block * size < inputs; block++) {
              const rows = range(block * size, Math.min(inputs, (block + 1) * size));
              const at = (k: number) => Math.fround(weights[place(layout, k, n)]!);
              const extreme = rows.map(at).reduce((most, w) => (Math.abs(w) > Math.abs(most) ? w : most), 0);
              const level = Math.abs(extreme) / zero;
              for (const k of rows) {
                const beyond =
                  Math.sign(at(k)) !== Math.sign(extreme) && Math.abs(at(k)) > (zero - 0.5) * level;
                const allowed = (beyond ? 1 : 0.5) * level * (1 + 1e-6);
                expect(Math.abs(read(k, n) - at(k))).toBeLessThanOrEqual(allowed);
              }
              // The largest weight matters most to a product: it keeps its value.
              for (const k of rows) if (at(k) === extreme) expect(read(k, n) + 0).toBe(extreme + 0);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('of a block without any weight but zero stay zero', () => {
    const layout = layouts(size, 1)[0]!;
    const { packed, scales } = quantize(new Float32Array(size), layout, format);
    expect(scales.every((scale) => scale === 0)).toBe(true);
    expect(new Set(packed)).toEqual(new Set([bits === 8 ? 0x80 : 0x88]));
  });

  it('fill the last block with zeros when the inputs end within it', () => {
    const layout = layouts(size + 3, 1)[0]!;
    const matrix = quantize(new Float32Array(size + 3).fill(1), layout, format);
    expect(matrix.blocks).toBe(2);
    expect(matrix.packed.length).toBe(2 * matrix.blockBytes);
    for (let k = 3; k < size; k++) expect(levelAt(matrix.packed, matrix.blockBytes, k, bits)).toBe(zero);
  });

  it('do not depend on how the matrix is stored', () => {
    fc.assert(
      fc.property(matrices, ({ inputs, outputs, weights }) => {
        const [byOutput, byInput] = layouts(inputs, outputs) as [MatrixLayout, MatrixLayout];
        const turned = new Float32Array(weights.length);
        for (let k = 0; k < inputs; k++)
          for (let n = 0; n < outputs; n++) turned[place(byInput, k, n)] = weights[place(byOutput, k, n)]!;
        expect(quantize(turned, byInput, format)).toEqual(
          quantize(Float32Array.from(weights), byOutput, format),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('too small for a scale stay too small to matter', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -400, max: 400 }), { minLength: 1, maxLength: size }),
        (tiny) => {
          const weights = Float32Array.from(tiny, (steps) => steps * 2 ** -149);
          const read = dequantized(weights, layouts(tiny.length, 1)[0]!, format);
          for (let k = 0; k < tiny.length; k++) expect(Math.abs(read(k, 0))).toBeLessThan(2 ** -138);
        },
      ),
    );
  });
});

describe('Scales that are chosen for the sum of squares', () => {
  const format = FORMATS.q4.mlpDown;

  it('never lose more than those that keep the largest weight', () => {
    fc.assert(
      fc.property(matrices, ({ inputs, outputs, weights }) => {
        const layout = layouts(inputs, outputs)[0]!;
        const values = Float32Array.from(weights);
        const lost = (format: BlockFormat) => {
          const read = dequantized(values, layout, format);
          let sum = 0;
          for (let n = 0; n < outputs; n++)
            for (let k = 0; k < inputs; k++) sum += (read(k, n) - values[place(layout, k, n)]!) ** 2;
          return sum;
        };
        const least = lost(format);
        expect(least).toBeLessThanOrEqual(lost({ ...format, fit: 'largest' }) * (1 + 1e-5) + 1e-30);
      }),
      { numRuns: 60 },
    );
  });

  it('lose less of weights as they are: many small ones, few large ones', () => {
    const layout = layouts(64, 50)[0]!;
    const values = Float32Array.from({ length: 64 * 50 }, (_, i) => bell(i));
    const squares = (format: BlockFormat) => {
      const read = dequantized(values, layout, format);
      return values.reduce((sum, value, i) => sum + (read(i % 64, Math.floor(i / 64)) - value) ** 2, 0);
    };
    const [least, largest] = [squares(format), squares({ ...format, fit: 'largest' })];
    expect(least).toBeLessThan(0.95 * largest);
  });

  it('of a block without any weight but zero stay zero', () => {
    const { scales } = quantize(new Float32Array(64), layouts(64, 1)[0]!, format);
    expect(scales[0]).toBeCloseTo(0, 30);
  });
});

/** About normally distributed: the sum of what a simple generator gives. */
function bell(i: number): number {
  let sum = -6;
  for (let part = 0; part < 12; part++) sum += (((i * 12 + part + 1) * 2_654_435_761) % 2 ** 32) / 2 ** 32;
  return sum;
}

it('Weights at 4 bits lie two in a byte, the earlier one in the lower half', () => {
  // From -8 up to 7 and down again: every level twice.
  const weights = Float32Array.from({ length: 32 }, (_, k) => (k < 16 ? k - 8 : 23 - k));
  const { packed, scales } = quantize(weights, layouts(32, 1)[0]!, NIBBLES);
  expect([...scales]).toEqual([1]);
  expect(Buffer.from(packed).toString('hex')).toBe('1032547698badcfeefcdab8967452301');
});

function notSubnormal(value: number): number {
  return Math.abs(value) < 1e-30 ? 0 : value;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function place(layout: MatrixLayout, k: number, n: number): number {
  return k * layout.inputStride + n * layout.outputStride;
}
