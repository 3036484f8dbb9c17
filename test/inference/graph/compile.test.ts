import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../inference/engine/tokenizer.ts';
import { COMPILER_VERSION, compile, MANIFEST, readManifest } from '../../../inference/graph/compile.ts';
import { openGraph } from '../../../inference/model/open-graph.ts';
import { type RandomCheckpoint, writeRandomCheckpoint } from '../../fixtures/random-checkpoint.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const SMALL: RandomCheckpoint = { layers: 1, heads: 2, width: 32, positions: 16, vocabulary: 300 };
const HOUR = 60 * 60 * 1000;

describe('A compiled folder', () => {
  it('says what it was made of, and can be loaded', async () => {
    const { checkpoint, target } = await place();
    await compile(checkpoint, 'q8', target);
    expect(await readManifest(target)).toMatchObject({
      compilerVersion: COMPILER_VERSION,
      weights: 'q8',
      shape: { layers: 1, width: 32, vocabulary: 300 },
      parameters: 300 * 32 + 16 * 32 + (12 * 32 * 32 + 13 * 32) + 2 * 32,
    });
    const { dispose } = await openGraph(target, 1);
    await dispose();
  });

  it('has a tokenizer to which the end-of-text mark is text like any other', async () => {
    const { checkpoint, target } = await place();
    const path = join(checkpoint, 'tokenizer.json');
    const tokenizer = JSON.parse(await readFile(path, 'utf8'));
    const added_tokens = [{ id: 299, content: '<|endoftext|>', special: true }];
    await writeFile(path, JSON.stringify({ ...tokenizer, added_tokens }));
    await compile(checkpoint, 'fp32', target);
    const compiled = await loadTokenizer(target, 299);
    const ids = compiled.encode('<|endoftext|>');
    expect(ids).not.toContain(299);
    expect(compiled.decode(ids)).toBe('<|endoftext|>');
  });

  it('takes no instructions for the library out of the checkpoint: other files, other devices', async () => {
    const { checkpoint, target } = await place();
    const path = join(checkpoint, 'config.json');
    const config = JSON.parse(await readFile(path, 'utf8'));
    const hint = { use_external_data_format: 7, dtype: 'q4f16', device: 'webgpu' };
    await writeFile(path, JSON.stringify({ ...config, 'transformers.js_config': hint }));
    await compile(checkpoint, 'fp32', target);
    const { dispose } = await openGraph(target, 1);
    await dispose();
  });

  it('replaces what stood in its place without being one', async () => {
    const { checkpoint, target } = await place();
    await mkdir(join(target, 'onnx'), { recursive: true });
    await writeFile(join(target, 'onnx', 'model.onnx'), 'half of a model');
    await writeFile(join(target, MANIFEST), '{"compilerVersion":');
    await compile(checkpoint, 'fp32', target);
    const { dispose } = await openGraph(target, 1);
    await dispose();
  });

  it('is one of two that are made at the same time; both makers succeed', async () => {
    const { checkpoint, target, cache } = await place();
    await Promise.all([compile(checkpoint, 'q4', target), compile(checkpoint, 'q4', target)]);
    expect(await readdir(cache)).toEqual(['model']);
    const { dispose } = await openGraph(target, 1);
    await dispose();
  });
});

describe('A compilation that fails', () => {
  it('leaves nothing behind', async () => {
    const { checkpoint, target, cache } = await place();
    await breakLastTensor(checkpoint);
    await expect(compile(checkpoint, 'q4', target)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('ln_f.bias'),
    });
    expect(await readdir(cache)).toEqual([]);
  });

  it.each([
    ['below a file', 'model'],
    ['in a folder that is a file', ''],
  ])('because the cache is %s says that it cannot be written', async (_, below) => {
    const { checkpoint, cache } = await place();
    const file = join(cache, 'file');
    await writeFile(file, '');
    await expect(compile(checkpoint, 'q4', join(file, below, 'target'))).rejects.toMatchObject({
      code: 'CACHE_UNWRITABLE',
      message: expect.stringMatching(/is a file.*MODEL_CACHE/),
    });
    expect(await readFile(file, 'utf8')).toBe('');
  });

  const tokenizers: readonly (readonly [string, unknown, string, RegExp])[] = [
    ['is not JSON', '{"model":', 'CHECKPOINT_INVALID', /tokenizer\.json is not JSON/],
    ['is null', 'null', 'CHECKPOINT_UNSUPPORTED', /not GPT-2's byte-level BPE/],
    ['is no BPE', { model: { type: 'Unigram', vocab: [] } }, 'CHECKPOINT_UNSUPPORTED', /byte-level BPE/],
    ['has no merges', { model: { type: 'BPE', vocab: {} } }, 'CHECKPOINT_UNSUPPORTED', /byte-level BPE/],
    [
      'has null for a vocabulary',
      { model: { type: 'BPE', vocab: null, merges: [] } },
      'CHECKPOINT_UNSUPPORTED',
      /byte-level BPE/,
    ],
    [
      'has a token beyond the vocabulary of the model',
      { model: { type: 'BPE', vocab: { a: 0, b: 300 }, merges: [] } },
      'CHECKPOINT_INVALID',
      /token 300.* knows 300 tokens/,
    ],
    [
      'has a token whose id is no number',
      { model: { type: 'BPE', vocab: { a: 'b' }, merges: [] } },
      'CHECKPOINT_INVALID',
      /the id "b"/,
    ],
  ];
  it.each(tokenizers)('because the tokenizer %s says so', async (_, content, code, reason) => {
    const { checkpoint, target, cache } = await place();
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(join(checkpoint, 'tokenizer.json'), text);
    await expect(compile(checkpoint, 'q4', target)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(reason),
    });
    expect(await readdir(cache)).toEqual([]);
  });
});

describe('What a dead compiler left', () => {
  it('goes with the next compilation, and what a living one is writing stays', async () => {
    const { checkpoint, target, cache } = await place();
    const now = Date.now();
    await leftover(join(cache, 'other-q4-v1.making-Dead00'), now - HOUR - 1000);
    await leftover(join(cache, 'other-q4-v1.making-Alive0'), now - HOUR + 60_000);
    await compile(checkpoint, 'q4', target, () => now);
    expect((await readdir(cache)).sort()).toEqual(['model', 'other-q4-v1.making-Alive0']);
  });

  it('is told by its newest file: writing a large model does not touch its folder', async () => {
    const { checkpoint, target, cache } = await place();
    const now = Date.now();
    const folder = join(cache, 'large.making-Alive0');
    await leftover(folder, now - 2 * HOUR);
    await utimes(join(folder, 'onnx', 'model.onnx_data'), new Date(now), new Date(now));
    await compile(checkpoint, 'q4', target, () => now);
    expect(await readdir(cache)).toContain('large.making-Alive0');
  });
});

async function place() {
  const folder = await temporaryFolder();
  const checkpoint = join(folder, 'checkpoint');
  const cache = join(folder, 'cache');
  await writeRandomCheckpoint(checkpoint, SMALL);
  await mkdir(cache);
  return { checkpoint, cache, target: join(cache, 'model') };
}

/** The folder of a compilation that was killed, last written at a time. */
async function leftover(folder: string, at: number): Promise<void> {
  const data = join(folder, 'onnx', 'model.onnx_data');
  await mkdir(join(folder, 'onnx'), { recursive: true });
  await writeFile(data, 'half');
  for (const path of [data, join(folder, 'onnx'), folder]) await utimes(path, new Date(at), new Date(at));
}

/** Its header stays right, so that the fault shows only when nearly all of the graph has been written. */
async function breakLastTensor(checkpoint: string): Promise<void> {
  const path = join(checkpoint, 'model.safetensors');
  const bytes = await readFile(path);
  bytes.writeFloatLE(Number.NaN, bytes.length - 4);
  await writeFile(path, bytes);
}
