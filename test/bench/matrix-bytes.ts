import { formatFor, type Part } from '../../inference/graph/products.ts';
import type { Gpt2Shape } from '../../inference/graph/shape.ts';
import type { Weights } from '../../inference/graph/weights.ts';

/** The matrices of all layers and the output layer, with their scales; the table of tokens stays in its file. */
export function matrixBytes({ layers, width, innerWidth, vocabulary }: Gpt2Shape, kind: Weights): number {
  const matrices: readonly [Part, inputs: number, outputs: number][] = [
    ['attention', width, layers * 4 * width],
    ['mlpUp', width, layers * innerWidth],
    ['mlpDown', innerWidth, layers * width],
    ['head', width, vocabulary],
  ];
  return matrices.reduce((sum, [part, inputs, outputs]) => sum + outputs * rowBytes(kind, part, inputs), 0);
}

/** What all weights of one output take. */
function rowBytes(kind: Weights, part: Part, inputs: number): number {
  if (kind === 'fp32') return 4 * inputs;
  const format = formatFor(kind, part, inputs);
  // A scale a column is nothing beside the column.
  if (format === 'columns') return inputs;
  const { bits, size } = format;
  return Math.ceil(inputs / size) * ((size * bits) / 8 + 4);
}
