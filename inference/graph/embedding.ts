import type { Checkpoint } from './checkpoint.ts';
import { MICROSOFT, type OnnxGraph, type Value } from './onnx.ts';
import type { Multiply } from './products.ts';
import { BLOCK, type MatrixLayout, quantize } from './quantize.ts';
import type { Weights } from './weights.ts';

/** The token embedding, which is also the output layer (section 2.3 leaves GPT's tied weights in place), and the places'. */
export class Embedding {
  readonly #graph: OnnxGraph;
  readonly #checkpoint: Checkpoint;
  readonly #weights: Weights;

  constructor(graph: OnnxGraph, checkpoint: Checkpoint, weights: Weights) {
    this.#graph = graph;
    this.#checkpoint = checkpoint;
    this.#weights = weights;
  }

  /** Token ids and their places [rows] -> [rows, width] */
  async embed(ids: Value, places: Value): Promise<Value> {
    const { positions, width } = this.#checkpoint.shape;
    const values = await this.#checkpoint.weight('wpe.weight');
    const table = await this.#graph.weight('wpe.weight', values, [positions, width]);
    return this.#graph.node('Add', [await this.#tokens(ids), this.#graph.node('Gather', [table, places])]);
  }

  /** [rows, width] -> logits [rows, vocabulary] under the given name. */
  async logits(x: Value, multiply: Multiply, output: string): Promise<void> {
    if (this.#weights === 'fp32') {
      // The same tensor that the embedding reads, multiplied from its other side.
      const attributes = { transB: 1 };
      this.#graph.nodeAs(output, 'FusedMatMul', [x, 'wte.weight'], { domain: MICROSOFT, attributes });
      return;
    }
    const layout = this.#layout;
    const values = await this.#checkpoint.weight('wte.weight');
    const { value } = await multiply({ value: x }, { name: 'wte.weight.head', values, layout });
    this.#graph.nodeAs(output, 'Identity', [value]);
  }

  /** Quantised at 8 bits even at 4-bit weights, for rows are read, not multiplied; only the pages read come into memory. */
  async #tokens(ids: Value): Promise<Value> {
    const { vocabulary, width } = this.#checkpoint.shape;
    const name = 'wte.weight';
    const values = await this.#checkpoint.weight(name);
    if (this.#weights === 'fp32' || width % BLOCK !== 0) {
      return this.#graph.node('Gather', [await this.#graph.weight(name, values, [vocabulary, width]), ids]);
    }
    const matrix = quantize(values, this.#layout, 8);
    const table = await this.#graph.weight(`${name}.rows`, matrix.packed, [vocabulary, width]);
    const scales = await this.#graph.weight(`${name}.rows.scales`, matrix.scales, [
      vocabulary,
      matrix.blocks,
    ]);
    return this.#graph.node('GatherBlockQuantized', [table, ids, scales], {
      domain: MICROSOFT,
      attributes: { gather_axis: 0, quantize_axis: 1, block_size: BLOCK, bits: 8 },
    });
  }

  /** Stored output by output. */
  get #layout(): MatrixLayout {
    const { vocabulary, width } = this.#checkpoint.shape;
    return { inputs: width, outputs: vocabulary, inputStride: 1, outputStride: width };
  }
}
