import { FORMATS, type Matrix } from '../../inference/graph/products.ts';
import type { Gpt2Shape } from '../../inference/graph/shape.ts';
import type { Weights } from '../../inference/graph/weights.ts';

/** The matrices of all layers and the output layer, with their scales; the table of tokens stays in its file. */
export function matrixBytes({ layers, width, innerWidth, vocabulary }: Gpt2Shape, kind: Weights): number {
  const counts: Readonly<Record<Matrix['part'], number>> = {
    attention: layers * 4 * width * width,
    mlp: layers * 2 * width * innerWidth,
    head: vocabulary * width,
  };
  const parts = Object.keys(counts) as Matrix['part'][];
  return parts.reduce((sum, part) => sum + counts[part] * bytesPerWeight(kind, part), 0);
}

function bytesPerWeight(kind: Weights, part: Matrix['part']): number {
  if (kind === 'fp32') return 4;
  const format = FORMATS[kind][part];
  // A scale a column is nothing beside the column.
  return format === 'columns' ? 1 : format.bits / 8 + 4 / format.size;
}
