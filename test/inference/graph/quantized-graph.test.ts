import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KvCache } from '../../../inference/engine/kv-cache.ts';
import { type Checkpoint, expectedTensors, openCheckpoint } from '../../../inference/graph/checkpoint.ts';
import { compile } from '../../../inference/graph/compile.ts';
import { equalized } from '../../../inference/graph/equalize.ts';
import { formatFor, type Part, partOf } from '../../../inference/graph/products.ts';
import type { BlockFormat, MatrixLayout } from '../../../inference/graph/quantize.ts';
import { quantizeColumns } from '../../../inference/graph/quantize-columns.ts';
import { TABLE_FORMAT } from '../../../inference/graph/token-table.ts';
import type { Weights } from '../../../inference/graph/weights.ts';
import { openGraph } from '../../../inference/model/open-graph.ts';
import { dequantized } from '../../fixtures/dequantized.ts';
import { type RandomCheckpoint, writeRandomCheckpoint } from '../../fixtures/random-checkpoint.ts';
import { randomModel } from '../../fixtures/random-model.ts';
import { ReferenceGpt2 } from '../../fixtures/reference-gpt2.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

/**
 * What is left beside the rounding of the weights, which the judge shares here: activations at 8 bits a row or block, as a
 * share of the logits' own deviation.
 */
const ACTIVATION_SHARE = 0.03;

const SHAPES: Readonly<Record<string, RandomCheckpoint>> = {
  'inputs that fill several blocks': { layers: 1, heads: 8, width: 512, positions: 64, vocabulary: 150 },
  'inputs that end within a block': {
    layers: 2,
    heads: 5,
    width: 40,
    innerWidth: 72,
    positions: 64,
    vocabulary: 97,
  },
  'inputs that end within a later block': { layers: 1, heads: 5, width: 320, positions: 64, vocabulary: 80 },
  'inputs of less than a block': {
    layers: 1,
    heads: 1,
    width: 12,
    innerWidth: 20,
    positions: 64,
    vocabulary: 40,
  },
};

describe.each(Object.entries(SHAPES))('A quantised graph with %s', (_, options) => {
  it.each(['q8', 'q4'] as const)('computes at %s what its own rounded weights ask for', async (weights) => {
    const folder = await temporaryFolder();
    const source = join(folder, 'checkpoint');
    await mkdir(source);
    const shape = await writeRandomCheckpoint(source, options);
    await compile(source, weights, join(folder, 'compiled'));
    const checkpoint = await openCheckpoint(source);
    const rounded = roundedAsCompiled(checkpoint, weights);
    const names = [...expectedTensors(shape)].map(([name]) => name);
    const judge = await ReferenceGpt2.load(rounded, [...names, 'lm_head.weight']);
    await checkpoint.close();

    const prompt = Array.from({ length: 60 }, (_, i) => (i * 37 + (i % 5)) % options.vocabulary);
    const { runner, dispose } = await openGraph(join(folder, 'compiled'), 1);
    const cache = new KvCache(runner.shape, 64, 64);
    cache.addRow();
    const { logits } = await runner.run(
      cache,
      [prompt],
      prompt.map((_, i) => i),
    );
    await dispose();
    const expected = judge.logits(prompt).flatMap((row) => [...row]);
    const error = rootMeanSquare(expected.map((value, i) => value - logits[i]!));
    expect(error / rootMeanSquare(expected)).toBeLessThan(ACTIVATION_SHARE);
  });
});

describe.each(['q8', 'q4'] as const)('A token at %s', (weights) => {
  it('sees the same numbers whether those before it come from the same run or from earlier ones', async () => {
    const shape = { layers: 4, heads: 4, width: 64, positions: 128, vocabulary: 200 };
    const model = await randomModel(shape, weights);
    onTestFinished(() => model.dispose());
    const cache = new KvCache(model.runner.shape, shape.positions, shape.positions);
    cache.addRow();
    const apart: number[] = [];
    for (let at = 0; at < 96; at += 8) {
      const piece = Array.from({ length: 8 }, (_, i) => ((at + i) * 53 + (i % 7)) % shape.vocabulary);
      const every = piece.map((_, i) => i);
      const together = (await model.runner.run(cache, [piece], every)).logits;
      for (const [i, token] of piece.entries()) {
        const { logits, present } = await model.runner.run(cache, [[token]], [0]);
        cache.append(0, present, 0, 1);
        const before = together.subarray(i * shape.vocabulary);
        apart.push(
          Math.max(...logits.map((value, n) => Math.abs(value - (before[n] ?? Number.NaN)))) /
            rootMeanSquare([...logits]),
        );
      }
    }
    // Sums in another order may round an activation to the next level, which mostly they do not.
    const [middle = Number.NaN] = apart.toSorted((a, b) => a - b).slice(apart.length / 2);
    expect(middle).toBeLessThan(1e-4);
  });
});

/** The checkpoint as the compiled graph sees it: matrices rounded to their levels, all else as it is. */
function roundedAsCompiled(checkpoint: Checkpoint, weights: Weights & ('q8' | 'q4')): Checkpoint {
  const { width, innerWidth, vocabulary } = checkpoint.shape;
  const embedding = { inputs: width, outputs: vocabulary, inputStride: 1, outputStride: width };
  const source = weights === 'q4' ? equalized(checkpoint) : checkpoint;
  const matrix = (values: Float32Array, layout: MatrixLayout, part: Part) => {
    const format = formatFor(weights, part, layout.inputs);
    return format === 'columns' ? roundedColumns(values, layout) : roundedBlocks(values, layout, format);
  };
  const weight = async (name: string): Promise<Float32Array> => {
    const values = await source.weight(name === 'lm_head.weight' ? 'wte.weight' : name);
    if (name === 'lm_head.weight') return matrix(values, embedding, 'head');
    if (name === 'wte.weight')
      return width % TABLE_FORMAT.size === 0 ? roundedBlocks(values, embedding, TABLE_FORMAT) : values;
    if (!/c_(attn|proj|fc)\.weight$/.test(name)) return values;
    const inputs = name.endsWith('mlp.c_proj.weight') ? innerWidth : width;
    const outputs = values.length / inputs;
    const layout = { inputs, outputs, inputStride: outputs, outputStride: 1 };
    return matrix(values, layout, partOf(name));
  };
  return { ...checkpoint, weight };
}

function roundedColumns(values: Float32Array, layout: MatrixLayout): Float32Array {
  const { levels, scales } = quantizeColumns(values, layout);
  return filled(layout, (k, n) => levels[k * layout.outputs + n]! * scales[n]!);
}

function roundedBlocks(values: Float32Array, layout: MatrixLayout, format: BlockFormat): Float32Array {
  return filled(layout, dequantized(values, layout, format));
}

function filled(layout: MatrixLayout, weightAt: (input: number, output: number) => number): Float32Array {
  const { inputs, outputs, inputStride, outputStride } = layout;
  const result = new Float32Array(inputs * outputs);
  for (let n = 0; n < outputs; n++)
    for (let k = 0; k < inputs; k++) result[k * inputStride + n * outputStride] = weightAt(k, n);
  return result;
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
