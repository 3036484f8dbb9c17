import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutoTokenizer } from '@xenova/transformers';
import type { Tokens } from '../../../inference/engine/engine.ts';

export interface CountedTokens extends Tokens {
  trips: number;
}

/** The starter model's own tokenizer, with end-of-text as ordinary text. `trips` counts how often it was asked. */
export async function starterTokens(): Promise<CountedTokens> {
  const folder = mkdtempSync(join(tmpdir(), 'starter-tokens-'));
  const read = (name: string) =>
    readFileSync(new URL(`../../../models/starter/${name}`, import.meta.url), 'utf8');
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('tokenizer.json', JSON.stringify({ ...JSON.parse(read('tokenizer.json')), added_tokens: [] }));
  write('tokenizer_config.json', read('tokenizer_config.json'));
  write('config.json', read('config.json'));
  const tokenizer = await AutoTokenizer.from_pretrained(folder, { local_files_only: true });
  rmSync(folder, { recursive: true });
  const encode = (text: string): number[] => tokenizer.encode(text, { add_special_tokens: false });
  const tokens: CountedTokens = {
    trips: 0,
    async count(text) {
      tokens.trips += 1;
      return encode(text).length;
    },
    async fit(text, limit, keep) {
      tokens.trips += 1;
      const ids = encode(text);
      if (ids.length <= limit) return text;
      const part = tokenizer.decode(keep === 'start' ? ids.slice(0, limit) : ids.slice(-limit));
      const words = keep === 'start' ? part.replace(/\s+\S*$/, '') : part.replace(/^\S*\s+/, '');
      return words.length > part.length / 2 ? words : part;
    },
  };
  return tokens;
}
