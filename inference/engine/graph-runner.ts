import { PORTS } from '../graph/gpt2.ts';
import type { Gpt2Shape } from '../graph/shape.ts';
import type { TokenId } from './engine.ts';
import type { KvCache } from './kv-cache.ts';

/** What the runner needs of an onnxruntime session, and the means to make its tensors. */
export interface GraphSession {
  run(feeds: Readonly<Record<string, GraphTensor>>): Promise<Readonly<Record<string, GraphTensor>>>;
  float(values: Float32Array, dims: readonly number[]): GraphTensor;
  integers(values: BigInt64Array, dims: readonly number[]): GraphTensor;
}

export interface GraphTensor {
  readonly data: unknown;
}

export interface RunOutput {
  /** [wanted positions, vocabulary]: in the order in which they were asked for. */
  readonly logits: Float32Array;
  /** [rows, layers × 2, heads, tokens, head width]: for `KvCache.append`. */
  readonly present: Float32Array;
}

/** Far below every score, far above what overflows when scores are subtracted. */
const MASKED = -1e30;

/** Turns rows and a cache into the graph's inputs, and its outputs back into arrays. */
export class GraphRunner {
  readonly shape: Gpt2Shape;
  readonly #session: GraphSession;

  constructor(session: GraphSession, shape: Gpt2Shape) {
    this.#session = session;
    this.shape = shape;
  }

  /**
   * Runs new tokens of `rows` (the cache's first rows, in order) over what the cache holds of them; the cache is not
   * changed. `wanted` names the positions whose logits come out, as indices into rows × tokens.
   */
  async run(
    cache: KvCache,
    rows: readonly (readonly TokenId[])[],
    wanted: readonly number[],
  ): Promise<RunOutput> {
    const { heads, headWidth, layers } = this.shape;
    const session = this.#session;
    const batch = rows.length;
    const tokens = rows[0]?.length ?? 0;
    const past = cache.bucket;
    const feeds: Record<string, GraphTensor> = {
      [PORTS.inputIds]: session.integers(BigInt64Array.from(rows.flat(), BigInt), [batch, tokens]),
      [PORTS.positionIds]: session.integers(positions(cache, batch, tokens), [batch, tokens]),
      [PORTS.attentionBias]: session.float(attentionBias(cache, batch, tokens), [
        batch,
        1,
        1,
        tokens,
        past + tokens,
      ]),
      [PORTS.split]: session.integers(BigInt64Array.of(BigInt(past), BigInt(tokens)), [2]),
      [PORTS.logitRows]: session.integers(BigInt64Array.from(wanted, BigInt), [wanted.length]),
    };
    const pastDims = [batch, 1, heads, past, headWidth];
    for (let layer = 0; layer < layers; layer++) {
      feeds[PORTS.pastKey(layer)] = session.float(cache.side(layer, 0), pastDims);
      feeds[PORTS.pastValue(layer)] = session.float(cache.side(layer, 1), pastDims);
    }
    const outputs = await session.run(feeds);
    return {
      logits: outputs[PORTS.logits]?.data as Float32Array,
      present: outputs[PORTS.present]?.data as Float32Array,
    };
  }
}

function positions(cache: KvCache, batch: number, tokens: number): BigInt64Array {
  const ids = new BigInt64Array(batch * tokens);
  for (let row = 0; row < batch; row++) {
    const first = cache.length(row);
    for (let t = 0; t < tokens; t++) ids[row * tokens + t] = BigInt(first + t);
  }
  return ids;
}

/** Each token sees what its row holds, and of the new ones itself and those before it. */
function attentionBias(cache: KvCache, batch: number, tokens: number): Float32Array {
  const past = cache.bucket;
  const total = past + tokens;
  const bias = new Float32Array(batch * tokens * total);
  for (let row = 0; row < batch; row++) {
    const held = cache.length(row);
    for (let t = 0; t < tokens; t++) {
      const at = (row * tokens + t) * total;
      bias.fill(MASKED, at + held, at + past);
      bias.fill(MASKED, at + past + t + 1, at + total);
    }
  }
  return bias;
}
