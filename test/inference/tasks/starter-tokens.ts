import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tokens } from '../../../inference/engine/engine.ts';
import { loadTokenizer } from '../../../inference/engine/tokenizer.ts';
import { locateModel, STARTER } from '../../../inference/model/locate.ts';

export interface CountedTokens extends Tokens {
  /** How often the tokenizer was asked. */
  trips: number;
}

/** The starter model's own tokenizer, with end-of-text as ordinary text, as the engine has it. */
export async function starterTokens(): Promise<CountedTokens> {
  const { folder } = locateModel(STARTER);
  const prepared = await mkdtemp(join(tmpdir(), 'parley-tokens-'));
  const json = JSON.parse(await readFile(join(folder, 'tokenizer.json'), 'utf8'));
  await writeFile(join(prepared, 'tokenizer.json'), JSON.stringify({ ...json, added_tokens: [] }));
  await cp(join(folder, 'tokenizer_config.json'), join(prepared, 'tokenizer_config.json'));
  const tokenizer = await loadTokenizer(prepared, json.model.vocab['<|endoftext|>']);
  await rm(prepared, { recursive: true });
  const tokens: CountedTokens = {
    trips: 0,
    async count(text) {
      tokens.trips += 1;
      return tokenizer.count(text);
    },
    async fit(text, limit, keep) {
      tokens.trips += 1;
      return tokenizer.fit(text, limit, keep);
    },
  };
  return tokens;
}
