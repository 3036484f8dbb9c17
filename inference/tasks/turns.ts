import { cutToFit, most } from './budget.ts';
import { ANSWER, isBlank, QUESTION, washLine } from './delimiters.ts';
import { partRead } from './notes.ts';
import type { Budget, Exchange, Prompt } from './task.ts';

/** A prompt before the task has said how to decode it. */
export type Fitted = Omit<Prompt, 'decoding'>;

/** Washed, without those that one side left empty: an `A:` with nothing behind it teaches the model to be silent. */
export function washExchanges(exchanges: readonly Exchange[]): readonly Exchange[] {
  return exchanges
    .filter(({ question, answer }) => !isBlank(question) && !isBlank(answer))
    .map(({ question, answer }) => ({ question: washLine(question), answer: washLine(answer) }));
}

/**
 * The last exchanges as `Q:` and `A:` lines, then the open question. No space behind the last `A:`: the model's words
 * bring their own, and a space alone is a token that seldom stands before a word.
 */
export function writeTurns(exchanges: readonly Exchange[], last: number, question: string): string {
  const lines = exchanges
    .slice(exchanges.length - last)
    .map((exchange) => `${QUESTION} ${exchange.question}\n${ANSWER} ${exchange.answer}\n`);
  return `${lines.join('')}${QUESTION} ${question}\n${ANSWER}`;
}

/**
 * The question behind as many of the latest exchanges as fit; a question too long even alone keeps its end, which is
 * what the answer follows.
 *
 * @param earlier washed exchanges, oldest first.
 * @param question washed; `named` is what the note calls it.
 */
export async function fitTurns(
  earlier: readonly Exchange[],
  question: string,
  named: string,
  budget: Budget,
): Promise<Fitted> {
  const whole = await most(0, earlier.length, (last) => writeTurns(earlier, last, question), budget);
  if (whole) return whole.prompt;
  const { text, tokens, share } = await cutQuestion(question, budget.promptTokens, budget);
  return { text, tokens, note: `${partRead(named, 'end', share)} ${READ_MORE}` };
}

/** What to do about a message of many pages: summaries are made in parts. */
const READ_MORE = 'Ask for a summary to have more of it read.';

/** The question alone, its end kept within the limit. */
export function cutQuestion(question: string, limit: number, budget: Budget) {
  return cutToFit(question, (kept) => writeTurns([], 0, kept), {
    keep: 'end',
    wash: washLine,
    limit,
    budget,
  });
}
