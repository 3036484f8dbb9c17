import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, stat, watch, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { forkChild } from '../../../inference/child-process.ts';
import { MANIFEST, readManifest } from '../../../inference/graph/compile.ts';
import type { CompileOrder } from '../../../inference/graph/compile-process.ts';
import { compiledModel, compiledOf } from '../../../inference/model/compiled.ts';
import { type RandomCheckpoint, writeRandomCheckpoint } from '../../fixtures/random-checkpoint.ts';
import { STARTER_SIZES } from '../../fixtures/starter-sizes.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const SMALL: RandomCheckpoint = { layers: 1, heads: 1, width: 32, positions: 16, vocabulary: 300 };
/** Takes long enough to compile that a signal arrives in the middle. */
const LARGER: RandomCheckpoint = {
  layers: 6,
  heads: 4,
  width: 256,
  positions: 64,
  vocabulary: STARTER_SIZES.vocabulary,
};

const nodeOptions = process.env.NODE_OPTIONS;
afterEach(() => {
  if (nodeOptions === undefined) delete process.env.NODE_OPTIONS;
  else process.env.NODE_OPTIONS = nodeOptions;
});

describe('The compiled form of a checkpoint', () => {
  it('is made once for each kind of weights, and found again', async () => {
    const { checkpoint, cache } = await place();
    const folder = await compiledModel(checkpoint, 'q4', cache);
    expect(await readManifest(folder)).toMatchObject({ weights: 'q4' });
    const made = await stat(join(folder, MANIFEST));
    expect(await compiledModel(checkpoint, 'q4', cache)).toBe(folder);
    expect((await stat(join(folder, MANIFEST))).mtimeMs).toBe(made.mtimeMs);
    expect(await compiledModel(checkpoint, 'fp32', cache)).not.toBe(folder);
  });

  it('is made by both of two bots that start at the same time, and either can use it', async () => {
    const { checkpoint, cache } = await place();
    const folders = await Promise.all([
      compiledModel(checkpoint, 'q8', cache),
      compiledModel(checkpoint, 'q8', cache),
    ]);
    expect(new Set(folders).size).toBe(1);
    expect(await readManifest(folders[0]!)).toBeDefined();
  });

  it('is made again when it was removed, or lost its last file', async () => {
    const { checkpoint, cache } = await place();
    const folder = await compiledModel(checkpoint, 'q4', cache);
    await rm(join(folder, MANIFEST));
    expect(await compiledModel(checkpoint, 'q4', cache)).toBe(folder);
    expect(await readManifest(folder)).toBeDefined();
    await rm(cache, { recursive: true });
    expect(await compiledModel(checkpoint, 'q4', cache)).toBe(folder);
    expect(await readManifest(folder)).toBeDefined();
  });

  it('is known for one that another version made, and can no longer be used', async () => {
    const { checkpoint, cache } = await place();
    const folder = await compiledModel(checkpoint, 'q8', cache);
    expect(await compiledOf(checkpoint, cache)).toEqual([{ weights: 'q8', folder, current: true }]);
    const path = join(folder, MANIFEST);
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...manifest, compilerVersion: manifest.compilerVersion - 1 }));
    expect(await compiledOf(checkpoint, cache)).toEqual([{ weights: 'q8', folder, current: false }]);
  });

  it('never appears by halves: a compiler that is killed leaves nothing that the next start would take for it', async () => {
    const { checkpoint, cache } = await place(LARGER);
    const compiled = join(cache, 'compiled');
    await mkdir(compiled, { recursive: true });
    const order: CompileOrder = {
      checkpointFolder: checkpoint,
      weights: 'q4',
      target: join(compiled, 'killed'),
    };
    const child = forkChild('./graph/compile-process.ts', 'serveCompiler');
    const exited = once(child, 'exit');
    const appeared = firstEntry(compiled);
    child.send(order);
    await appeared;
    child.kill('SIGKILL');
    await exited;
    const left = await readdir(compiled);
    expect(left).toHaveLength(1);
    expect(left[0]).toMatch(/^killed\.making-/);
    expect(await readManifest(order.target)).toBeUndefined();
    expect(await readManifest(await compiledModel(checkpoint, 'q4', cache))).toBeDefined();
  });
});

describe('The compiler’s process', () => {
  it('lets Ctrl-C pass, which is meant for the bot, and ends with the bot', async () => {
    const { checkpoint, cache } = await place(LARGER);
    const compiled = join(cache, 'compiled');
    await mkdir(compiled, { recursive: true });
    const child = forkChild('./graph/compile-process.ts', 'serveCompiler');
    const exited = once(child, 'exit');
    const appeared = firstEntry(compiled);
    child.send({ checkpointFolder: checkpoint, weights: 'q4', target: join(compiled, 'left') });
    await appeared;
    child.kill('SIGINT');
    child.disconnect();
    expect(await exited).toEqual([0, null]);
    expect(await readManifest(join(compiled, 'left'))).toBeUndefined();
  });

  it('that dies is reported with its end, and what might help', async () => {
    const { checkpoint, cache, folder } = await place();
    await writeFile(join(folder, 'die.cjs'), 'process.exit(7)');
    process.env.NODE_OPTIONS = `--require "${join(folder, 'die.cjs')}"`;
    await expect(compiledModel(checkpoint, 'q4', cache)).rejects.toMatchObject({
      code: 'COMPILE_FAILED',
      message: expect.stringMatching(/exit code 7.*memory/),
    });
  });

  it('passes on what is wrong with the checkpoint', async () => {
    const { checkpoint, cache } = await place();
    await writeFile(join(checkpoint, 'config.json'), '{"model_type":"bert"}');
    await expect(compiledModel(checkpoint, 'q4', cache)).rejects.toMatchObject({
      name: 'InferenceError',
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringContaining('"bert"'),
    });
  });

  it('passes on what is wrong with the cache', async () => {
    const { checkpoint, folder } = await place();
    await writeFile(join(folder, 'file'), '');
    await expect(compiledModel(checkpoint, 'q4', join(folder, 'file'))).rejects.toMatchObject({
      code: 'CACHE_UNWRITABLE',
    });
  });
});

it('A folder that lacks a file is refused before anything is written', async () => {
  const { checkpoint, cache, folder } = await place();
  await rm(join(checkpoint, 'tokenizer.json'));
  await expect(compiledModel(checkpoint, 'q4', cache)).rejects.toMatchObject({
    code: 'CHECKPOINT_NOT_FOUND',
    message: expect.stringContaining('lacks tokenizer.json'),
  });
  expect(await readdir(folder)).toEqual(['checkpoint']);
});

async function place(options = SMALL) {
  const folder = await temporaryFolder();
  const checkpoint = join(folder, 'checkpoint');
  await writeRandomCheckpoint(checkpoint, options);
  return { folder, checkpoint, cache: join(folder, 'cache') };
}

/** Resolves when something has appeared in the folder. */
async function firstEntry(folder: string): Promise<void> {
  for await (const _ of watch(folder)) if ((await readdir(folder)).length > 0) return;
}
