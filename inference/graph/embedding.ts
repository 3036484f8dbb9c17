import type { Checkpoint } from './checkpoint.ts';
import type { OnnxGraph } from './onnx.ts';
import { MICROSOFT, type Value } from './onnx-format.ts';
import { PORTS } from './ports.ts';
import type { Multiply } from './products.ts';
import type { TokenTable } from './token-table.ts';
import type { Weights } from './weights.ts';

/** The tokens' embedding, which is also the output layer (section 2.3 leaves GPT's tied weights in place), and the places'. */
export class Embedding {
  readonly #graph: OnnxGraph;
  readonly #checkpoint: Checkpoint;
  readonly #weights: Weights;
  readonly #table: TokenTable;

  /** @param table What `writeTokenTable` has written into this graph's data file. */
  constructor(graph: OnnxGraph, checkpoint: Checkpoint, weights: Weights, table: TokenTable) {
    this.#graph = graph;
    this.#checkpoint = checkpoint;
    this.#weights = weights;
    this.#table = table;
  }

  /** [rows, width] */
  async embed(): Promise<Value> {
    const { positions, width } = this.#checkpoint.shape;
    const tokens = this.#graph.input(PORTS.tokenEmbeddings, 'float', ['rows', width]);
    const places = this.#graph.input(PORTS.positionIds, 'int32', ['rows']);
    const values = await this.#checkpoint.weight('wpe.weight');
    const table = await this.#graph.weight('wpe.weight', values, [positions, width]);
    return this.#graph.node('Add', [tokens, this.#graph.node('Gather', [table, places])]);
  }

  /** [rows, width] -> logits [rows, vocabulary] under the given name. */
  async logits(x: Value, multiply: Multiply, output: string): Promise<void> {
    const { vocabulary, width } = this.#checkpoint.shape;
    if (this.#weights === 'fp32') {
      // The table's own rows, multiplied from their other side.
      const rows = this.#graph.stored('wte.weight', this.#table.offset, [vocabulary, width]);
      const attributes = { transB: 1 };
      this.#graph.nodeAs(output, 'FusedMatMul', [x, rows], { domain: MICROSOFT, attributes });
      return;
    }
    const layout = { inputs: width, outputs: vocabulary, inputStride: 1, outputStride: width };
    const values = await this.#checkpoint.weight('wte.weight');
    const { value } = await multiply(x, { name: 'wte.weight.head', part: 'head', values, layout });
    this.#graph.nodeAs(output, 'Identity', [value]);
  }
}
