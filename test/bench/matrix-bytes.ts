import type { Gpt2Shape } from '../../inference/graph/shape.ts';
import type { Weights } from '../../inference/graph/weights.ts';

/** Bytes that a weight of a matrix takes, its share of the scales included. */
const BYTES_PER_WEIGHT: Readonly<Record<Weights, number>> = { fp32: 4, q8: 1, q4: 0.5 + 4 / 32 };

/** The matrices of all layers and the output layer; the table of tokens stays in its file. */
export function matrixBytes({ layers, width, innerWidth, vocabulary }: Gpt2Shape, kind: Weights): number {
  const weightCount = layers * (4 * width * width + 2 * width * innerWidth) + vocabulary * width;
  return weightCount * BYTES_PER_WEIGHT[kind];
}
