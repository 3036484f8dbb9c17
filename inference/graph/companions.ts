import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceError } from '../errors.ts';
import type { Gpt2Shape } from './shape.ts';

/**
 * The small files that transformers.js wants beside the graph, by name. The tokenizer comes without added tokens: the library
 * parses those out of any text, and without them "<|endoftext|>" is text like any other, so that nobody can type one.
 *
 * @throws InferenceError `CHECKPOINT_INVALID` or `CHECKPOINT_UNSUPPORTED` when the tokenizer is not GPT-2's, or not this
 * model's.
 */
export async function companions(
  checkpointFolder: string,
  shape: Gpt2Shape,
): Promise<ReadonlyMap<string, string>> {
  const tokenizer = await readTokenizer(join(checkpointFolder, 'tokenizer.json'), shape);
  // Decoding must not clean up spaces, or the pieces of a text would not join; without this file the library fails.
  const tokenizerConfig = {
    tokenizer_class: 'GPT2Tokenizer',
    add_prefix_space: false,
    clean_up_tokenization_spaces: false,
  };
  return new Map([
    ['config.json', JSON.stringify(configFor(shape))],
    ['tokenizer.json', JSON.stringify({ ...tokenizer, added_tokens: [] })],
    ['tokenizer_config.json', JSON.stringify(tokenizerConfig)],
  ]);
}

/** Written anew: a checkpoint's own `config.json` may tell the library to load other files, or on another device. */
function configFor(shape: Gpt2Shape): object {
  return {
    model_type: 'gpt2',
    architectures: ['GPT2LMHeadModel'],
    n_layer: shape.layers,
    n_head: shape.heads,
    n_embd: shape.width,
    n_inner: shape.innerWidth,
    n_positions: shape.positions,
    vocab_size: shape.vocabulary,
    bos_token_id: shape.endOfText,
    eos_token_id: shape.endOfText,
  };
}

async function readTokenizer(path: string, shape: Gpt2Shape): Promise<object> {
  const tokenizer = parse(await read(path), path);
  if (!isByteLevelBpe(tokenizer)) {
    throw new InferenceError(
      'CHECKPOINT_UNSUPPORTED',
      `${path} is not GPT-2's byte-level BPE tokenizer. Choose a GPT-2 checkpoint.`,
    );
  }
  let highest = 0;
  for (const id of Object.values(tokenizer.model.vocab)) {
    if (!Number.isSafeInteger(id) || (id as number) < 0) {
      throw new InferenceError(
        'CHECKPOINT_INVALID',
        `${path} has a token with the id ${JSON.stringify(id)}, and ids are whole numbers. Fetch it again.`,
      );
    }
    highest = Math.max(highest, id as number);
  }
  if (highest >= shape.vocabulary) {
    throw new InferenceError(
      'CHECKPOINT_INVALID',
      `${path} has a token ${highest}, and the model of config.json knows ${shape.vocabulary} tokens: they do not belong together. Fetch both again.`,
    );
  }
  return tokenizer;
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new InferenceError('CHECKPOINT_INVALID', `${path} cannot be read (${code ?? message}).`, { cause });
  }
}

function parse(text: string, path: string): unknown {
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

interface Bpe {
  readonly model: { readonly vocab: object };
}

function isByteLevelBpe(tokenizer: unknown): tokenizer is Bpe {
  const model = isRecord(tokenizer) ? tokenizer.model : undefined;
  return isRecord(model) && model.type === 'BPE' && isRecord(model.vocab) && Array.isArray(model.merges);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
