import type { Checkpoint } from './checkpoint.ts';
import { MICROSOFT, NONE, type OnnxGraph, type Value } from './onnx.ts';
import { BLOCK, type MatrixLayout, quantize } from './quantize.ts';
import type { Activation, Gpt2Shape } from './shape.ts';

export type Weights = 'q4' | 'q8' | 'fp32';

/** The graph's inputs and outputs, by name. */
export const PORTS = {
  /** int64 [batch, tokens] */
  inputIds: 'input_ids',
  /** int64 [batch, tokens]: each token's place in its own sequence. */
  positionIds: 'position_ids',
  /** float [batch, 1, 1, tokens, past + tokens]: 0 where a token may look, a very negative number where it may not. */
  attentionBias: 'attention_bias',
  /** int64 [2]: past and tokens, the sizes into which attention is split. */
  split: 'split',
  /** int64 [rows]: which of the batch × tokens hidden states become logits. */
  logitRows: 'logit_rows',
  /** float [batch, 1, heads, past, head width], read and never copied. */
  pastKey: (layer: number): string => `past_key.${layer}`,
  pastValue: (layer: number): string => `past_value.${layer}`,
  /** float [rows, vocabulary] */
  logits: 'logits',
  /** float [batch, layers × 2, heads, tokens, head width]: the new keys (even) and values (odd) of every layer. */
  present: 'present',
} as const;

/**
 * GPT-2 (Radford et al. 2019, section 2.3), drawn for chatting: the cache of keys and values goes in as it lies in memory and
 * only the new entries come out, because the runtime copies every output and no input; which tokens see which is an input,
 * so that the rows of a batch may be of any age; logits are computed for chosen positions only.
 */
export async function drawGpt2(graph: OnnxGraph, checkpoint: Checkpoint, weights: Weights): Promise<void> {
  const { shape } = checkpoint;
  const { layers, heads, width, headWidth, innerWidth, vocabulary } = shape;
  const draw = new Drawing(graph, checkpoint, weights);

  const inputIds = graph.input(PORTS.inputIds, 'int64', ['batch', 'tokens']);
  const positionIds = graph.input(PORTS.positionIds, 'int64', ['batch', 'tokens']);
  const bias = graph.input(PORTS.attentionBias, 'float', ['batch', 1, 1, 'tokens', 'total']);
  const split = graph.input(PORTS.split, 'int64', [2]);
  const logitRows = graph.input(PORTS.logitRows, 'int64', ['rows']);

  const tokenEmbedding = await draw.embed('wte.weight', inputIds, vocabulary);
  const positions = await graph.weight('wpe.weight', await checkpoint.weight('wpe.weight'), [
    shape.positions,
    width,
  ]);
  let residual = graph.node('Add', [tokenEmbedding, graph.node('Gather', [positions, positionIds])]);
  let normed = await draw.norm(residual, 'h.0.ln_1');
  const fresh: Value[] = [];

  for (let layer = 0; layer < layers; layer++) {
    const h = `h.${layer}.`;
    const pastKey = graph.input(PORTS.pastKey(layer), 'float', ['batch', 1, heads, 'past', headWidth]);
    const pastValue = graph.input(PORTS.pastValue(layer), 'float', ['batch', 1, heads, 'past', headWidth]);

    const packed = await draw.linear(normed, `${h}attn.c_attn`, width, 3 * width);
    const [query, key, value] = draw.splitHeads(packed);
    fresh.push(key, value);
    const attended = draw.attend(query, [pastKey, key], [pastValue, value], bias, split);
    const projected = await draw.linear(draw.joinHeads(attended), `${h}attn.c_proj`, width, width);
    [normed, residual] = await draw.addAndNorm(residual, projected, `${h}ln_2`);

    const inner = draw.activate(
      await draw.linear(normed, `${h}mlp.c_fc`, width, innerWidth),
      shape.activation,
    );
    const outer = await draw.linear(inner, `${h}mlp.c_proj`, innerWidth, width);
    if (layer + 1 < layers)
      [normed, residual] = await draw.addAndNorm(residual, outer, `h.${layer + 1}.ln_1`);
    else residual = graph.node('Add', [residual, outer]);
  }

  const flat = graph.node('Reshape', [residual, graph.integers([-1, width])]);
  const last = await draw.norm(graph.node('Gather', [flat, logitRows]), 'ln_f');
  await draw.head(last, 'wte.weight', vocabulary);
  graph.output(PORTS.logits, 'float', ['rows', vocabulary]);
  graph.nodeAs(PORTS.present, 'Concat', fresh, { attributes: { axis: 1 } });
  graph.output(PORTS.present, 'float', ['batch', 2 * layers, heads, 'tokens', headWidth]);
}

/** The model's parts, each as the few nodes it takes. */
class Drawing {
  readonly #graph: OnnxGraph;
  readonly #checkpoint: Checkpoint;
  readonly #shape: Gpt2Shape;
  readonly #weights: Weights;
  readonly #perHead: Value;
  readonly #joined: Value;

  constructor(graph: OnnxGraph, checkpoint: Checkpoint, weights: Weights) {
    this.#graph = graph;
    this.#checkpoint = checkpoint;
    this.#shape = checkpoint.shape;
    this.#weights = weights;
    this.#perHead = graph.integers([0, 0, 3, this.#shape.heads, this.#shape.headWidth]);
    this.#joined = graph.integers([0, 0, this.#shape.width]);
  }

  /** Token ids -> rows of the embedding; quantised at 8 bits even at 4-bit weights, for it is read, not multiplied. */
  async embed(name: string, ids: Value, rows: number): Promise<Value> {
    const { width } = this.#shape;
    const values = await this.#checkpoint.weight(name);
    if (this.#weights === 'fp32' || width % BLOCK !== 0) {
      return this.#graph.node('Gather', [await this.#graph.weight(name, values, [rows, width]), ids]);
    }
    const matrix = quantize(values, rowsOf(rows, width), 8);
    const table = await this.#graph.weight(`${name}.rows`, matrix.packed, [rows, width]);
    const scales = await this.#graph.weight(`${name}.rows.scales`, matrix.scales, [rows, matrix.blocks]);
    return this.#graph.node('GatherBlockQuantized', [table, ids, scales], {
      domain: MICROSOFT,
      attributes: { gather_axis: 0, quantize_axis: 1, block_size: BLOCK, bits: 8 },
    });
  }

  async linear(x: Value, name: string, inputs: number, outputs: number): Promise<Value> {
    const values = await this.#checkpoint.weight(`${name}.weight`);
    const bias = await this.#graph.weight(`${name}.bias`, await this.#checkpoint.weight(`${name}.bias`), [
      outputs,
    ]);
    if (this.#weights === 'fp32') {
      const weight = await this.#graph.weight(`${name}.weight`, values, [inputs, outputs]);
      return this.#graph.node('Add', [this.#graph.node('MatMul', [x, weight]), bias]);
    }
    const layout = { inputs, outputs, inputStride: outputs, outputStride: 1 };
    return this.#graph.node(...(await this.#product(x, `${name}.weight`, values, layout, bias)));
  }

  /** The output layer is the embedding again (section 2.3 leaves GPT's tied weights in place). */
  async head(x: Value, name: string, rows: number): Promise<void> {
    const { width } = this.#shape;
    const values = await this.#checkpoint.weight(name);
    if (this.#weights === 'fp32') {
      // The same tensor that `embed` wrote, multiplied from its other side.
      this.#graph.nodeAs(PORTS.logits, 'FusedMatMul', [x, name], {
        domain: MICROSOFT,
        attributes: { transB: 1 },
      });
      return;
    }
    const product = await this.#product(x, `${name}.head`, values, rowsOf(rows, width), NONE);
    this.#graph.nodeAs(PORTS.logits, ...product);
  }

  norm(x: Value, name: string): Promise<Value> {
    return this.#normNode(name, (scale, bias) =>
      this.#graph.node('LayerNormalization', [x, scale, bias], {
        attributes: { axis: -1, epsilon: { float: this.#shape.epsilon } },
      }),
    );
  }

  /** residual + branch, and its norm, in one node: [normed, sum]. */
  addAndNorm(residual: Value, branch: Value, name: string): Promise<[Value, Value]> {
    return this.#normNode(name, (scale, bias) => {
      const [normed = NONE, , , sum = NONE] = this.#graph.nodeWith(
        [true, false, false, true],
        'SkipLayerNormalization',
        [residual, branch, scale, bias],
        { domain: MICROSOFT, attributes: { epsilon: { float: this.#shape.epsilon } } },
      );
      return [normed, sum];
    });
  }

  activate(x: Value, activation: Activation): Value {
    if (activation === 'relu') return this.#graph.node('Relu', [x]);
    return this.#graph.node(activation === 'tanh' ? 'FastGelu' : 'Gelu', [x], { domain: MICROSOFT });
  }

  /** [batch, tokens, 3 × width] -> query, key, value, each [batch, 1, heads, tokens, head width]; one move for all three. */
  splitHeads(packed: Value): [Value, Value, Value] {
    const perHead = this.#graph.node('Reshape', [packed, this.#perHead]);
    const moved = this.#graph.node('Transpose', [perHead], { attributes: { perm: [0, 2, 3, 1, 4] } });
    const [query = NONE, key = NONE, value = NONE] = this.#graph.nodeWith(
      [true, true, true],
      'Split',
      [moved],
      {
        attributes: { axis: 1 },
      },
    );
    return [query, key, value];
  }

  /** [batch, 1, heads, tokens, head width] -> [batch, tokens, width] */
  joinHeads(x: Value): Value {
    const transposed = this.#graph.node('Transpose', [x], { attributes: { perm: [0, 3, 1, 2, 4] } });
    return this.#graph.node('Reshape', [transposed, this.#joined]);
  }

  /** Attention over past and new tokens without joining their keys or values: only the scores are joined. */
  attend(query: Value, keys: readonly Value[], values: readonly Value[], bias: Value, split: Value): Value {
    const alpha = { float: 1 / Math.sqrt(this.#shape.headWidth) };
    const scores = keys.map((key) =>
      this.#graph.node('FusedMatMul', [query, key], { domain: MICROSOFT, attributes: { transB: 1, alpha } }),
    );
    const joined = this.#graph.node('Concat', scores, { attributes: { axis: -1 } });
    const masked = this.#graph.node('Add', [joined, bias]);
    const shares = this.#graph.node('Softmax', [masked], { attributes: { axis: -1 } });
    const sides = this.#graph.nodeWith([true, true], 'Split', [shares, split], { attributes: { axis: -1 } });
    const sums = sides.map((side, i) => this.#graph.node('MatMul', [side, values[i] ?? NONE]));
    return this.#graph.node('Add', sums);
  }

  async #product(x: Value, name: string, values: Float32Array, layout: MatrixLayout, bias: Value) {
    const bits = this.#weights === 'q4' ? 4 : 8;
    const { inputs, outputs } = layout;
    const matrix = quantize(values, layout, bits);
    const shape = [outputs, matrix.blocks, matrix.blockBytes];
    const packed = await this.#graph.weight(name, matrix.packed, shape);
    const scales = await this.#graph.weight(`${name}.scales`, matrix.scales, [outputs * matrix.blocks]);
    const operands = bias === NONE ? [x, packed, scales] : [x, packed, scales, NONE, NONE, bias];
    // Level 4: activations at 8 bits, per row and block, so that a row's result does not depend on its neighbours.
    const attributes = { K: inputs, N: outputs, bits, block_size: BLOCK, accuracy_level: 4 };
    return ['MatMulNBits', operands, { domain: MICROSOFT, attributes }] as const;
  }

  async #normNode<T>(name: string, make: (scale: Value, bias: Value) => T): Promise<T> {
    const { width } = this.#shape;
    const scale = await this.#graph.weight(
      `${name}.weight`,
      await this.#checkpoint.weight(`${name}.weight`),
      [width],
    );
    const bias = await this.#graph.weight(`${name}.bias`, await this.#checkpoint.weight(`${name}.bias`), [
      width,
    ]);
    return make(scale, bias);
  }
}

/** A matrix stored output by output, as the embedding is. */
function rowsOf(outputs: number, inputs: number): MatrixLayout {
  return { inputs, outputs, inputStride: 1, outputStride: inputs };
}
