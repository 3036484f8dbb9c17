import type { OnnxGraph } from './onnx.ts';
import { type ElementType, MICROSOFT, NONE, type Value } from './onnx-format.ts';
import { PORTS } from './ports.ts';
import type { Gpt2Shape } from './shape.ts';
import type { CacheType } from './weights.ts';

const ELEMENT: Readonly<Record<CacheType, ElementType>> = { float16: 'float16', float32: 'float' };

/**
 * What queries are multiplied with. The weights that make them take it, and not the product with the keys: the runtime's fast
 * way for one row knows no factor, and takes a third of the time.
 */
export function queryScale({ headWidth }: Gpt2Shape): number {
  return 1 / Math.sqrt(headWidth);
}

/** The largest number at half precision; what is larger would be kept as infinity, and be the ruin of all that comes behind it. */
const LARGEST_HALF = 65_504;

/**
 * Attention over what the cache holds and the new tokens behind it, in one piece: new keys and values are put in their places
 * among the past ones. At half precision these have just been widened, and the runtime writes into that copy; at full
 * precision it copies them first. The fused operators (`MultiHeadAttention`, `GroupQueryAttention`) copy the whole past at
 * every step and are slower at one token and at 128 (docs/performance.md).
 */
export class Attention {
  readonly #graph: OnnxGraph;
  readonly #shape: Gpt2Shape;
  readonly #cache: CacheType;
  readonly #bias: Value;
  readonly #headShape: Value;
  readonly #lengths: Value;
  readonly #joined: Value;
  readonly #fresh: Value[] = [];

  constructor(graph: OnnxGraph, shape: Gpt2Shape, cache: CacheType) {
    this.#graph = graph;
    this.#shape = shape;
    this.#cache = cache;
    this.#bias = graph.input(PORTS.attentionBias, 'float', ['batch', 1, 1, 'tokens', 'bucket']);
    this.#headShape = graph.input(PORTS.headShape, 'int64', [5]);
    this.#lengths = graph.input(PORTS.lengths, 'int64', ['batch']);
    this.#joined = graph.integers([-1, shape.width]);
  }

  /** Scaled queries, keys and values [rows, 3 × width] -> what was attended to [rows, width]. */
  attend(packed: Value, layer: number): Value {
    const [query, key, value] = this.#splitHeads(this.#keepable(packed));
    const keys = this.#behind(PORTS.pastKey(layer), this.#keep(key));
    const values = this.#behind(PORTS.pastValue(layer), this.#keep(value));

    const attributes = { transB: 1 };
    const scores = this.#graph.node('FusedMatMul', [query, keys], { domain: MICROSOFT, attributes });
    const masked = this.#graph.node('Add', [scores, this.#bias]);
    const shares = this.#graph.node('Softmax', [masked], { attributes: { axis: -1 } });
    return this.#joinHeads(this.#graph.node('MatMul', [shares, values]));
  }

  /** Gives out the new keys and values of all layers that have attended. */
  present(): void {
    const { layers, heads, headWidth } = this.#shape;
    const type = ELEMENT[this.#cache];
    this.#graph.nodeAs(PORTS.present, 'Concat', this.#fresh, { attributes: { axis: 1 } });
    this.#graph.output(PORTS.present, type, ['batch', 2 * layers, heads, 'tokens', headWidth]);
  }

  /** Queries need no bounds, but one node for all three is the least to run. */
  #keepable(packed: Value): Value {
    if (this.#cache === 'float32') return packed;
    const bounds = [-LARGEST_HALF, LARGEST_HALF].map((bound) => this.#graph.scalar(bound, 'float'));
    return this.#graph.node('Clip', [packed, ...bounds]);
  }

  /**
   * Gives new keys or values out, and back as they will be read from the cache: a token must see the same numbers whether
   * those before it were computed in an earlier run or in this one.
   */
  #keep(fresh: Value): Value {
    const kept = this.#cache === 'float32' ? fresh : this.#graph.cast(fresh, ELEMENT[this.#cache]);
    this.#fresh.push(kept);
    return this.#floats(kept);
  }

  /** What is kept, as it is calculated with. */
  #floats(kept: Value): Value {
    return this.#cache === 'float32' ? kept : this.#graph.cast(kept, 'float');
  }

  /** What the cache holds, each row's new entries behind it. */
  #behind(name: string, fresh: Value): Value {
    const { heads, headWidth } = this.#shape;
    const past = this.#graph.input(name, ELEMENT[this.#cache], ['batch', 1, heads, 'bucket', headWidth]);
    return this.#graph.node('TensorScatter', [this.#floats(past), fresh, this.#lengths]);
  }

  /** [rows, 3 × width] -> query, key, value, each [batch, 1, heads, tokens, head width] */
  #splitHeads(packed: Value): [Value, Value, Value] {
    const { heads, headWidth } = this.#shape;
    const perHead = this.#graph.node('Reshape', [packed, this.#headShape]);
    this.#graph.sized(perHead, ['batch', 'tokens', 3, heads, headWidth]);
    const moved = this.#graph.node('Transpose', [perHead], { attributes: { perm: [0, 2, 3, 1, 4] } });
    const [query = NONE, key = NONE, value = NONE] = this.#graph.nodeWith(3, 'Split', [moved], {
      attributes: { axis: 1, num_outputs: 3 },
    });
    return [query, key, value];
  }

  /** [batch, 1, heads, tokens, head width] -> [rows, width] */
  #joinHeads(x: Value): Value {
    const transposed = this.#graph.node('Transpose', [x], { attributes: { perm: [0, 3, 1, 2, 4] } });
    const joined = this.#graph.node('Reshape', [transposed, this.#joined]);
    return this.#graph.sized(joined, ['rows', this.#shape.width]);
  }
}
