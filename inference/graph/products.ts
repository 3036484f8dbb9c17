import type { OnnxGraph } from './onnx.ts';
import { MICROSOFT, NONE, type Value } from './onnx-format.ts';
import { type BlockFormat, type MatrixLayout, quantize } from './quantize.ts';
import { quantizeColumns } from './quantize-columns.ts';
import type { Weights } from './weights.ts';

/** A product [rows, outputs], and the bias [outputs] that the next node has still to add, because it does so on its own. */
export interface Product {
  readonly value: Value;
  readonly bias: Value;
}

/** Where in the model a matrix stands. */
export type Part = 'attention' | 'mlpUp' | 'mlpDown' | 'head';

/** The part to which a linear layer of the checkpoint belongs (`h.0.mlp.c_fc`). */
export function partOf(name: string): Part {
  if (name.includes('.attn.')) return 'attention';
  return name.includes('.mlp.c_fc') ? 'mlpUp' : 'mlpDown';
}

/** A matrix of the checkpoint; `name` is its own in the graph. */
export interface Matrix {
  readonly name: string;
  readonly part: Part;
  readonly values: Float32Array;
  readonly layout: MatrixLayout;
  readonly bias?: Float32Array;
}

/** Draws x [rows, inputs] · W (+ b) with weights of one kind. */
export type Multiply = (x: Value, matrix: Matrix) => Promise<Product>;

/** Eight bits lose next to nothing in blocks of any size, and the largest that the runtime knows are multiplied fastest, if they are full. */
const EIGHT_BITS: BlockFormat = { bits: 8, size: 256, fit: 'largest' };

/** Four bits want smaller blocks, and scales that are chosen for all that is in them. */
const FOUR_BITS: BlockFormat = { bits: 4, size: 64, fit: 'squares' };

/**
 * How each part of the model is kept: in blocks, or with a scale a column.
 *
 * Columns multiply many rows in half the time that blocks take; one row is multiplied sooner in blocks, soonest at 4 bits. The
 * head mostly has one row, for only tokens that are drawn need it. `q8` has 4 bits in the one part where they lose least: that
 * shortens a reply's token by more than it lengthens a prompt. At `q4` they are in the whole MLP, in larger blocks where
 * inputs are equalized (`equalize.ts`). Of what all parts lose by 4 bits, attention's and the head's are most, though they are
 * half of the weights (docs/performance.md).
 */
export const FORMATS = {
  q8: { attention: 'columns', mlpUp: 'columns', mlpDown: FOUR_BITS, head: EIGHT_BITS },
  q4: { attention: EIGHT_BITS, mlpUp: { ...FOUR_BITS, size: 128 }, mlpDown: FOUR_BITS, head: EIGHT_BITS },
} as const satisfies Readonly<
  Record<Exclude<Weights, 'fp32'>, Readonly<Record<Part, BlockFormat | 'columns'>>>
>;

/** The size of blocks where large ones would be filled up too far: 320 inputs by 64 weights, instead of by 192. */
const WHERE_LARGE_ONES_END = 128;

/** How a part is kept whose matrix has so many inputs: where they do not fill blocks of 256, in blocks of 128. */
export function formatFor(
  weights: keyof typeof FORMATS,
  part: Part,
  inputs: number,
): BlockFormat | 'columns' {
  const format = FORMATS[weights][part];
  if (format === 'columns' || inputs % format.size === 0) return format;
  return { ...format, size: Math.min(format.size, WHERE_LARGE_ONES_END) };
}

export function multiplierFor(weights: Weights, graph: OnnxGraph): Multiply {
  if (weights === 'fp32') return (x, matrix) => multiplyFloats(graph, x, matrix);
  return (x, matrix) => {
    const format = formatFor(weights, matrix.part, matrix.layout.inputs);
    return format === 'columns'
      ? multiplyIntegers(graph, x, matrix)
      : multiplyBlocks(graph, x, matrix, format);
  };
}

async function multiplyFloats(graph: OnnxGraph, x: Value, matrix: Matrix): Promise<Product> {
  const { inputs, outputs } = matrix.layout;
  const weight = await graph.weight(matrix.name, matrix.values, [inputs, outputs]);
  return { value: graph.node('MatMul', [x, weight]), bias: await biasOf(graph, matrix) };
}

/** Levels of a row's activations to either side of zero, which is in the middle of a byte. */
const LEVELS = 127;
const MIDDLE = 128;

/**
 * Eight bits on both sides, with a scale for each row and each column: products of integers are what processors do fastest
 * (on one with AMX ten times faster than block-wise ones), at any number of rows with one layout of weights. Each row is
 * scaled by itself, so that a row's result does not depend on its neighbours.
 *
 * A row of zeros has nothing to be divided by; what comes of it is multiplied by its zero again.
 */
async function multiplyIntegers(graph: OnnxGraph, x: Value, matrix: Matrix): Promise<Product> {
  const { name, layout } = matrix;
  const { inputs, outputs } = layout;
  const { levels, scales } = quantizeColumns(matrix.values, layout);

  const sizes = graph.node('Abs', [x]);
  const extreme = graph.node('ReduceMax', [sizes, graph.integers([-1])]);
  const share = graph.node('Div', [x, extreme]);
  const step = graph.scalar(1 / LEVELS, 'float');
  const zero = graph.scalar(MIDDLE, 'uint8');
  const rows = graph.node('QuantizeLinear', [share, step, zero]);

  const weight = await graph.weight(name, levels, [inputs, outputs]);
  const columns = await graph.weight(`${name}.scales`, scales, [outputs]);
  const product = graph.node('MatMulIntegerToFloat', [rows, weight, step, columns, zero], {
    domain: MICROSOFT,
  });
  return { value: graph.node('Mul', [product, extreme]), bias: await biasOf(graph, matrix) };
}

/** Weights in blocks, with activations at 8 bits per row and block (accuracy level 4): the least to read for one row. */
async function multiplyBlocks(
  graph: OnnxGraph,
  x: Value,
  matrix: Matrix,
  format: BlockFormat,
): Promise<Product> {
  const { name, layout } = matrix;
  const { inputs, outputs } = layout;
  const { packed, scales, blocks, blockBytes } = quantize(matrix.values, layout, format);
  const weight = await graph.weight(name, packed, [outputs, blocks, blockBytes]);
  const scale = await graph.weight(`${name}.scales`, scales, [outputs * blocks]);
  const bias = await biasOf(graph, matrix);
  const operands = [x, weight, scale, ...(bias === NONE ? [] : [NONE, NONE, bias])];
  const { bits, size } = format;
  const attributes = { K: inputs, N: outputs, bits, block_size: size, accuracy_level: 4 };
  return { value: graph.node('MatMulNBits', operands, { domain: MICROSOFT, attributes }), bias: NONE };
}

async function biasOf(graph: OnnxGraph, { name, bias, layout }: Matrix): Promise<Value> {
  return bias ? graph.weight(`${name}.bias`, bias, [layout.outputs]) : NONE;
}
