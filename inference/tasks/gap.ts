import type { Tokens } from '../engine/engine.ts';
import { cleanText, isBlank } from './delimiters.ts';
import { TaskInputError } from './task.ts';

/** A text with one place left open. */
export interface Gap {
  /** Up to the gap, the blanks in front of it included. */
  readonly before: string;
  readonly after: string;
}

/** Two are Markdown's mark for emphasis, and one stands in names. */
const GAP = /_{3,}/gu;

/** Whether something was left open; `fill` and `choose` can only do with exactly one gap. */
export function hasGap(text: string): boolean {
  return text.search(GAP) !== -1;
}

/** @throws TaskInputError when there is no gap, or more than one, or nothing else than the gap. */
export function splitAtGap(text: string): Gap {
  const [before = '', after, ...more] = cleanText(text).trim().split(GAP);
  if (after === undefined) {
    throw new TaskInputError('There is no gap in the text. Write ___ where something is missing.');
  }
  if (more.length > 0) {
    throw new TaskInputError(
      `There are ${more.length + 1} gaps in the text, and I can only deal with one. Leave one ___ in it.`,
    );
  }
  if (isBlank(before) && isBlank(after)) {
    throw new TaskInputError('There is only a gap. Write the text around it as well.');
  }
  return { before, after };
}

/** A gap as the model reads it. */
export interface GapContext {
  /** What stands before the gap; ends without a blank, since the model's words bring their own. */
  readonly left: string;
  /** The blank between `left` and what fills the gap, or nothing. */
  readonly joint: '' | ' ';
  readonly right: string;
  /** Not all of the text is in it. */
  readonly cut: boolean;
}

/** As much of the text around a gap as is within these limits of tokens, that which is nearest to the gap. */
export async function aroundGap(
  { before, after }: Gap,
  limits: { readonly left: number; readonly right: number },
  tokens: Tokens,
): Promise<GapContext> {
  const trimmed = before.replace(/[^\S\n]+$/u, '');
  const [left, right] = await Promise.all([
    tokens.fit(trimmed.slice(-MOST_CHARACTERS), limits.left, 'end'),
    tokens.fit(after.slice(0, MOST_CHARACTERS), limits.right, 'start'),
  ]);
  return {
    left,
    joint: trimmed.length < before.length && left !== '' ? ' ' : '',
    right,
    cut: left.length < trimmed.length || right.length < after.length,
  };
}

/** Far more than the limits of tokens let through. */
const MOST_CHARACTERS = 16_384;

/** Characters shown on either side of a filling: where it stands can be seen, and a novel is not sent back. */
const SHOWN = 400;

/** The text with its filling emphasised (Markdown); of a long one, what is near. */
export function showFilled({ before, after }: Gap, filling: string): string {
  const left = before.length > SHOWN ? `…${before.slice(-SHOWN).replace(/^\S*\s/u, '')}` : before;
  const right = after.length > SHOWN ? `${after.slice(0, SHOWN).replace(/\s\S*$/u, '')}…` : after;
  return `${left}**${filling}**${right}`;
}
