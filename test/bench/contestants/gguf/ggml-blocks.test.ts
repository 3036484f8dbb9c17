import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteLengthOf, encodeBlocks, toHalf } from './ggml-blocks.ts';

/** The value of a half-precision float's bits, straight from the format's definition. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

describe('A half-precision float', () => {
  it('keeps every value that the format has', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = fromHalf(bits);
      if (!Number.isNaN(value)) expect(toHalf(value)).toBe(bits);
    }
    expect(fromHalf(toHalf(Number.NaN))).toBeNaN();
  });

  it('is the nearest one', () => {
    fc.assert(
      fc.property(fc.float({ min: -65000, max: 65000, noNaN: true }), (value) => {
        const bits = toHalf(value);
        const distance = Math.abs(fromHalf(bits) - value);
        for (const other of [bits - 1, bits + 1]) {
          const neighbour = fromHalf(other & 0xffff);
          if (Number.isFinite(neighbour) && Math.sign(neighbour) === Math.sign(value))
            expect(distance).toBeLessThanOrEqual(Math.abs(neighbour - value));
        }
      }),
    );
  });
});

const weights = fc.array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: 64, maxLength: 64 });

describe('Blocks of ggml', () => {
  it('of 8 bits are a scale and 32 levels, each within half a step of its weight', () => {
    fc.assert(
      fc.property(weights, (values) => {
        const bytes = encodeBlocks('Q8_0', Float32Array.from(values));
        expect(bytes.length).toBe(byteLengthOf('Q8_0', values.length));
        const view = new DataView(bytes.buffer);
        values.forEach((value, i) => {
          const at = Math.floor(i / 32) * 34;
          const scale = fromHalf(view.getUint16(at, true));
          const level = view.getInt8(at + 2 + (i % 32));
          // The scale itself is rounded to half precision, by at most 2^-11 of it, or to a subnormal one.
          expect(Math.abs(level * scale - value)).toBeLessThanOrEqual(
            0.5 * scale + 127 * (scale * 2 ** -10 + 2 ** -24),
          );
        });
      }),
    );
  });

  it('of 4 bits have the first half of a block in the lower nibbles, and the largest weight at the lowest level', () => {
    const values = Float32Array.from({ length: 32 }, (_, i) => (i === 3 ? -8 : i === 20 ? 7 : 0));
    const bytes = encodeBlocks('Q4_0', values);
    expect(bytes.length).toBe(byteLengthOf('Q4_0', 32));
    expect(fromHalf(new DataView(bytes.buffer).getUint16(0, true))).toBe(1);
    const levels = Array.from({ length: 32 }, (_, i) => {
      const byte = bytes[2 + (i % 16)] ?? 0;
      return i < 16 ? byte & 15 : byte >>> 4;
    });
    expect(levels).toEqual([...values].map((value) => value + 8));
  });
});
