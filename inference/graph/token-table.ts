import type { Checkpoint } from './checkpoint.ts';
import type { OnnxGraph } from './onnx.ts';
import { type BlockFormat, quantize } from './quantize.ts';
import type { Weights } from './weights.ts';

/**
 * The token embeddings, a row for each token: whoever runs the graph looks them up and hands them in. A graph that did it would
 * have the table mapped into memory, where after some hundred different tokens nearly all of it stays: 43 MB of GPT-2.
 */
export interface TokenTable {
  /** `blocks`: 8 bits in blocks of 32, each with its own scale. */
  readonly kind: 'floats' | 'blocks';
  /** Of the first row, in bytes from the beginning of the data file. */
  readonly offset: number;
}

/** As many bits at 4-bit weights too, for rows are read and not multiplied. */
export const TABLE_FORMAT: BlockFormat = { bits: 8, size: 32, fit: 'largest' };
/** The middle of 256 levels. */
const ZERO_LEVEL = 128;

/** Writes the table into the graph's data file. */
export async function writeTokenTable(
  graph: OnnxGraph,
  checkpoint: Checkpoint,
  weights: Weights,
): Promise<TokenTable> {
  const { vocabulary, width } = checkpoint.shape;
  const values = await checkpoint.weight('wte.weight');
  if (weights === 'fp32' || width % TABLE_FORMAT.size !== 0)
    return { kind: 'floats', offset: await graph.store(bytesOf(values)) };
  const layout = { inputs: width, outputs: vocabulary, inputStride: 1, outputStride: width };
  const { packed, scales, blocks } = quantize(values, layout, TABLE_FORMAT);
  const stride = rowBytes('blocks', width);
  const rows = new Uint8Array(vocabulary * stride);
  const scaleBytes = bytesOf(scales);
  for (let token = 0; token < vocabulary; token++) {
    const at = token * stride;
    rows.set(scaleBytes.subarray(token * 4 * blocks, (token + 1) * 4 * blocks), at);
    rows.set(packed.subarray(token * width, (token + 1) * width), at + 4 * blocks);
  }
  return { kind: 'blocks', offset: await graph.store(rows) };
}

/** Bytes of one token's row. */
function rowBytes(kind: TokenTable['kind'], width: number): number {
  return kind === 'floats' ? 4 * width : 4 * (width / TABLE_FORMAT.size) + width;
}

/** Room for one row of the table, as it lies in the file: scales first, if it has some. */
export class TableRow {
  readonly bytes: Uint8Array;
  readonly #width: number;
  /** The whole row, or its scales. */
  readonly #floats: Float32Array;
  readonly #levels: Uint8Array | undefined;

  constructor(kind: TokenTable['kind'], width: number) {
    const memory = new ArrayBuffer(rowBytes(kind, width));
    this.bytes = new Uint8Array(memory);
    this.#width = width;
    this.#floats = new Float32Array(memory, 0, kind === 'floats' ? width : width / TABLE_FORMAT.size);
    if (kind === 'blocks') this.#levels = new Uint8Array(memory, this.#floats.byteLength);
  }

  /** Writes its numbers [width] to a place in an array. */
  decode(into: Float32Array, at: number): void {
    const levels = this.#levels;
    if (!levels) {
      into.set(this.#floats, at);
      return;
    }
    for (let begin = 0; begin < this.#width; begin += TABLE_FORMAT.size) {
      const scale = this.#floats[begin / TABLE_FORMAT.size] as number;
      for (let k = begin; k < begin + TABLE_FORMAT.size; k++)
        into[at + k] = ((levels[k] as number) - ZERO_LEVEL) * scale;
    }
  }
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
