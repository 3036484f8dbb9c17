import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, openCheckpoint } from '../../../inference/graph/checkpoint.ts';
import { dataFileOf, MODEL_NAME } from '../../../inference/graph/compile.ts';
import { OnnxGraph } from '../../../inference/graph/onnx.ts';
import { MICROSOFT, type Value } from '../../../inference/graph/onnx-format.ts';

/**
 * The same checkpoint in the layout that exported GPT-2 models have and that `generate` of transformers.js expects: the whole
 * cache goes in and the whole cache comes out, logits for every position, 8-bit weights with one scale a matrix and
 * activations quantised by `DynamicQuantizeLinear`. Masks and scores use fewer nodes than real exports do, so what it is
 * compared with gets no gift.
 */
export async function writeStandardModel(checkpointFolder: string, folder: string): Promise<void> {
  await mkdir(join(folder, 'onnx'), { recursive: true });
  const checkpoint = await openCheckpoint(checkpointFolder);
  const graph = new OnnxGraph(join(folder, 'onnx'), dataFileOf(MODEL_NAME));
  await drawStandard(graph, checkpoint);
  await writeFile(join(folder, 'onnx', `${MODEL_NAME}.onnx`), await graph.finish({}));
  await writeFile(join(folder, 'config.json'), await readFile(join(checkpointFolder, 'config.json')));
  await checkpoint.close();
}

async function drawStandard(graph: OnnxGraph, checkpoint: Checkpoint): Promise<void> {
  const { layers, heads, width, headWidth, innerWidth, vocabulary, positions, epsilon } = checkpoint.shape;
  const weight = async (name: string, dims: readonly number[]) =>
    graph.weight(name, await checkpoint.weight(name), dims);

  const norm = async (x: Value, name: string) =>
    graph.node(
      'LayerNormalization',
      [x, await weight(`${name}.weight`, [width]), await weight(`${name}.bias`, [width])],
      {
        attributes: { axis: -1, epsilon: { float: epsilon } },
      },
    );
  const product = async (x: Value, name: string, values: Float32Array, inputs: number, outputs: number) => {
    const { levels, scale } = quantizeWhole(values);
    const [quantised = '', inputScale = '', zero = ''] = graph.nodeWith(3, 'DynamicQuantizeLinear', [x]);
    const zeroWeight = await graph.weight(`${name}.zero`, Uint8Array.of(128), []);
    const matrix = await graph.weight(`${name}.levels`, levels, [inputs, outputs]);
    const sums = graph.node('MatMulInteger', [quantised, matrix, zero, zeroWeight]);
    const scales = graph.node('Mul', [
      inputScale,
      await graph.weight(`${name}.scale`, Float32Array.of(scale), []),
    ]);
    return graph.node('Mul', [graph.node('Cast', [sums], { attributes: { to: 1 } }), scales]);
  };
  const linear = async (x: Value, name: string, inputs: number, outputs: number) => {
    const y = await product(x, name, await checkpoint.weight(`${name}.weight`), inputs, outputs);
    return graph.node('Add', [y, await weight(`${name}.bias`, [outputs])]);
  };

  const ids = graph.input('input_ids', 'int64', ['batch', 'tokens']);
  const mask = graph.input('attention_mask', 'int64', ['batch', 'total']);
  const places = graph.input('position_ids', 'int64', ['batch', 'tokens']);
  const embedding = await checkpoint.weight('wte.weight');
  const table = await graph.weight('wte.weight', embedding, [vocabulary, width]);
  const placeTable = await weight('wpe.weight', [positions, width]);
  let x = graph.node('Add', [graph.node('Gather', [table, ids]), graph.node('Gather', [placeTable, places])]);

  const size = (value: Value, axis: number) =>
    graph.node('Gather', [graph.node('Shape', [value]), graph.integers([axis])]);
  const scalar = (value: Value) => graph.node('Squeeze', [value]);
  const total = size(mask, 1);
  const past = graph.node('Sub', [total, size(ids, 1)]);
  const one = scalar(graph.integers([1]));
  const keys = graph.node('Range', [scalar(graph.integers([0])), scalar(total), one]);
  const queries = graph.node('Unsqueeze', [
    graph.node('Range', [scalar(past), scalar(total), one]),
    graph.integers([1]),
  ]);
  const seen = graph.node('LessOrEqual', [keys, queries]);
  const present = graph.node('Unsqueeze', [
    graph.node('Cast', [mask], { attributes: { to: 9 } }),
    graph.integers([1, 2]),
  ]);
  const allowed = graph.node('And', [seen, present]);
  const nothing = await graph.weight('zero', Float32Array.of(0), []);
  const hidden = await graph.weight('hidden', Float32Array.of(-1e9), []);
  const bias = graph.node('Where', [allowed, nothing, hidden]);

  const perHead = graph.integers([0, 0, heads, headWidth]);
  for (let layer = 0; layer < layers; layer++) {
    const h = `h.${layer}.`;
    const packed = await linear(await norm(x, `${h}ln_1`), `${h}attn.c_attn`, width, 3 * width);
    const [q = '', k = '', v = ''] = graph
      .nodeWith(3, 'Split', [packed], { attributes: { axis: -1, num_outputs: 3 } })
      .map((part) =>
        graph.node('Transpose', [graph.node('Reshape', [part, perHead])], {
          attributes: { perm: [0, 2, 1, 3] },
        }),
      );
    const cache = ['key', 'value'].map((side, i) => {
      const before = graph.input(`past_key_values.${layer}.${side}`, 'float', [
        'batch',
        heads,
        'past',
        headWidth,
      ]);
      const after = graph.nodeAs(`present.${layer}.${side}`, 'Concat', [before, [k, v][i] ?? ''], {
        attributes: { axis: 2 },
      });
      graph.output(after, 'float', ['batch', heads, 'total', headWidth]);
      return after;
    });
    const scores = graph.node('FusedMatMul', [q, cache[0] ?? ''], {
      domain: MICROSOFT,
      attributes: { transB: 1, alpha: { float: 1 / Math.sqrt(headWidth) } },
    });
    const shares = graph.node('Softmax', [graph.node('Add', [scores, bias])], { attributes: { axis: -1 } });
    const mixed = graph.node('Transpose', [graph.node('MatMul', [shares, cache[1] ?? ''])], {
      attributes: { perm: [0, 2, 1, 3] },
    });
    const joined = graph.node('Reshape', [mixed, graph.integers([0, 0, width])]);
    x = graph.node('Add', [x, await linear(joined, `${h}attn.c_proj`, width, width)]);
    const inner = await linear(await norm(x, `${h}ln_2`), `${h}mlp.c_fc`, width, innerWidth);
    const outer = await linear(
      graph.node('FastGelu', [inner], { domain: MICROSOFT }),
      `${h}mlp.c_proj`,
      innerWidth,
      width,
    );
    x = graph.node('Add', [x, outer]);
  }
  const head = transpose(embedding, vocabulary, width);
  graph.nodeAs('logits', 'Identity', [await product(await norm(x, 'ln_f'), 'head', head, width, vocabulary)]);
  graph.output('logits', 'float', ['batch', 'tokens', vocabulary]);
}

/** One scale for the whole matrix, zero point 128: what dynamic quantisation tools write. */
function quantizeWhole(values: Float32Array): { levels: Uint8Array; scale: number } {
  let extreme = 0;
  for (const value of values) extreme = Math.max(extreme, Math.abs(value));
  const scale = extreme / 127;
  return { levels: Uint8Array.from(values, (value) => Math.round(value / scale) + 128), scale };
}

function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c] ?? 0;
  return result;
}
