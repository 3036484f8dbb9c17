import { InferenceError } from '../errors.ts';
import type { Budget } from './task.ts';

/**
 * No token of GPT-2's vocabulary is longer than 128 bytes, so a text of more characters than 128 for each token of the
 * budget is too long, and need not be tokenised to know it. (If another vocabulary has longer ones, `fit` still
 * returns the whole text where it fits.)
 */
const LONGEST_TOKEN = 128;

/**
 * At most this share of the context is kept free for the answer, so that a short context, or a wish for a long answer,
 * leaves the prompt room to be about something. An answer may go on into whatever the prompt did not use.
 */
const ANSWER_SHARE = 1 / 4;

/** Tokens a prompt may have beside its answer, and beside the end-of-text that the engine puts in front. */
export function promptTokens(contextLength: number, maxNewTokens: number): number {
  return contextLength - 1 - Math.min(maxNewTokens, Math.floor(contextLength * ANSWER_SHARE));
}

/** Characters beyond which a text is longer than the whole budget, whatever it says. */
export function mostCharacters(budget: Budget): number {
  return budget.promptTokens * LONGEST_TOKEN;
}

/** A cut text is never said to be whole, even where the indents of its delimiters made up for what was cut. */
const ALMOST_ALL = 0.99;

export interface Counted {
  readonly text: string;
  readonly tokens: number;
}

export interface Cut extends Counted {
  /** What was kept of the text that had to be cut. */
  readonly kept: string;
  /** The share that was kept, in characters; 1 when nothing was cut. */
  readonly share: number;
}

/** The text's tokens; infinite when it is plainly longer than the whole budget. */
export async function size(text: string, budget: Budget): Promise<number> {
  if (text.length > mostCharacters(budget)) return Number.POSITIVE_INFINITY;
  return budget.tokens.count(text);
}

/** The prompt with its tokens, when it is within the limit. */
export async function within(text: string, limit: number, budget: Budget): Promise<Counted | undefined> {
  const tokens = await size(text, budget);
  return tokens <= limit ? { text, tokens } : undefined;
}

/**
 * The prompt with the most pieces that is within the budget; undefined when not even the one with the fewest is. Each
 * candidate is counted whole, since tokens do not add up across a join. Usually the first count decides; else the
 * search takes their logarithm.
 */
export async function most(
  fewest: number,
  pieces: number,
  compose: (pieces: number) => string,
  budget: Budget,
): Promise<{ readonly prompt: Counted; readonly pieces: number } | undefined> {
  let best: { readonly prompt: Counted; readonly pieces: number } | undefined;
  let low = fewest;
  let high = pieces;
  for (let next = high; low <= high; next = Math.floor((low + high) / 2)) {
    const prompt = await within(compose(next), budget.promptTokens, budget);
    if (prompt) {
      best = { prompt, pieces: next };
      low = next + 1;
    } else {
      high = next - 1;
    }
  }
  return best;
}

export interface CutOptions {
  readonly keep: 'start' | 'end';
  /** Applied again to what was kept: a cut may bring a delimiter to the start of a line. */
  readonly wash: (text: string) => string;
  /** Tokens of the whole prompt. */
  readonly limit: number;
  readonly budget: Budget;
}

/**
 * The prompt with as much of one text as is within the limit. The room beside the rest of the prompt is only an
 * estimate, since tokens may merge across the join and washing may lengthen what was kept: the whole is counted, and
 * the room narrowed until it fits.
 *
 * @param compose writes the prompt around what was kept.
 * @throws InferenceError `PROMPT_TOO_LONG` when nothing of the text fits.
 */
export async function cutToFit(
  text: string,
  compose: (kept: string) => string,
  { keep, wash, limit, budget }: CutOptions,
): Promise<Cut> {
  const whole = await within(compose(text), limit, budget);
  if (whole) return { ...whole, kept: text, share: 1 };

  let room = limit - (await size(compose(''), budget));
  for (let step = 1; room > 0; step *= 2) {
    const kept = wash(await budget.tokens.fit(text, room, keep));
    if (kept === '') break;
    const prompt = compose(kept);
    const tokens = await size(prompt, budget);
    if (tokens <= limit) {
      return { text: prompt, tokens, kept, share: Math.min(kept.length / text.length, ALMOST_ALL) };
    }
    room -= Math.max(step, Number.isFinite(tokens) ? tokens - limit : 0);
  }
  throw new InferenceError(
    'PROMPT_TOO_LONG',
    `A prompt of at most ${limit} tokens has no room for this. Use a model with a longer context, or a shorter answer.`,
  );
}
