import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKPOINT_FILES, expectedTensors, openCheckpoint } from '../../../inference/graph/checkpoint.ts';
import {
  type NamedTensor,
  type RandomCheckpoint,
  writeRandomCheckpoint,
  writeSafetensors,
} from '../../fixtures/random-checkpoint.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const SMALL: RandomCheckpoint = { layers: 2, heads: 2, width: 8, positions: 16, vocabulary: 300 };

describe('A checkpoint', () => {
  it.each(['', 'transformer.'])(
    'is read by plain names, whether or not the file has the prefix "%s"',
    async (prefix) => {
      const folder = await temporaryFolder();
      const shape = await writeRandomCheckpoint(folder, { ...SMALL, prefix });
      const checkpoint = await openCheckpoint(folder);
      for (const [name, dims] of expectedTensors(shape))
        expect((await checkpoint.weight(name)).length).toBe(dims.reduce((a, b) => a * b, 1));
      await checkpoint.close();
    },
  );

  it('may carry the masks that old checkpoints carry, of types that are not read', async () => {
    const folder = await written((tensors) => tensors);
    const path = join(folder, 'model.safetensors');
    const bytes = await readFile(path);
    const headerLength = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString());
    const data = bytes.subarray(8 + headerLength);
    const mask = { dtype: 'U8', shape: [1, 1, 16, 16], data_offsets: [data.length, data.length + 256] };
    const text = Buffer.from(
      JSON.stringify({ ...header, __metadata__: { format: 'pt' }, 'h.0.attn.bias': mask }),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    await writeFile(path, Buffer.concat([length, text, data, Buffer.alloc(256, 1)]));
    const checkpoint = await openCheckpoint(folder);
    expect((await checkpoint.weight('ln_f.bias')).length).toBe(8);
    await checkpoint.close();
  });
});

describe('A folder that is no checkpoint', () => {
  it('is refused when it is not there', async () => {
    const folder = join(await temporaryFolder(), 'nowhere');
    await refused(folder, 'CHECKPOINT_NOT_FOUND', /nowhere is not there.*config\.json/);
  });

  it('is refused when it is a file', async () => {
    const path = join(await temporaryFolder(), 'model.safetensors');
    await writeFile(path, '');
    await refused(path, 'CHECKPOINT_NOT_FOUND', /is a file, not a folder/);
  });

  it.each(CHECKPOINT_FILES)('is refused by the name of the file that it lacks: %s', async (name) => {
    const folder = await written((tensors) => tensors);
    await rm(join(folder, name));
    await refused(folder, 'CHECKPOINT_NOT_FOUND', new RegExp(`lacks ${name}`));
    await mkdir(join(folder, name));
    await refused(folder, 'CHECKPOINT_NOT_FOUND', new RegExp(`lacks ${name}`));
  });

  it('is refused when its weights lie in several files', async () => {
    const folder = await written((tensors) => tensors);
    await rename(join(folder, 'model.safetensors'), join(folder, 'model-00001-of-00002.safetensors'));
    await writeFile(join(folder, 'model.safetensors.index.json'), '{}');
    await refused(folder, 'CHECKPOINT_UNSUPPORTED', /sharded/);
  });
});

describe('A config.json', () => {
  const cases: readonly (readonly [string, object, string, RegExp])[] = [
    ['of another architecture', { model_type: 'llama' }, 'CHECKPOINT_UNSUPPORTED', /model_type "llama"/],
    ['of no architecture', { model_type: undefined }, 'CHECKPOINT_UNSUPPORTED', /model_type/],
    [
      'with an unknown activation',
      { activation_function: 'swish' },
      'CHECKPOINT_UNSUPPORTED',
      /activation "swish"/,
    ],
    [
      'with an activation that is a word of the language',
      { activation_function: 'constructor' },
      'CHECKPOINT_UNSUPPORTED',
      /activation "constructor"/,
    ],
    ['without a width', { n_embd: undefined }, 'CHECKPOINT_INVALID', /n_embd/],
    ['with a size that is no number', { n_layer: '2' }, 'CHECKPOINT_INVALID', /n_layer \("2"\)/],
    ['with a size of zero', { n_positions: 0 }, 'CHECKPOINT_INVALID', /n_positions/],
    ['with half a layer', { n_layer: 0.5 }, 'CHECKPOINT_INVALID', /n_layer/],
    ['with heads that do not share the width', { n_head: 3 }, 'CHECKPOINT_INVALID', /n_head 3/],
    [
      'with an end-of-text outside its vocabulary',
      { eos_token_id: 300 },
      'CHECKPOINT_INVALID',
      /eos_token_id 300/,
    ],
    [
      'with attention scaled by layer',
      { scale_attn_by_inverse_layer_idx: true },
      'CHECKPOINT_UNSUPPORTED',
      /scale_attn_by_inverse_layer_idx/,
    ],
    [
      'with attention not scaled',
      { scale_attn_weights: false },
      'CHECKPOINT_UNSUPPORTED',
      /scale_attn_weights/,
    ],
    ['with an output layer of its own', { tie_word_embeddings: false }, 'CHECKPOINT_UNSUPPORTED', /tie_word/],
    [
      'with sizes that the weights do not have',
      { n_layer: 3 },
      'CHECKPOINT_INVALID',
      /no tensor h\.2\.ln_1\.weight/,
    ],
  ];
  it.each(cases)('%s is refused by the field', async (_, change, code, reason) => {
    const folder = await written((tensors) => tensors);
    const path = join(folder, 'config.json');
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }));
    await refused(folder, code, reason);
  });

  it.each(['', '{', 'null', '[]', '"gpt2"'])('that says %j is refused', async (text) => {
    const folder = await written((tensors) => tensors);
    await writeFile(join(folder, 'config.json'), text);
    await refused(folder, expect.stringMatching(/^CHECKPOINT_/), /config\.json/);
  });

  it('may leave out what GPT-2 leaves out, or say null', async () => {
    const folder = await written((tensors) => tensors);
    const path = join(folder, 'config.json');
    const { model_type, n_layer, n_head, n_embd, n_positions, vocab_size } = JSON.parse(
      await readFile(path, 'utf8'),
    );
    const sizes = { model_type, n_layer, n_head, n_embd, n_ctx: n_positions, vocab_size, n_inner: null };
    await writeFile(path, JSON.stringify(sizes));
    const { shape, close } = await openCheckpoint(folder);
    expect(shape).toMatchObject({
      innerWidth: 32,
      epsilon: 1e-5,
      activation: 'tanh',
      endOfText: 299,
      positions: 16,
    });
    await close();
  });
});

describe('A tensor', () => {
  it('that is missing is named', async () => {
    const folder = await written((tensors) => tensors.filter(({ name }) => name !== 'h.1.mlp.c_fc.bias'));
    await refused(folder, 'CHECKPOINT_INVALID', /no tensor h\.1\.mlp\.c_fc\.bias/);
  });

  it('of the wrong shape is named, with both shapes', async () => {
    const folder = await written((tensors) =>
      tensors.map((tensor) =>
        tensor.name === 'h.0.mlp.c_fc.weight' ? { ...tensor, dims: [32, 8] } : tensor,
      ),
    );
    await refused(folder, 'CHECKPOINT_INVALID', /h\.0\.mlp\.c_fc\.weight .*\[32,8\].*\[8,32\]/);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'that holds %d is named when it is read: no text comes of such weights',
    async (value) => {
      const folder = await written((tensors) =>
        tensors.map((tensor) =>
          tensor.name === 'h.1.ln_2.bias'
            ? { ...tensor, values: () => new Float32Array(8).fill(value, 5) }
            : tensor,
        ),
      );
      const checkpoint = await openCheckpoint(folder);
      await expect(checkpoint.weight('h.1.ln_2.bias')).rejects.toMatchObject({
        code: 'CHECKPOINT_INVALID',
        message: expect.stringMatching(/h\.1\.ln_2\.bias .* position 5/),
      });
      await checkpoint.close();
    },
  );
});

/** A small checkpoint whose tensors were changed before they were written. */
async function written(change: (tensors: readonly NamedTensor[]) => readonly NamedTensor[]): Promise<string> {
  const folder = await temporaryFolder();
  const shape = await writeRandomCheckpoint(folder, SMALL);
  const tensors = [...expectedTensors(shape)].map(([name, dims]) => ({
    name,
    dims,
    values: () => new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(0.5),
  }));
  await writeSafetensors(join(folder, 'model.safetensors'), change(tensors));
  return folder;
}

async function refused(folder: string, code: string, reason: RegExp): Promise<void> {
  await expect(openCheckpoint(folder)).rejects.toMatchObject({
    name: 'InferenceError',
    code,
    message: expect.stringMatching(reason),
  });
}
