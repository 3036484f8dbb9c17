/**
 * The marks that give a prompt its form, and the washing that keeps them ours: a person's text can hold anything, but
 * only the task that writes the prompt can begin a line with one of them.
 */
export const QUESTION = 'Q:';
export const ANSWER = 'A:';
export const SUMMARY = 'TL;DR:';
/** Between the two sides of a translation; a blank stands before it and behind it. */
export const EQUALS = '=';

/** Every mark, whichever task is at work: a text for `summarize` may be the context of an `ask` one message later. */
export const DELIMITERS = [QUESTION, ANSWER, SUMMARY] as const;

/** Four spaces: what documents do to a line that is quoted rather than meant. */
const INDENT = '    ';

/** What a reader does not see at the start of a line: spaces of all kinds, zero-width and format characters. */
const UNSEEN = String.raw`[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}]`;

const BEGINS_WITH_DELIMITER = new RegExp(
  `^${UNSEEN}*(?=(?:${DELIMITERS.map((mark) => [...mark].join(`${UNSEEN}*`)).join('|')}))`,
  'iu',
);

/** An equals sign with all that is unseen around it; each run of unseen characters is tried from its beginning only. */
const EQUALS_SIGN = new RegExp(`(?<!${UNSEEN})${UNSEEN}+(?==)|(?<==)${UNSEEN}+`, 'gu');

const SEEN = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/u;

/** What Unicode calls a mandatory break (UAX 14: BK, CR, LF, NL), CR LF being one. */
const LINE_BREAK = /\r\n|[\r\v\f\u0085\u2028\u2029]/g;
const CONTROL = /[^\P{Cc}\n\t]/gu;
const LONE_SURROGATE = /\p{Cs}/gu;

/** Nothing that anybody could read. */
export function isBlank(text: string): boolean {
  return !SEEN.test(text);
}

/**
 * A text of several lines, such as a context: well-formed (a lone surrogate becomes U+FFFD), every line break a
 * newline, no other control character than the tab, nothing blank around it. A line that begins with a delimiter, in
 * either case and behind whatever cannot be seen, is indented by four spaces instead, so that no line of it starts the
 * way a prompt's own lines do. Washing twice changes nothing more.
 */
export function washText(text: string): string {
  return wash(text)
    .trim()
    .split('\n')
    .map((line) => line.replace(BEGINS_WITH_DELIMITER, INDENT))
    .join('\n');
}

/**
 * A text that stands on a line of its own, behind a delimiter: as `washText`, but line breaks, with the blanks around
 * them, become one space. What it begins with no longer matters.
 */
export function washLine(text: string): string {
  return wash(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}

/**
 * A phrase on one side of a translation: as `washLine`, and no blank beside an equals sign, so that only the task's own
 * sign stands alone between the two sides.
 */
export function washPhrase(text: string): string {
  return washLine(text).replace(EQUALS_SIGN, '');
}

/**
 * A text in whose prompt there are no marks of ours, and which may begin its lines as it likes: well-formed, every line
 * break a newline, no other control character than the tab. Blanks stay where they are.
 */
export function cleanText(text: string): string {
  return wash(text);
}

function wash(text: string): string {
  return text.replace(LONE_SURROGATE, '\uFFFD').replace(LINE_BREAK, '\n').replace(CONTROL, '');
}
