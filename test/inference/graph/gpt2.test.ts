import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../inference/graph/checkpoint.ts';
import { compile } from '../../../inference/graph/compile.ts';
import type { Weights } from '../../../inference/graph/weights.ts';
import { writeRandomCheckpoint } from '../../fixtures/random-checkpoint.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const LAYERS = 3;
const SIZES = { layers: LAYERS, heads: 2, width: 64, positions: 32, vocabulary: 300 };

/** The graph's file, without the large weights, and what the norms in front of the MLPs are multiplied with in the checkpoint. */
async function drawn(weights: Weights) {
  const folder = await temporaryFolder();
  const source = join(folder, 'checkpoint');
  await mkdir(source);
  await writeRandomCheckpoint(source, SIZES);
  await compile(source, weights, join(folder, 'compiled'));
  const checkpoint = await openCheckpoint(source);
  const norms: Buffer[] = [];
  for (let layer = 0; layer < LAYERS; layer++) {
    norms.push(Buffer.from((await checkpoint.weight(`h.${layer}.ln_2.weight`)).buffer));
  }
  await checkpoint.close();
  return { file: await readFile(join(folder, 'compiled', 'onnx', 'model.onnx')), norms };
}

/** How many nodes the graph has of an operator: field 4 of a node (onnx.proto3), with its length. */
function nodesOf(operator: string, file: Buffer): number {
  const field = Buffer.concat([Buffer.of(0x22, operator.length), Buffer.from(operator)]);
  return file.toString('latin1').split(field.toString('latin1')).length - 1;
}

describe('The graph of a model', () => {
  it('multiplies at q8 with a scale a column throughout, but in blocks behind the activation function and at the head', async () => {
    const { file } = await drawn('q8');
    expect(nodesOf('MatMulIntegerToFloat', file)).toBe(3 * LAYERS);
    expect(nodesOf('MatMulNBits', file)).toBe(LAYERS + 1);
  });

  it('multiplies at q4 in blocks throughout', async () => {
    const { file } = await drawn('q4');
    expect(nodesOf('MatMulIntegerToFloat', file)).toBe(0);
    expect(nodesOf('MatMulNBits', file)).toBe(4 * LAYERS + 1);
  });

  it.each([
    { weights: 'fp32', equalized: false },
    { weights: 'q8', equalized: false },
    { weights: 'q4', equalized: true },
  ] as const)(
    'has norms of its own at $weights where inputs are equalized: $equalized',
    async ({ weights, equalized }) => {
      const { file, norms } = await drawn(weights);
      expect(norms.map((norm) => !file.includes(norm))).toEqual(norms.map(() => equalized));
    },
  );
});
