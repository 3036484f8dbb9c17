import { closesFence, isLineEnd, openFence, readCharacter, START_OF_TEXT } from './code-fence.ts';
import { Emphasis } from './emphasis.ts';

/**
 * A text as it is shown while it still grows: emphasis, inline code and links that are open at its end are closed, so
 * that a reader does not see their marks come and go. It begins as the text does, but for a link without the end of its
 * address, which appears as the link's text. Code blocks that are open are none of its business.
 */
export function closeMarkdown(text: string): string {
  const from = lastParagraph(text);
  return from === undefined ? text : text.slice(0, from) + closeParagraph(text.slice(from));
}

/** What is open ends with its paragraph (CommonMark 0.31, chapter 6); undefined: the text ends within a code block. */
function lastParagraph(text: string): number | undefined {
  let from = 0;
  let line = 0;
  let state = START_OF_TEXT;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (isLineEnd(character)) {
      if (closesFence(state) || text.slice(line, index).trim() === '') from = index + 1;
      line = index + 1;
    }
    state = readCharacter(state, character);
  }
  if (openFence(state)) return undefined;
  return closesFence(state) ? text.length : from;
}

/** What can open or close something; escapes and addresses are read so that nothing in them does. */
const TOKEN = /\\[\p{P}\p{S}]|`+|\*+|_+|~+|[[\]]|https?:\/\/[^\s)\]*~`]+/gu;

/** Code goes first, then links, then emphasis, as CommonMark ranks them. */
function closeParagraph(text: string): string {
  const emphasis = new Emphasis();
  const brackets: number[] = [];
  let readUpTo = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (index < readUpTo) continue;
    const next = index + token.length;
    readUpTo = next;
    switch (token.charAt(0)) {
      case '`': {
        const end = endOfCode(text, next, token);
        if (end === undefined) return closed(text, next, missing(text, token) + emphasis.closing);
        readUpTo = end;
        break;
      }
      case '[':
        brackets.push(index);
        break;
      case ']': {
        const bracket = brackets.pop();
        if (bracket === undefined || text.charAt(next) !== '(') break;
        const end = text.indexOf(')', next);
        if (end < 0) return closeParagraph(linkText(text, bracket, index));
        readUpTo = end + 1;
        break;
      }
      case '*':
      case '_':
      case '~':
        emphasis.read({ run: token, before: text.charAt(index - 1), after: text.charAt(next) });
    }
  }
  return closed(text, 0, emphasis.closing);
}

/** A mark with nothing behind it opens nothing yet. */
function closed(text: string, from: number, closing: string): string {
  return closing === '' || text.slice(from).trim() === '' ? text : text.trimEnd() + closing;
}

/** Backticks that have begun to close a code span are completed. */
function missing(text: string, opening: string): string {
  const begun = text.trimEnd().length - text.trimEnd().replace(/`+$/u, '').length;
  return opening.slice(begun);
}

/** Behind the backticks that close a code span, which are exactly as many as opened it. */
function endOfCode(text: string, from: number, opening: string): number | undefined {
  for (const { 0: run, index } of text.slice(from).matchAll(/`+/gu)) {
    if (run === opening) return from + index + run.length;
  }
  return undefined;
}

/** A link, or a picture, of which there is no more than its text. */
function linkText(text: string, open: number, close: number): string {
  return text.slice(0, open).replace(/!$/u, '') + text.slice(open + 1, close);
}
