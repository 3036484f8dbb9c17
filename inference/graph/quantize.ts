/**
 * Weights at 4 or 8 bits in blocks along the input, each with its own scale: the layout of ONNX Runtime's
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

export interface BlockFormat {
  readonly bits: 4 | 8;
  /** Weights that share a scale: an even number. */
  readonly size: number;
  /**
   * What a block's scale is chosen for: that its largest weight keeps its value, or that the sum of squared errors is small.
   * The more weights share few levels, the more the second one saves.
   */
  readonly fit: 'largest' | 'squares';
}

/** Where weight (input k, output n) lies in the array: `k * inputStride + n * outputStride`. */
export interface MatrixLayout {
  readonly inputs: number;
  readonly outputs: number;
  readonly inputStride: number;
  readonly outputStride: number;
}

export function quantize(
  weights: Float32Array,
  layout: MatrixLayout,
  { bits, size, fit }: BlockFormat,
): QuantizedMatrix {
  const { inputs, outputs, inputStride, outputStride } = layout;
  const blocks = Math.ceil(inputs / size);
  const blockBytes = (size * bits) / 8;
  const packed = new Uint8Array(outputs * blocks * blockBytes);
  const scales = new Float32Array(outputs * blocks);
  const zero = 1 << (bits - 1);
  const highest = (1 << bits) - 1;
  const values = new Float32Array(size);
  const levels = new Uint8Array(size);

  // Blocks outside, outputs inside: the checkpoint stores [in, out], so the next output finds its weights in the cache.
  for (let block = 0; block < blocks; block++) {
    const count = Math.min(size, inputs - block * size);
    for (let n = 0; n < outputs; n++) {
      let extreme = 0;
      let at = block * size * inputStride + n * outputStride;
      for (let k = 0; k < count; k++, at += inputStride) {
        const value = weights[at] as number;
        values[k] = value;
        if (Math.abs(value) > Math.abs(extreme)) extreme = value;
      }
      // The range has one level more below zero than above: the largest weight takes that one, whatever its sign.
      const largest = extreme / -zero;
      const scale = Math.fround(fit === 'squares' ? leastSquares(values, count, largest, zero) : largest);
      const inverse = scale === 0 ? 0 : 1 / scale;
      for (let k = 0; k < size; k++) {
        const level = k < count ? Math.round((values[k] as number) * inverse) + zero : zero;
        // Beyond the range where that costs least, or where the scale is subnormal and so hardly a number any more.
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

/** Shares of the largest scale that are tried: below them too many weights would lie beyond the range. */
const TRIED = [1, 0.9, 0.8, 0.7];

/** The scale, of those that are tried and what they lead to, with the least sum of squared errors. */
function leastSquares(values: Float32Array, count: number, largest: number, zero: number): number {
  let best = largest;
  let least = Number.POSITIVE_INFINITY;
  if (largest === 0) return largest;
  for (const share of TRIED) {
    let scale = largest * share;
    // For levels that are chosen the best scale is known; from that one other levels may be nearer.
    for (let round = 0; round < 2; round++) {
      const inverse = 1 / scale;
      let error = 0;
      let along = 0;
      let squares = 0;
      for (let k = 0; k < count; k++) {
        const value = values[k] as number;
        const level = Math.max(-zero, Math.min(zero - 1, Math.round(value * inverse)));
        const missed = value - level * scale;
        error += missed * missed;
        along += value * level;
        squares += level * level;
      }
      if (error < least) {
        least = error;
        best = scale;
      }
      if (along === 0) break;
      scale = along / squares;
    }
  }
  return best;
}

/** Two levels a byte, the earlier one in the lower half. */
function packNibbles(levels: Uint8Array, packed: Uint8Array, at: number): void {
  for (let k = 0; k < levels.length; k += 2) {
    packed[at + k / 2] = (levels[k] as number) | ((levels[k + 1] as number) << 4);
  }
}
