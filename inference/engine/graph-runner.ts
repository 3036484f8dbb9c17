import { PORTS } from '../graph/ports.ts';
import type { TokenId } from './engine.ts';
import type { CachedShape, KvArray, KvCache } from './kv-cache.ts';

/** What the runner needs of an onnxruntime session, and the means to make its tensors. */
export interface GraphSession {
  run(feeds: Readonly<Record<string, GraphTensor>>): Promise<Readonly<Record<string, GraphTensor>>>;
  float(values: Float32Array, dims: readonly number[]): GraphTensor;
  /** Keys or values, as the cache keeps them. */
  cached(values: KvArray, dims: readonly number[]): GraphTensor;
  integers(values: Int32Array): GraphTensor;
  sizes(values: BigInt64Array): GraphTensor;
}

/** The table of tokens, which is not part of the graph. */
export interface TokenEmbeddings {
  /** [tokens, width] */
  lookUp(ids: readonly TokenId[]): Float32Array;
}

export interface GraphTensor {
  readonly data: unknown;
}

export interface RunOutput {
  /** [wanted positions, vocabulary]: in the order in which they were asked for. */
  readonly logits: Float32Array;
  /** [rows, layers × 2, heads, tokens, head width]: for `KvCache.append`. */
  readonly present: KvArray;
}

/** Far below every score, far above what overflows when scores are subtracted. */
const MASKED = -1e30;

/** Turns rows and a cache into the graph's inputs, and its outputs back into arrays. */
export class GraphRunner {
  readonly shape: CachedShape;
  readonly #session: GraphSession;
  readonly #embeddings: TokenEmbeddings;
  #runs = 0;

  constructor(session: GraphSession, embeddings: TokenEmbeddings, shape: CachedShape) {
    this.#session = session;
    this.#embeddings = embeddings;
    this.shape = shape;
  }

  /** Runs of the model that have ended. */
  get runs(): number {
    return this.#runs;
  }

  /**
   * Runs new tokens of `rows` (the cache's first rows, in order) over what the cache holds of them; the cache is not
   * changed, but its bucket must have room for them. `wanted` names the positions whose logits come out, as indices into
   * rows × tokens.
   */
  async run(
    cache: KvCache,
    rows: readonly (readonly TokenId[])[],
    wanted: readonly number[],
  ): Promise<RunOutput> {
    const { heads, headWidth, layers, width } = this.shape;
    const session = this.#session;
    const batch = rows.length;
    const tokens = rows[0]?.length ?? 0;
    const { bucket } = cache;
    const feeds: Record<string, GraphTensor> = {
      [PORTS.tokenEmbeddings]: session.float(this.#embeddings.lookUp(rows.flat()), [batch * tokens, width]),
      [PORTS.positionIds]: session.integers(positions(cache, batch, tokens)),
      [PORTS.attentionBias]: session.float(attentionBias(cache, batch, tokens), [
        batch,
        1,
        1,
        tokens,
        bucket,
      ]),
      [PORTS.headShape]: session.sizes(sizes(batch, tokens, 3, heads, headWidth)),
      [PORTS.lengths]: session.sizes(sizes(...rows.map((_, row) => cache.length(row)))),
      [PORTS.logitRows]: session.integers(Int32Array.from(wanted)),
    };
    const pastDims = [batch, 1, heads, bucket, headWidth];
    for (let layer = 0; layer < layers; layer++) {
      feeds[PORTS.pastKey(layer)] = session.cached(cache.side(layer, 0), pastDims);
      feeds[PORTS.pastValue(layer)] = session.cached(cache.side(layer, 1), pastDims);
    }
    const outputs = await session.run(feeds);
    this.#runs++;
    return {
      logits: outputs[PORTS.logits]?.data as Float32Array,
      present: kvArrayOf(outputs[PORTS.present]?.data as ArrayBufferView),
    };
  }
}

/** Newer releases of Node have a type of their own for half-precision floats; here only their bits matter. */
function kvArrayOf(data: ArrayBufferView): KvArray {
  if (data instanceof Float32Array) return data;
  return new Uint16Array(data.buffer, data.byteOffset, data.byteLength / Uint16Array.BYTES_PER_ELEMENT);
}

function sizes(...values: readonly number[]): BigInt64Array {
  return BigInt64Array.from(values, BigInt);
}

function positions(cache: KvCache, batch: number, tokens: number): Int32Array {
  const ids = new Int32Array(batch * tokens);
  for (let row = 0; row < batch; row++) {
    const first = cache.length(row);
    for (let t = 0; t < tokens; t++) ids[row * tokens + t] = first + t;
  }
  return ids;
}

/** Each token sees what its row holds, and of the new ones itself and those before it. */
function attentionBias(cache: KvCache, batch: number, tokens: number): Float32Array {
  const { bucket } = cache;
  const bias = new Float32Array(batch * tokens * bucket);
  for (let row = 0; row < batch; row++) {
    const held = cache.length(row);
    for (let t = 0; t < tokens; t++) {
      const at = (row * tokens + t) * bucket;
      bias.fill(MASKED, at + held + t + 1, at + bucket);
    }
  }
  return bias;
}
