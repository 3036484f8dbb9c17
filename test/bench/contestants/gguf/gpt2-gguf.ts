import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, openCheckpoint } from '../../../../inference/graph/checkpoint.ts';
import { byteLengthOf, encodeBlocks } from './ggml-blocks.ts';
import { type GgmlType, type GgufTensor, type GgufValue, writeGguf } from './gguf-file.ts';

/** `llama_ftype`: what most matrices are. */
const FILE_TYPE = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7 } as const;
/** `llama_token_type`. */
const TOKEN_TYPE = { normal: 1, control: 3, unused: 5 } as const;

/**
 * The same weights for llama.cpp, with the names that its converter gives GPT-2's tensors. All matrices are of one type, the
 * embedding (which is the head as well) included; llama.cpp's own quantiser would keep that one at six bits.
 */
export async function writeGpt2Gguf(checkpointFolder: string, path: string, type: GgmlType): Promise<void> {
  const checkpoint = await openCheckpoint(checkpointFolder);
  try {
    await writeGguf(path, await metadataOf(checkpoint, type), [...tensorsOf(checkpoint, type)]);
  } finally {
    await checkpoint.close();
  }
}

function* tensorsOf(checkpoint: Checkpoint, type: GgmlType): Generator<GgufTensor> {
  const { layers, width, innerWidth, vocabulary, positions } = checkpoint.shape;
  const tensor = (
    name: string,
    from: string,
    sizes: readonly number[],
    kind: GgmlType,
    arrange: (values: Float32Array) => Float32Array = (values) => values,
  ): GgufTensor => ({
    name,
    type: kind,
    sizes,
    byteLength: byteLengthOf(
      kind,
      sizes.reduce((a, b) => a * b, 1),
    ),
    bytes: async () => encodeBlocks(kind, arrange(await checkpoint.weight(from))),
  });
  const vector = (name: string, from: string, size: number) => tensor(name, from, [size], 'F32');
  const norm = function* (name: string, from: string) {
    yield vector(`${name}.weight`, `${from}.weight`, width);
    yield vector(`${name}.bias`, `${from}.bias`, width);
  };
  // Checkpoints keep linear weights as [in, out], ggml as a row of inputs for each output.
  const linear = function* (name: string, from: string, inputs: number, outputs: number) {
    yield tensor(`${name}.weight`, `${from}.weight`, [inputs, outputs], type, (values) =>
      transposed(values, inputs, outputs),
    );
    yield vector(`${name}.bias`, `${from}.bias`, outputs);
  };

  yield tensor('token_embd.weight', 'wte.weight', [width, vocabulary], type);
  yield tensor('position_embd.weight', 'wpe.weight', [width, positions], 'F32');
  for (let layer = 0; layer < layers; layer++) {
    const [to, from] = [`blk.${layer}`, `h.${layer}`];
    yield* norm(`${to}.attn_norm`, `${from}.ln_1`);
    yield* linear(`${to}.attn_qkv`, `${from}.attn.c_attn`, width, 3 * width);
    yield* linear(`${to}.attn_output`, `${from}.attn.c_proj`, width, width);
    yield* norm(`${to}.ffn_norm`, `${from}.ln_2`);
    yield* linear(`${to}.ffn_up`, `${from}.mlp.c_fc`, width, innerWidth);
    yield* linear(`${to}.ffn_down`, `${from}.mlp.c_proj`, innerWidth, width);
  }
  yield* norm('output_norm', 'ln_f');
}

async function metadataOf({ folder, shape }: Checkpoint, type: GgmlType): Promise<Record<string, GgufValue>> {
  const uint32 = (value: number): GgufValue => ({ type: 'uint32', value });
  const string = (value: string): GgufValue => ({ type: 'string', value });
  const { tokens, types, merges } = await vocabularyOf(folder, shape.vocabulary, shape.endOfText);
  return {
    'general.architecture': string('gpt2'),
    'general.name': string('the bench’s checkpoint'),
    'general.file_type': uint32(FILE_TYPE[type]),
    'gpt2.block_count': uint32(shape.layers),
    'gpt2.context_length': uint32(shape.positions),
    'gpt2.embedding_length': uint32(shape.width),
    'gpt2.feed_forward_length': uint32(shape.innerWidth),
    'gpt2.attention.head_count': uint32(shape.heads),
    'gpt2.attention.layer_norm_epsilon': { type: 'float32', value: shape.epsilon },
    'tokenizer.ggml.model': string('gpt2'),
    'tokenizer.ggml.pre': string('gpt-2'),
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
    'tokenizer.ggml.token_type': { type: 'int32s', value: types },
    'tokenizer.ggml.merges': { type: 'strings', value: merges },
    'tokenizer.ggml.bos_token_id': uint32(shape.endOfText),
    'tokenizer.ggml.eos_token_id': uint32(shape.endOfText),
  };
}

interface TokenizerFile {
  readonly model: {
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly (string | readonly string[])[];
  };
}

/** Ids without a text (random checkpoints have some) get one that no text contains. */
async function vocabularyOf(folder: string, size: number, endOfText: number) {
  const { model }: TokenizerFile = JSON.parse(await readFile(join(folder, 'tokenizer.json'), 'utf8'));
  const tokens = Array.from({ length: size }, (_, id) => `[unused${id}]`);
  const types = new Array<number>(size).fill(TOKEN_TYPE.unused);
  for (const [token, id] of Object.entries(model.vocab)) {
    tokens[id] = token;
    types[id] = TOKEN_TYPE.normal;
  }
  tokens[endOfText] = '<|endoftext|>';
  types[endOfText] = TOKEN_TYPE.control;
  const merges = model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
  return { tokens, types, merges };
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c] as number;
  return result;
}
