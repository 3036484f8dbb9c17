import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InferenceError } from '../errors.ts';
import { isShortage } from '../shortage.ts';
import { openCheckpoint } from './checkpoint.ts';
import { companions } from './companions.ts';
import { drawGpt2 } from './gpt2.ts';
import { makingFolder } from './leftovers.ts';
import { OnnxGraph } from './onnx.ts';
import { drawOverflowProbe, PROBE_NAME } from './overflow-probe.ts';
import { type Gpt2Shape, parameterCount } from './shape.ts';
import type { TokenTable } from './token-table.ts';
import { type CacheType, cacheTypeFor, type Weights } from './weights.ts';

/** Part of the cache's key: raised whenever the same checkpoint would give another graph. */
export const COMPILER_VERSION = 18;

/** `parley.json`, beside the graph: what was compiled. Written last, so a folder that has it is whole. */
export interface CompiledModel {
  readonly compilerVersion: number;
  readonly weights: Weights;
  readonly cache: CacheType;
  /** In the data file of the model's graph. */
  readonly tokens: TokenTable;
  readonly shape: Gpt2Shape;
  readonly parameters: number;
}

export const MANIFEST = 'parley.json';

/** What transformers.js knows the model's graph by. */
export const MODEL_NAME = 'model';

/** The file of a graph's weights, within `onnx/`. */
export function dataFileOf(graph: string): string {
  return `${graph}.onnx_data`;
}

/**
 * Turns a checkpoint's folder into a folder that transformers.js loads like any local model: `onnx/model.onnx` with its data
 * file (at q8 also a probe of the processor), `config.json`, and the tokenizer. The folder appears at once or not at all; when
 * another process was faster, its folder stays.
 *
 * @param clock Milliseconds since the epoch, to tell what a dead compiler left from what a living one is writing.
 * @throws InferenceError `CHECKPOINT_…` for the checkpoint's faults, `CACHE_UNWRITABLE` for the target's.
 */
export async function compile(
  checkpointFolder: string,
  weights: Weights,
  target: string,
  clock: () => number = Date.now,
): Promise<void> {
  const checkpoint = await openCheckpoint(checkpointFolder);
  try {
    // Read first: a tokenizer that is not GPT-2's is found before the weights are worked through.
    const files = await companions(checkpointFolder, checkpoint.shape);
    const folder = await makingFolder(target, clock);
    try {
      await mkdir(join(folder, 'onnx'));
      const tokens = await writeGraph(folder, MODEL_NAME, weights, (graph) =>
        drawGpt2(graph, checkpoint, weights),
      );
      if (weights === 'q8') await writeGraph(folder, PROBE_NAME, weights, drawOverflowProbe);
      for (const [name, content] of files) await writeDurably(join(folder, name), content);
      const manifest: CompiledModel = {
        compilerVersion: COMPILER_VERSION,
        weights,
        cache: cacheTypeFor(weights),
        tokens,
        shape: checkpoint.shape,
        parameters: parameterCount(checkpoint.shape),
      };
      await writeDurably(join(folder, MANIFEST), JSON.stringify(manifest));
      await moveIntoPlace(folder, target);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } catch (error) {
    throw asCacheError(error, target);
  } finally {
    await checkpoint.close();
  }
}

/** `name` is what transformers.js knows the graph by. */
async function writeGraph<Drawn>(
  folder: string,
  name: string,
  weights: Weights,
  draw: (graph: OnnxGraph) => Promise<Drawn>,
): Promise<Drawn> {
  const graph = new OnnxGraph(join(folder, 'onnx'), dataFileOf(name));
  try {
    const drawn = await draw(graph);
    await writeDurably(join(folder, 'onnx', `${name}.onnx`), await graph.finish({ weights }));
    return drawn;
  } finally {
    await graph.abandon();
  }
}

async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function moveIntoPlace(folder: string, target: string): Promise<void> {
  try {
    await rename(folder, target);
  } catch (error) {
    if (await readManifest(target)) return;
    // A target without a good manifest is the rest of something else: it is replaced.
    await rm(target, { recursive: true, force: true });
    await rename(folder, target).catch(() => {
      throw error;
    });
  }
}

const DISK_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'its permissions do not allow it',
  EPERM: 'its permissions do not allow it',
  EROFS: 'it is on a read-only disk',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'a part of its path is a file',
  ENOENT: 'its folder cannot be made, or was removed meanwhile',
};

function asCacheError(error: unknown, target: string): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const why = DISK_ERRORS[code];
  if (error instanceof InferenceError || why === undefined) return error;
  return new InferenceError(
    'CACHE_UNWRITABLE',
    `The compiled model cannot be written to ${dirname(target)}: ${why}. Mend that, or set MODEL_CACHE to another folder.`,
    { cause: error },
  );
}

/**
 * The manifest of a compiled folder, or nothing when there is none that this compiler version wrote.
 *
 * @throws what the system lacks for the moment to tell: a graph that is there is neither damaged nor to be compiled once more
 *   for want of an open file.
 */
export async function readManifest(folder: string): Promise<CompiledModel | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as CompiledModel;
    return manifest.compilerVersion === COMPILER_VERSION ? manifest : undefined;
  } catch (error) {
    if (isShortage(error)) throw error;
    return undefined;
  }
}
