import { mkdir, mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InferenceError } from '../errors.ts';
import { openCheckpoint } from './checkpoint.ts';
import { drawGpt2, type Weights } from './gpt2.ts';
import { OnnxGraph } from './onnx.ts';
import { type Gpt2Shape, parameterCount } from './shape.ts';

/** Part of the cache's key: raised whenever the same checkpoint would give another graph. */
export const COMPILER_VERSION = 2;

/** `parley.json`, beside the graph: what was compiled. Written last, so a folder that has it is whole. */
export interface CompiledModel {
  readonly compilerVersion: number;
  readonly weights: Weights;
  readonly shape: Gpt2Shape;
  readonly parameters: number;
}

export const MANIFEST = 'parley.json';

/**
 * Turns a checkpoint's folder into a folder that transformers.js loads like any local model: `onnx/model.onnx` with its data
 * file, `config.json`, and a tokenizer in which the end-of-text mark is ordinary text, so that nobody can type one. The
 * folder appears at once or not at all; when another process was faster, its folder stays.
 *
 * @throws InferenceError `CHECKPOINT_…` for the checkpoint's faults, `CACHE_UNWRITABLE` for the target's.
 */
export async function compile(checkpointFolder: string, weights: Weights, target: string): Promise<void> {
  const checkpoint = await openCheckpoint(checkpointFolder);
  try {
    const folder = await temporaryFolder(target);
    try {
      const graph = await OnnxGraph.create(join(folder, 'onnx'), 'model.onnx_data');
      try {
        await drawGpt2(graph, checkpoint, weights);
        await writeDurably(join(folder, 'onnx', 'model.onnx'), await graph.finish({ weights }));
      } finally {
        await graph.abandon();
      }
      await writeCompanions(checkpointFolder, folder, checkpoint.shape);
      const manifest: CompiledModel = {
        compilerVersion: COMPILER_VERSION,
        weights,
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

async function temporaryFolder(target: string): Promise<string> {
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(`${target}.making-`);
  await mkdir(join(folder, 'onnx'));
  return folder;
}

/** `config.json` as it is, and the tokenizer in the form that the engine needs. */
async function writeCompanions(checkpointFolder: string, folder: string, shape: Gpt2Shape): Promise<void> {
  const config = await readFile(join(checkpointFolder, 'config.json'));
  await writeDurably(join(folder, 'config.json'), config);

  const path = join(checkpointFolder, 'tokenizer.json');
  let tokenizer: { added_tokens?: unknown; model?: { type?: unknown; vocab?: unknown; merges?: unknown } };
  try {
    tokenizer = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new InferenceError('CHECKPOINT_INVALID', `${path} is not JSON: ${(cause as Error).message}.`, {
      cause,
    });
  }
  const { model } = tokenizer;
  if (model?.type !== 'BPE' || typeof model.vocab !== 'object' || !Array.isArray(model.merges)) {
    throw new InferenceError('CHECKPOINT_UNSUPPORTED', `${path} is not GPT-2's byte-level BPE tokenizer.`);
  }
  const highest = Object.values(model.vocab as Record<string, number>).reduce(
    (most, id) => Math.max(most, id),
    0,
  );
  if (highest >= shape.vocabulary) {
    throw new InferenceError(
      'CHECKPOINT_INVALID',
      `${path} has a token ${highest}, and the model of config.json knows ${shape.vocabulary} tokens: they do not belong together.`,
    );
  }
  // The library parses added tokens out of any text: without them "<|endoftext|>" is text like any other.
  await writeDurably(join(folder, 'tokenizer.json'), JSON.stringify({ ...tokenizer, added_tokens: [] }));
  // Decoding must not clean up spaces, or the pieces of a text would not join; without this file the library fails.
  const settings = {
    tokenizer_class: 'GPT2Tokenizer',
    add_prefix_space: false,
    clean_up_tokenization_spaces: false,
  };
  await writeDurably(join(folder, 'tokenizer_config.json'), JSON.stringify(settings));
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
    const taken = await stat(join(target, MANIFEST)).catch(() => undefined);
    if (taken) return;
    // A target without its manifest is the rest of something else: it is replaced.
    await rm(target, { recursive: true, force: true });
    await rename(folder, target).catch(() => {
      throw error;
    });
  }
}

const DISK_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the disk quota is used up: free some space',
  EACCES: 'it may not be written: change its permissions',
  EPERM: 'it may not be written: change its permissions',
  EROFS: 'it is on a read-only disk',
  ENOTDIR: 'a part of its path is a file',
};

function asCacheError(error: unknown, target: string): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const why = DISK_ERRORS[code];
  if (error instanceof InferenceError || why === undefined) return error;
  return new InferenceError(
    'CACHE_UNWRITABLE',
    `The compiled model cannot be written to ${dirname(target)}: ${why}, or set MODEL_CACHE to another folder.`,
    { cause: error },
  );
}

/** The manifest of a compiled folder, or nothing when there is none that this compiler version wrote. */
export async function readManifest(folder: string): Promise<CompiledModel | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as CompiledModel;
    return manifest.compilerVersion === COMPILER_VERSION ? manifest : undefined;
  } catch {
    return undefined;
  }
}
