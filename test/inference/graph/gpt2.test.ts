import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AutoModelForCausalLM } from '@xenova/transformers';
import { PbfReader, PbfWriter } from 'pbf';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../inference/graph/checkpoint.ts';
import { compile } from '../../../inference/graph/compile.ts';
import { WEIGHTS, type Weights } from '../../../inference/graph/weights.ts';
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
  const path = join(folder, 'compiled', 'onnx', 'model.onnx');
  return { compiled: join(folder, 'compiled'), path, file: await readFile(path), norms };
}

/** The names of what nodes give, and of what is described in the file. */
function valuesOf(file: Buffer) {
  const given: string[] = [];
  const described = new Set<string>();
  const model = new PbfReader(file);
  model.readFields((field) => {
    if (field !== MODEL.graph) return;
    model.readMessage((part) => {
      if (part === GRAPH.node)
        model.readMessage((f) => f === NODE.output && given.push(model.readString()), 0);
      if (part === GRAPH.output || part === GRAPH.value)
        model.readMessage((f) => f === VALUE.name && described.add(model.readString()), 0);
    }, 0);
  }, 0);
  return { given, described };
}

// Field numbers of onnx.proto3.
const MODEL = { graph: 7 };
const GRAPH = { node: 1, output: 12, value: 13 };
const NODE = { output: 2 };
const VALUE = { name: 1 };

/** What the runtime knows of the sizes of all values that nodes give; an empty name is one that it does not know. */
async function knownSizes(compiled: string, path: string, file: Buffer) {
  const { given, described } = valuesOf(file);
  // Two halves of a message, one behind the other, are one message: the graph gets outputs of which nothing is said.
  const more = new PbfWriter();
  more.writeMessage(
    MODEL.graph,
    (_, graph) => {
      for (const value of given.filter((name) => !described.has(name)))
        graph.writeMessage(GRAPH.output, (name, output) => output.writeStringField(VALUE.name, name), value);
    },
    undefined,
  );
  await appendFile(path, more.finish());
  const model = await AutoModelForCausalLM.from_pretrained(compiled, {
    dtype: 'fp32',
    model_file_name: 'model',
    local_files_only: true,
    session_options: { logSeverityLevel: 4 },
  });
  const { outputMetadata } = model.sessions.model as {
    readonly outputMetadata: readonly {
      readonly name: string;
      readonly shape: readonly (number | string)[];
    }[];
  };
  const sizes = outputMetadata.map(({ name, shape }) => ({ name, shape }));
  await model.dispose();
  return { sizes, values: given.length };
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

  it.each(WEIGHTS)(
    'lets the runtime know at %s how large every value is, because only then it computes in place',
    async (weights) => {
      const { compiled, path, file } = await drawn(weights);
      const { sizes, values } = await knownSizes(compiled, path, file);
      expect(sizes.length).toBeGreaterThan(values / 2);
      expect(sizes.filter(({ shape }) => shape.length === 0 || shape.includes(''))).toEqual([]);
    },
  );

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
