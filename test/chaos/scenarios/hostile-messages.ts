import fc from 'fast-check';
import { hostileText } from '../fuzz/hostile-text.ts';
import type { Scenario } from '../scenario.ts';

/** What a person's client lets them send. */
const LONGEST = 2_000;

export const hostileMessages: Scenario = {
  name: 'hostile messages',
  done: 'People send what the fuzz makes up: special tokens, mentions, broken Unicode, control characters, nested Markdown.',
  promised: 'Each message gets one answer or one clear line, nobody is called, and the bot logs no mistake.',
  refusals: 'allowed',
  async run(arena, { turns }) {
    await arena.startBot();
    const questions = fc
      .sample(hostileText, { numRuns: turns, seed: arena.draw(2 ** 31) })
      .map(sendable)
      .filter((text) => text !== '')
      .flatMap((text) => [
        { task: 'chat', text, anyAnswer: true } as const,
        { task: 'ask', text, anyAnswer: true } as const,
      ]);
    await arena.asks(turns, questions);
    return {};
  },
};

/** Platforms take no half characters, nothing empty, and no control characters beside line breaks. */
function sendable(text: string): string {
  return text
    .replace(/\p{Cs}|[^\P{Cc}\n\t]/gu, '')
    .trim()
    .slice(0, LONGEST)
    .replace(/\p{Cs}/gu, '');
}
