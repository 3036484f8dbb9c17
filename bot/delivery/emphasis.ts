/** Marks of one kind in a row, with the characters beside them; empty at the text's borders. */
export interface DelimiterRun {
  readonly run: string;
  readonly before: string;
  readonly after: string;
}

interface Open {
  readonly mark: string;
  count: number;
}

/** Longer runs mean nothing that anybody wants, and would be repeated at the end. */
const LONGEST_RUN = 3;

/**
 * Which emphasis is open at the end of a paragraph (CommonMark 0.31, section 6.2; text struck out as GitHub has it, with
 * two tildes), without the rule of three for marks that may both open and close.
 */
export class Emphasis {
  #open: Open[] = [];

  read(delimiter: DelimiterRun): void {
    const mark = delimiter.run.charAt(0);
    if (mark === '~' && delimiter.run.length !== 2) return;
    const { opens, closes } = roles(delimiter);
    const left = closes ? this.#close(mark, delimiter.run.length) : delimiter.run.length;
    // Nothing is struck out twice.
    const again = mark === '~' && this.#open.some((open) => open.mark === mark);
    if (opens && !again && left > 0 && left <= LONGEST_RUN) this.#open.push({ mark, count: left });
  }

  /** What closes all that is open, the innermost first. */
  get closing(): string {
    return this.#open
      .toReversed()
      .map(({ mark, count }) => mark.repeat(count))
      .join('');
  }

  /** Closes what is open with that mark, and drops what was opened within and never closed; gives the marks left over. */
  #close(mark: string, count: number): number {
    let left = count;
    while (left > 0) {
      const at = this.#open.findLastIndex((open) => open.mark === mark);
      const open = this.#open[at];
      if (!open) break;
      const used = Math.min(open.count, left);
      left -= used;
      open.count -= used;
      this.#open = this.#open.slice(0, open.count > 0 ? at + 1 : at);
    }
    return left;
  }
}

/** By what stands beside it: emphasis hugs its words, and underscores within a word are part of it. */
function roles({ run, before, after }: DelimiterRun): { readonly opens: boolean; readonly closes: boolean } {
  const leftFlanking = !isSpace(after) && (!isPunctuation(after) || isSpace(before) || isPunctuation(before));
  const rightFlanking =
    !isSpace(before) && (!isPunctuation(before) || isSpace(after) || isPunctuation(after));
  if (!run.startsWith('_')) return { opens: leftFlanking, closes: rightFlanking };
  return {
    opens: leftFlanking && (!rightFlanking || isPunctuation(before)),
    closes: rightFlanking && (!leftFlanking || isPunctuation(after)),
  };
}

/** A border of the text counts as a space. */
const isSpace = (character: string): boolean => character === '' || /\s/u.test(character);
const isPunctuation = (character: string): boolean => /[\p{P}\p{S}]/u.test(character);
