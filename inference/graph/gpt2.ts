import { Attention, queryScale } from './attention.ts';
import type { Checkpoint } from './checkpoint.ts';
import { Embedding } from './embedding.ts';
import { equalized } from './equalize.ts';
import type { OnnxGraph } from './onnx.ts';
import { MICROSOFT, NONE, type Value } from './onnx-format.ts';
import { PORTS } from './ports.ts';
import { type Matrix, type Multiply, multiplierFor, type Product, partOf } from './products.ts';
import type { Activation } from './shape.ts';
import { type TokenTable, writeTokenTable } from './token-table.ts';
import { cacheTypeFor, type Weights } from './weights.ts';

/**
 * GPT-2 (Radford et al. 2019, section 2.3), drawn for chatting: the cache of keys and values goes in as it lies in memory and
 * only the new entries come out, because the runtime copies every output and no input; which tokens see which is an input,
 * so that the rows of a batch may be of any age; logits are computed for chosen rows only. The table of tokens is not part of
 * it: it goes to the data file, and whoever runs the graph reads the rows.
 */
export async function drawGpt2(
  graph: OnnxGraph,
  checkpoint: Checkpoint,
  weights: Weights,
): Promise<TokenTable> {
  const { shape } = checkpoint;
  const { layers, width, innerWidth, vocabulary, activation } = shape;

  const table = await writeTokenTable(graph, checkpoint, weights);
  // Of use only where a matrix behind a norm has few bits.
  const source = weights === 'q4' ? equalized(checkpoint) : checkpoint;
  const logitRows = graph.input(PORTS.logitRows, 'int32', ['wanted']);
  const multiply = multiplierFor(weights, graph);
  const embedding = new Embedding(graph, source, weights, table);
  const attention = new Attention(graph, shape, cacheTypeFor(weights));
  const draw = new Drawing(graph, source, multiply);

  let residual = await embedding.embed();
  let normed = await draw.norm(residual, 'h.0.ln_1');

  for (let layer = 0; layer < layers; layer++) {
    const h = `h.${layer}.`;
    const last = layer === layers - 1;
    // What has grown too large stays so, and what comes out of here is seen by all that follows.
    if (last) normed = draw.failWhereLost(normed, residual);
    const packed = await draw.queriesKeysValues(normed, `${h}attn.c_attn`);
    let attended = attention.attend(draw.add(packed), layer);
    if (last) {
      // Behind the last attention rows no longer meet, so the rest is computed for those alone that become logits.
      attended = graph.node('Gather', [attended, logitRows]);
      residual = graph.node('Gather', [residual, logitRows]);
    }
    const projected = await draw.linear(attended, `${h}attn.c_proj`, width, width);
    [normed, residual] = await draw.addAndNorm(residual, projected, `${h}ln_2`);

    const opened = await draw.linear(normed, `${h}mlp.c_fc`, width, innerWidth);
    const inner = draw.activate(opened, activation);
    const closed = await draw.linear(inner, `${h}mlp.c_proj`, innerWidth, width);
    const next = layer + 1 < layers ? `h.${layer + 1}.ln_1` : 'ln_f';
    [normed, residual] = await draw.addAndNorm(residual, closed, next);
  }

  await embedding.logits(draw.failWhereLost(normed, residual), multiply, PORTS.logits);
  graph.output(PORTS.logits, 'float', ['wanted', vocabulary]);
  attention.present();
  return table;
}

/** The model's parts, each as the few nodes it takes. */
class Drawing {
  readonly #graph: OnnxGraph;
  readonly #checkpoint: Checkpoint;
  readonly #multiply: Multiply;

  constructor(graph: OnnxGraph, checkpoint: Checkpoint, multiply: Multiply) {
    this.#graph = graph;
    this.#checkpoint = checkpoint;
    this.#multiply = multiply;
  }

  async linear(x: Value, name: string, inputs: number, outputs: number): Promise<Product> {
    return this.#multiply(x, await this.#matrix(name, inputs, outputs));
  }

  /** The three in one product, the queries scaled. */
  async queriesKeysValues(x: Value, name: string): Promise<Product> {
    const { shape } = this.#checkpoint;
    const { width } = shape;
    const matrix = await this.#matrix(name, width, 3 * width);
    const scale = queryScale(shape);
    for (const array of [matrix.values, matrix.bias]) {
      for (let row = 0; row < array.length; row += 3 * width) {
        for (let n = row; n < row + width; n++) array[n] = (array[n] as number) * scale;
      }
    }
    return this.#multiply(x, matrix);
  }

  /** Weights of linear layers are stored [inputs, outputs]. */
  async #matrix(name: string, inputs: number, outputs: number): Promise<Matrix & { bias: Float32Array }> {
    const values = await this.#checkpoint.weight(`${name}.weight`);
    const bias = await this.#checkpoint.weight(`${name}.bias`);
    const layout = { inputs, outputs, inputStride: outputs, outputStride: 1 };
    return { name, part: partOf(name), values, bias, layout };
  }

  add({ value, bias }: Product): Value {
    return bias === NONE ? value : this.#graph.node('Add', [value, bias]);
  }

  async norm(x: Value, name: string): Promise<Value> {
    const { width, epsilon } = this.#checkpoint.shape;
    const read = async (part: string) =>
      this.#graph.weight(part, await this.#checkpoint.weight(part), [width]);
    const factors = [x, await read(`${name}.weight`), await read(`${name}.bias`)];
    return this.#graph.node('LayerNormalization', factors, {
      attributes: { axis: -1, epsilon: { float: epsilon } },
    });
  }

  /** [norm of residual + branch, residual + branch]; the runtime's one node for both takes three times as long. */
  async addAndNorm(residual: Value, branch: Product, name: string): Promise<[Value, Value]> {
    const sum = this.#graph.node('Add', [residual, this.add(branch)]);
    return [await this.norm(sum, name), sum];
  }

  /**
   * A norm makes a number of everything, also of what has grown so large that all it says is lost. Here such a row becomes NaN,
   * which is noticed: its sum of squares is infinite, and infinity times nothing is no number.
   */
  failWhereLost(normed: Value, sum: Value): Value {
    const squares = this.#graph.node('ReduceSumSquare', [sum, this.#graph.integers([-1])]);
    const nothing = this.#graph.node('Mul', [squares, this.#graph.scalar(0, 'float')]);
    return this.#graph.node('Add', [normed, nothing]);
  }

  activate(product: Product, activation: Activation): Value {
    if (activation === 'relu') return this.#graph.node('Relu', [this.add(product)]);
    if (activation === 'erf') return this.#graph.node('Gelu', [this.add(product)], { domain: MICROSOFT });
    return this.#graph.node('FastGelu', [product.value, product.bias], { domain: MICROSOFT });
  }
}
