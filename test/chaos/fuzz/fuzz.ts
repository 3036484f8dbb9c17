import fc from 'fast-check';
import { starterTokenizer } from '../../fixtures/starter-tokenizer.ts';
import { hostileText } from './hostile-text.ts';
import { wholeWay } from './whole-way.ts';

/**
 * Random and hostile messages through the router, the prompts, the pages and the escaping of both platforms.
 *
 * @throws Error with the smallest message that breaks a promise, and the seed.
 */
export async function fuzz(messages: number, seed: number): Promise<void> {
  const tokenizer = await starterTokenizer();
  await fc.assert(
    fc.asyncProperty(hostileText, (text) => wholeWay(text, tokenizer)),
    { numRuns: messages, seed },
  );
}
