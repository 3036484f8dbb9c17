import { type BlockFormat, type MatrixLayout, type QuantizedMatrix, weightOf } from './quantize.ts';

/**
 * The bias with what rounding the weights takes from each output on average, so that nothing is lost of the average itself
 * (Nagel et al. 2019, "Data-Free Quantization", section 4.2).
 *
 * @param means What each input is on average: behind a norm about the norm's own bias, so no text has to be read.
 * @returns [outputs]
 */
export function correctedBias(
  bias: Float32Array,
  weights: Float32Array,
  layout: MatrixLayout,
  rounded: QuantizedMatrix,
  format: BlockFormat,
  means: Float32Array,
): Float32Array {
  const { inputs, inputStride, outputStride } = layout;
  return bias.map((value, n) => {
    let sum = value;
    for (let k = 0; k < inputs; k++) {
      const lost = (weights[k * inputStride + n * outputStride] as number) - weightOf(rounded, format, k, n);
      sum += (means[k] as number) * lost;
    }
    return sum;
  });
}
