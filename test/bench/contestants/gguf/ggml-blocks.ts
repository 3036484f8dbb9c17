import type { GgmlType } from './gguf-file.ts';

/** Weights that share a scale. */
const BLOCK = 32;

export function byteLengthOf(type: GgmlType, elements: number): number {
  switch (type) {
    case 'F32':
      return elements * 4;
    case 'F16':
      return elements * 2;
    case 'Q8_0':
      return (elements / BLOCK) * (2 + BLOCK);
    case 'Q4_0':
      return (elements / BLOCK) * (2 + BLOCK / 2);
  }
}

/** Values as ggml stores them; rows must be whole blocks (`quantize_row_q8_0_ref`, `quantize_row_q4_0_ref`). */
export function encodeBlocks(type: GgmlType, values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(byteLengthOf(type, values.length));
  const view = new DataView(bytes.buffer);
  switch (type) {
    case 'F32':
      new Float32Array(bytes.buffer).set(values);
      break;
    case 'F16':
      for (const [i, value] of values.entries()) view.setUint16(2 * i, toHalf(value), true);
      break;
    case 'Q8_0':
      for (let at = 0, to = 0; at < values.length; at += BLOCK, to += 2 + BLOCK) {
        const scale = extreme(values, at, Math.abs) / 127;
        const inverse = scale === 0 ? 0 : 1 / scale;
        view.setUint16(to, toHalf(scale), true);
        for (let i = 0; i < BLOCK; i++)
          view.setInt8(to + 2 + i, Math.round((values[at + i] as number) * inverse));
      }
      break;
    case 'Q4_0':
      for (let at = 0, to = 0; at < values.length; at += BLOCK, to += 2 + BLOCK / 2) {
        const scale = extreme(values, at, (value) => value) / -8;
        const inverse = scale === 0 ? 0 : 1 / scale;
        view.setUint16(to, toHalf(scale), true);
        const level = (i: number) => Math.min(15, Math.trunc((values[at + i] as number) * inverse + 8.5));
        // The first half of a block lies in the lower nibbles, the second in the upper ones.
        for (let i = 0; i < BLOCK / 2; i++) bytes[to + 2 + i] = level(i) | (level(i + BLOCK / 2) << 4);
      }
  }
  return bytes;
}

/** Of the block's values the one farthest from zero. */
function extreme(values: Float32Array, at: number, seen: (value: number) => number): number {
  let farthest = 0;
  for (let i = at; i < at + BLOCK; i++) {
    const value = values[i] as number;
    if (Math.abs(value) > Math.abs(farthest)) farthest = value;
  }
  return seen(farthest);
}

const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

/** IEEE 754 binary32 -> binary16, to the nearest, ties to even; subnormal and too large values included. */
export function toHalf(value: number): number {
  FLOAT[0] = value;
  const bits = BITS[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  if (exponent >= 31) return sign | (Number.isNaN(value) ? 0x7e00 : 0x7c00);
  // Below the normal ones every value is a multiple of 2^-24.
  if (exponent <= 0) return sign | roundToEven(Math.abs(value) * 2 ** 24);
  const mantissa = bits & 0x7fffff;
  // A mantissa that is rounded up to the next power of two carries into the exponent, which is what it should do.
  return sign | ((exponent << 10) + roundToEven(mantissa / 2 ** 13));
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
