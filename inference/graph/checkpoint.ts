import { access, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceError } from '../errors.ts';
import { SafetensorsFile } from './safetensors.ts';
import { type Gpt2Shape, readShape } from './shape.ts';

/** The files that make a checkpoint; `tokenizer_config.json` is optional. */
export const CHECKPOINT_FILES = ['config.json', 'tokenizer.json', 'model.safetensors'] as const;

/** A folder with GPT-2's weights, checked: every tensor is there with the shape that `config.json` asks for. */
export interface Checkpoint {
  readonly folder: string;
  readonly shape: Gpt2Shape;
  /** Reads a weight by its name without prefix (`h.0.attn.c_attn.weight`), row-major: an array of the caller's own. */
  weight(name: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * @throws InferenceError `CHECKPOINT_NOT_FOUND` (no such folder, or a file missing), `CHECKPOINT_UNSUPPORTED` (not
 * GPT-2, or sharded), `CHECKPOINT_INVALID` (damaged): each names the file or the tensor.
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  await requireFiles(folder);
  const configPath = join(folder, 'config.json');
  const shape = readShape(parseJson(await readFile(configPath, 'utf8'), configPath), configPath);
  const file = await SafetensorsFile.open(join(folder, 'model.safetensors'));
  try {
    const nameInFile = checkTensors(file, shape);
    return {
      folder,
      shape,
      weight: async (name) => {
        const values = await file.read(nameInFile(name));
        const bad = values.findIndex((value) => !Number.isFinite(value));
        if (bad < 0) return values;
        throw new InferenceError(
          'CHECKPOINT_INVALID',
          `The tensor ${name} of ${file.path} holds ${values[bad]} at position ${bad}: the file is damaged. Fetch it again.`,
        );
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** @throws InferenceError as `openCheckpoint`, for the folder and the files in it; nothing is read yet. */
export async function requireFiles(folder: string): Promise<void> {
  const info = await stat(folder).catch(() => undefined);
  if (!info?.isDirectory()) {
    throw new InferenceError(
      'CHECKPOINT_NOT_FOUND',
      `${folder} is ${info ? 'a file, not a folder' : 'not there'}. ${WANTED}`,
    );
  }
  const missing: string[] = [];
  for (const name of CHECKPOINT_FILES) {
    const file = await stat(join(folder, name)).catch(() => undefined);
    if (!file?.isFile()) missing.push(name);
  }
  if (missing.includes('model.safetensors')) {
    if (await isThere(join(folder, 'model.safetensors.index.json'))) {
      throw new InferenceError(
        'CHECKPOINT_UNSUPPORTED',
        `${folder} holds a sharded checkpoint (model.safetensors.index.json). Parley reads one model.safetensors; join the shards first.`,
      );
    }
  }
  if (missing.length > 0) {
    throw new InferenceError(
      'CHECKPOINT_NOT_FOUND',
      `${folder} lacks ${list(missing)}. ${(await whatIsThere(folder, missing)) ?? WANTED}`,
    );
  }
}

const WANTED = `A GPT-2 checkpoint is a folder with ${list(CHECKPOINT_FILES)}.`;

/** Older forms of the same, which people have on their disks. */
const OLDER_FORMS = [
  {
    lacking: 'model.safetensors',
    has: 'pytorch_model.bin',
    advice:
      'Its weights are in pytorch_model.bin, a form that can run programs when it is opened, and is not read. Save the model as safetensors.',
  },
  {
    lacking: 'tokenizer.json',
    has: 'vocab.json',
    advice:
      'It has the older vocab.json and merges.txt. Save the tokenizer in its newer form, or take the tokenizer.json of openai-community/gpt2 if the vocabulary is the same.',
  },
] as const;

async function whatIsThere(folder: string, missing: readonly string[]): Promise<string | undefined> {
  for (const { lacking, has, advice } of OLDER_FORMS) {
    if (missing.includes(lacking) && (await isThere(join(folder, has)))) return advice;
  }
  return undefined;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function list(names: readonly string[]): string {
  return names.join(', ').replace(/, ([^,]+)$/u, ' and $1');
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InferenceError(
      'CHECKPOINT_INVALID',
      `${path} is not JSON: ${(cause as Error).message}. Fetch it again.`,
      {
        cause,
      },
    );
  }
}

const UNLIKE_CONFIG = 'The two files are not of the same model, or not whole: fetch both again.';

/** Checks every weight's presence and shape; gives the way from a plain name to the name in the file. */
function checkTensors(file: SafetensorsFile, shape: Gpt2Shape): (name: string) => string {
  const prefix = file.tensors.has('transformer.wte.weight') ? 'transformer.' : '';
  for (const [name, expected] of expectedTensors(shape)) {
    const entry = file.tensors.get(prefix + name);
    if (!entry) {
      throw new InferenceError(
        'CHECKPOINT_INVALID',
        `${file.path} has no tensor ${prefix}${name} (of 16, 32 or bfloat16 bits), which GPT-2 needs. ${UNLIKE_CONFIG}`,
      );
    }
    if (entry.shape.join() !== expected.join()) {
      throw new InferenceError(
        'CHECKPOINT_INVALID',
        `The tensor ${prefix}${name} of ${file.path} has the shape [${entry.shape}], and config.json asks for [${expected}]. ${UNLIKE_CONFIG}`,
      );
    }
  }
  return (name) => prefix + name;
}

/** Names and shapes of the public checkpoint; linear weights are [in, out]. */
export function* expectedTensors(shape: Gpt2Shape): Generator<readonly [string, readonly number[]]> {
  const { width, innerWidth } = shape;
  yield ['wte.weight', [shape.vocabulary, width]];
  yield ['wpe.weight', [shape.positions, width]];
  for (let layer = 0; layer < shape.layers; layer++) {
    const h = `h.${layer}.`;
    yield [`${h}ln_1.weight`, [width]];
    yield [`${h}ln_1.bias`, [width]];
    yield [`${h}attn.c_attn.weight`, [width, 3 * width]];
    yield [`${h}attn.c_attn.bias`, [3 * width]];
    yield [`${h}attn.c_proj.weight`, [width, width]];
    yield [`${h}attn.c_proj.bias`, [width]];
    yield [`${h}ln_2.weight`, [width]];
    yield [`${h}ln_2.bias`, [width]];
    yield [`${h}mlp.c_fc.weight`, [width, innerWidth]];
    yield [`${h}mlp.c_fc.bias`, [innerWidth]];
    yield [`${h}mlp.c_proj.weight`, [innerWidth, width]];
    yield [`${h}mlp.c_proj.bias`, [width]];
  }
  yield ['ln_f.weight', [width]];
  yield ['ln_f.bias', [width]];
}
