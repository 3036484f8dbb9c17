import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InferenceError } from '../errors.ts';
import { BYTE_OF_CHARACTER } from './byte-level.ts';
import type { TokenId } from './engine.ts';
import { fitsWithin, fitText, type Keep } from './fit.ts';
import { TokenBytes } from './token-bytes.ts';

/** What is used of transformers.js' tokenizer. */
export interface PretrainedTokenizer {
  encode(text: string, options: { readonly add_special_tokens: boolean }): TokenId[];
  get_vocab(): Map<string, TokenId>;
}

/**
 * Text to token ids and back, for byte-level BPE as GPT-2 has it. Any text can be encoded and comes back the same,
 * except that a lone surrogate, which is half a character, becomes U+FFFD.
 */
export class Tokenizer {
  readonly endOfText: TokenId;
  readonly #pretrained: PretrainedTokenizer;
  readonly #bytes: TokenBytes;

  /**
   * @param pretrained Made from a `tokenizer.json` without added tokens: with them, text that a person typed would
   * become special tokens.
   * @param endOfText From the checkpoint's `config.json`.
   * @throws InferenceError `CHECKPOINT_UNSUPPORTED` when the vocabulary does not cover all bytes.
   */
  constructor(pretrained: PretrainedTokenizer, endOfText: TokenId) {
    const vocabulary = pretrained.get_vocab();
    for (const [character, byte] of BYTE_OF_CHARACTER) {
      if (!vocabulary.has(character)) throw notByteLevel(byte);
    }
    this.endOfText = endOfText;
    this.#pretrained = pretrained;
    this.#bytes = new TokenBytes(vocabulary, endOfText);
  }

  /** The ids of a text, none of them special. Takes about a second for two million characters of prose. */
  encode(text: string): TokenId[] {
    return this.#pretrained.encode(wellFormed(text), { add_special_tokens: false });
  }

  /** The bytes that a token writes, a view. They may be part of a character; end-of-text has none. */
  bytes(id: TokenId): Uint8Array {
    return this.#bytes.of(id);
  }

  /** The text of whole tokens. What is not UTF-8 becomes U+FFFD. */
  decode(ids: readonly TokenId[]): string {
    return Buffer.concat(ids.map((id) => this.bytes(id))).toString('utf8');
  }

  count(text: string): number {
    return this.encode(text).length;
  }

  /** Whether a text has at most `limit` tokens. The work grows with the limit, not with the text. */
  fits(text: string, limit: number): boolean {
    return fitsWithin(text, limit, this);
  }

  /** What fits into `limit` tokens of a text's beginning or end (see `fitText`). */
  fit(text: string, limit: number, keep: Keep): string {
    return fitText(text, limit, keep, this);
  }
}

/**
 * Loads the tokenizer of a prepared folder: a `tokenizer.json` with no added tokens, and `tokenizer_config.json`.
 *
 * @throws InferenceError `CHECKPOINT_INVALID` when a file is missing or broken, `CHECKPOINT_UNSUPPORTED` when it is
 * not byte-level BPE.
 */
export async function loadTokenizer(folder: string, endOfText: TokenId): Promise<Tokenizer> {
  const place = resolve(folder);
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    await access(resolve(place, file)).catch((cause: unknown) => {
      throw invalid(`${file} cannot be read in ${place}`, cause);
    });
  }
  const { AutoTokenizer, env } = await import('@xenova/transformers');
  env.allowRemoteModels = false;
  const pretrained = await AutoTokenizer.from_pretrained(place, { local_files_only: true }).catch(
    (cause: unknown) => {
      throw invalid(`the tokenizer in ${place} cannot be loaded`, cause);
    },
  );
  return new Tokenizer(pretrained, endOfText);
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

function invalid(what: string, cause: unknown): InferenceError {
  return new InferenceError(
    'CHECKPOINT_INVALID',
    `The model cannot be used: ${what}. Copy or download the model again.`,
    { cause },
  );
}

function notByteLevel(byte: number): InferenceError {
  return new InferenceError(
    'CHECKPOINT_UNSUPPORTED',
    `The tokenizer has no token for byte ${byte}, so it is not GPT-2's byte-level BPE. Choose a GPT-2 checkpoint.`,
  );
}
