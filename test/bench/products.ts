import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataFileOf, MODEL_NAME } from '../../inference/graph/compile.ts';
import { OnnxGraph } from '../../inference/graph/onnx.ts';
import { MICROSOFT, type Value } from '../../inference/graph/onnx-format.ts';
import { FORMATS } from '../../inference/graph/products.ts';
import type { BlockFormat } from '../../inference/graph/quantize.ts';
import { openSession } from '../../inference/model/runtime-session.ts';
import type { BenchContext } from './bench-context.ts';
import { median } from './figure.ts';
import { profileOf } from './runtime-profile.ts';
import { tableOf } from './table.ts';

/** The largest product of GPT-2's smallest size, of which it has one a layer. */
const INPUTS = 768;
const OUTPUTS = 3072;
const ROWS = [1, 2, 4, 8, 16, 128] as const;
const ROUNDS = 5;
/** So many bytes of different weights in turn come from memory, and not out of a cache. */
const BYTES_BEYOND_CACHES = 96e6;

/** Draws x [rows, inputs] · W for one way to keep the weights. */
type Draw = (graph: OnnxGraph, x: Value, name: string) => Promise<Value>;

interface Layout {
  readonly what: string;
  readonly operator: string;
  readonly bytes: number;
  readonly integers: boolean;
  readonly exactSums: boolean;
  readonly draw: Draw;
}

const WEIGHTS = INPUTS * OUTPUTS;

const LAYOUTS: readonly Layout[] = [
  layout('full precision', 'MatMul', 4 * WEIGHTS, async (graph, x, name) =>
    graph.node('MatMul', [x, await graph.weight(name, floats(WEIGHTS), [INPUTS, OUTPUTS])]),
  ),
  ...[32, 128, 256].map((block) => blocks(8, block)),
  ...[32, 64, 128].map((block) => blocks(4, block)),
  columns(`8 bits, a scale a column${keptSo((format) => format === 'columns')}`, false),
  columns('the same, the exact way', true),
  layout(
    '8 bits, activations with one scale for all rows',
    'DynamicQuantizeMatMul',
    WEIGHTS,
    async (graph, x, name) => {
      const weight = await graph.weight(name, levels(Int8Array, WEIGHTS), [INPUTS, OUTPUTS]);
      const scales = await graph.weight(`${name}.scales`, floats(OUTPUTS), [OUTPUTS]);
      return graph.node('DynamicQuantizeMatMul', [x, weight, scales], { domain: MICROSOFT });
    },
  ),
];

/** What one product takes with weights that are kept in one way. */
export interface ProductTimes {
  readonly what: string;
  /** In the order of `ROWS`. */
  readonly microseconds: readonly number[];
}

/** How long the runtime's products take by the layout of weights and by rows: what the choice of `q8` and `q4` rests on. */
export async function measureProducts({
  rounds = ROUNDS,
  log,
}: BenchContext): Promise<readonly ProductTimes[]> {
  const times: ProductTimes[] = [];
  for (const one of LAYOUTS) {
    log(`Measuring products: ${one.what} …`);
    times.push({ what: one.what, microseconds: await timesOf(one, rounds) });
  }
  return times;
}

async function timesOf({ operator, bytes, integers, exactSums, draw }: Layout, rounds: number) {
  const folder = await mkdtemp(join(tmpdir(), 'parley-products-'));
  try {
    await writeProducts(folder, Math.ceil(BYTES_BEYOND_CACHES / bytes), integers, draw);
    const runs = await profileOf(async (profilePrefix) => {
      const session = await openSession(folder, MODEL_NAME, { threads: 0, exactSums, profilePrefix });
      for (const rows of ROWS) {
        const values = integers ? levels(Uint8Array, rows * INPUTS) : floats(rows * INPUTS);
        const x = session.tensor(integers ? 'uint8' : 'float32', values, [rows, INPUTS]);
        // The first round warms up.
        for (let round = 0; round <= rounds; round++) await session.run({ x });
      }
      await session.dispose();
    });
    return ROWS.map((_, i) => {
      const counted = runs.slice(i * (rounds + 1) + 1, (i + 1) * (rounds + 1)).flat();
      return median(
        counted.filter((node) => node.operator === operator).map(({ microseconds }) => microseconds),
      );
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A graph that multiplies the same rows with many matrices, and gives out next to nothing of what comes of it. */
async function writeProducts(folder: string, count: number, integers: boolean, draw: Draw): Promise<void> {
  await mkdir(join(folder, 'onnx'));
  await writeFile(join(folder, 'config.json'), JSON.stringify({ model_type: 'gpt2' }));
  const graph = new OnnxGraph(join(folder, 'onnx'), dataFileOf(MODEL_NAME));
  const x = graph.input('x', integers ? 'uint8' : 'float', ['rows', INPUTS]);
  const largest: Value[] = [];
  for (let i = 0; i < count; i++) {
    const product = await draw(graph, x, `weights.${i}`);
    largest.push(graph.node('ReduceMax', [product], { attributes: { axes: [-1], keepdims: 1 } }));
  }
  graph.nodeAs('largest', 'Sum', largest);
  graph.output('largest', 'float', ['rows', 1]);
  await writeFile(join(folder, 'onnx', `${MODEL_NAME}.onnx`), await graph.finish({}));
}

function layout(what: string, operator: string, bytes: number, draw: Draw): Layout {
  return { what, operator, bytes, integers: false, exactSums: false, draw };
}

/** Which parts of the model are kept so at which kind of weights, in brackets. */
function keptSo(matches: (format: BlockFormat | 'columns') => boolean): string {
  const users = Object.entries(FORMATS).flatMap(([weights, formats]) => {
    const parts = Object.entries(formats).flatMap(([part, format]) => (matches(format) ? [part] : []));
    return parts.length > 0 ? [`\`${weights}\`: ${parts.join(', ')}`] : [];
  });
  return users.length > 0 ? ` (${users.join('; ')})` : '';
}

function blocks(bits: 4 | 8, block: number): Layout {
  const count = INPUTS / block;
  const bytes = (WEIGHTS * bits) / 8;
  const users = keptSo((format) => format !== 'columns' && format.bits === bits && format.size === block);
  const what = `${bits} bits in blocks of ${block}${users}`;
  return layout(what, 'MatMulNBits', bytes, async (graph, x, name) => {
    const packed = [OUTPUTS, count, (block * bits) / 8];
    const weight = await graph.weight(name, levels(Uint8Array, bytes), packed);
    const scales = await graph.weight(`${name}.scales`, floats(OUTPUTS * count), [OUTPUTS * count]);
    const attributes = { K: INPUTS, N: OUTPUTS, bits, block_size: block, accuracy_level: 4 };
    return graph.node('MatMulNBits', [x, weight, scales], { domain: MICROSOFT, attributes });
  });
}

/** Activations go in as they are multiplied: the small nodes around the product are no part of it. */
function columns(what: string, exactSums: boolean): Layout {
  const draw: Draw = async (graph, x, name) => {
    const weight = await graph.weight(name, levels(Int8Array, WEIGHTS), [INPUTS, OUTPUTS]);
    const scales = await graph.weight(`${name}.scales`, floats(OUTPUTS), [OUTPUTS]);
    const factors = [x, weight, graph.scalar(1 / 127, 'float'), scales, graph.scalar(128, 'uint8')];
    return graph.node('MatMulIntegerToFloat', factors, { domain: MICROSOFT });
  };
  return { ...layout(what, 'MatMulIntegerToFloat', WEIGHTS, draw), integers: true, exactSums };
}

function floats(count: number): Float32Array {
  return Float32Array.from({ length: count }, () => Math.random() - 0.5);
}

function levels<T extends Int8Array | Uint8Array>(Levels: new (count: number) => T, count: number): T {
  const values = new Levels(count);
  for (let i = 0; i < count; i++) values[i] = Math.floor(Math.random() * 255) - 127;
  return values;
}

export function renderProducts(times: readonly ProductTimes[]): string {
  const header = ['weights, µs', '1 row', ...ROWS.slice(1).map(String)];
  const rows = times.map(({ what, microseconds }) => [
    what,
    ...microseconds.map((time) => Math.round(time).toLocaleString('en')),
  ]);
  return tableOf(header, rows);
}
