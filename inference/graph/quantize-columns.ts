import type { MatrixLayout } from './quantize.ts';

/** Weights at 8 bits, signed, with one scale for each output: the layout of `MatMulIntegerToFloat`. */
export interface QuantizedColumns {
  /** [inputs, outputs] */
  readonly levels: Int8Array;
  /** [outputs] */
  readonly scales: Float32Array;
}

/** Levels reach from -127 to 127. */
const HIGHEST = 127;

export function quantizeColumns(weights: Float32Array, layout: MatrixLayout): QuantizedColumns {
  const { inputs, outputs } = layout;
  const extremes = new Float32Array(outputs);
  forEachWeight(layout, (at, n) => {
    const size = Math.abs(weights[at] as number);
    if (size > (extremes[n] as number)) extremes[n] = size;
  });
  const scales = extremes.map((extreme) => extreme / HIGHEST);
  const inverses = scales.map((scale) => (scale === 0 ? 0 : 1 / scale));
  const levels = new Int8Array(inputs * outputs);
  forEachWeight(layout, (at, n, k) => {
    const level = Math.round((weights[at] as number) * (inverses[n] as number));
    // Beyond the range only where the scale is subnormal and so hardly a number any more.
    levels[k * outputs + n] = Math.max(-HIGHEST, Math.min(HIGHEST, level));
  });
  return { levels, scales };
}

/** In the order in which they lie in memory. */
function forEachWeight(layout: MatrixLayout, visit: (at: number, n: number, k: number) => void): void {
  const { inputs, outputs, inputStride, outputStride } = layout;
  if (inputStride === 1) {
    for (let n = 0; n < outputs; n++) for (let k = 0; k < inputs; k++) visit(n * outputStride + k, n, k);
  } else {
    for (let k = 0; k < inputs; k++) for (let n = 0; n < outputs; n++) visit(k * inputStride + n, n, k);
  }
}
