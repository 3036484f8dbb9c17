import type { Tokens } from '../../inference/engine/engine.ts';

/** Text of exactly so many tokens, the end-of-text in front included. Its beginning makes it a prompt that nobody had before. */
export async function promptOf(tokens: Tokens, length: number, beginning: string): Promise<string> {
  const text = `${beginning}: ${'the bot answers people on the machine it runs on, '.repeat(length)}`;
  return tokens.fit(text, length - 1, 'start');
}
