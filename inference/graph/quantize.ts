/**
 * Weights at 4 or 8 bits in blocks of 32 along the input, each with its own scale: the layout of ONNX Runtime's
 * `MatMulNBits` (unsigned, zero point in the middle of the range), in which the table of tokens is kept, too.
 */
export interface QuantizedMatrix {
  /** [outputs, blocks, bytes per block] */
  readonly packed: Uint8Array;
  /** [outputs, blocks] */
  readonly scales: Float32Array;
  readonly blocks: number;
  readonly blockBytes: number;
}

/** Small enough to follow outliers, large enough that scales add only an eighth of a 4-bit weight's size. */
export const BLOCK = 32;

export type Bits = 4 | 8;

/** Where weight (input k, output n) lies in the array: `k * inputStride + n * outputStride`. */
export interface MatrixLayout {
  readonly inputs: number;
  readonly outputs: number;
  readonly inputStride: number;
  readonly outputStride: number;
}

export function quantize(weights: Float32Array, layout: MatrixLayout, bits: Bits): QuantizedMatrix {
  const { inputs, outputs, inputStride, outputStride } = layout;
  const blocks = Math.ceil(inputs / BLOCK);
  const blockBytes = (BLOCK * bits) / 8;
  const packed = new Uint8Array(outputs * blocks * blockBytes);
  const scales = new Float32Array(outputs * blocks);
  const zero = 1 << (bits - 1);
  const highest = (1 << bits) - 1;
  const values = new Float32Array(BLOCK);
  const levels = new Uint8Array(BLOCK);

  // Blocks outside, outputs inside: the checkpoint stores [in, out], so this order reads memory in sequence.
  for (let block = 0; block < blocks; block++) {
    const count = Math.min(BLOCK, inputs - block * BLOCK);
    for (let n = 0; n < outputs; n++) {
      let extreme = 0;
      let at = block * BLOCK * inputStride + n * outputStride;
      for (let k = 0; k < count; k++, at += inputStride) {
        const value = weights[at] as number;
        values[k] = value;
        if (Math.abs(value) > Math.abs(extreme)) extreme = value;
      }
      // The range has one level more below zero than above: the largest weight takes that one, whatever its sign.
      const scale = Math.fround(extreme / -zero);
      const inverse = scale === 0 ? 0 : 1 / scale;
      for (let k = 0; k < BLOCK; k++) {
        const level = k < count ? Math.round((values[k] as number) * inverse) + zero : zero;
        // Below the lowest only where the scale is subnormal and so hardly a number any more.
        levels[k] = Math.max(0, Math.min(highest, level));
      }
      const index = n * blocks + block;
      scales[index] = scale;
      if (bits === 8) packed.set(levels, index * blockBytes);
      else packNibbles(levels, packed, index * blockBytes);
    }
  }
  return { packed, scales, blocks, blockBytes };
}

/** Two levels a byte, the earlier one in the lower half. */
function packNibbles(levels: Uint8Array, packed: Uint8Array, at: number): void {
  for (let k = 0; k < BLOCK; k += 2) {
    packed[at + k / 2] = (levels[k] as number) | ((levels[k + 1] as number) << 4);
  }
}
