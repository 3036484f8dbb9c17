import { findBorder } from './borders.ts';
import { type LineState, START_OF_TEXT } from './code-fence.ts';
import { OpenPage, type Page, type PageLimits } from './open-page.ts';
import { endsInHalf } from './text-length.ts';

export type { Page, PageLimits } from './open-page.ts';
export type { LengthMeasure } from './text-length.ts';

/**
 * The smallest limit: room for a code block's fences with a short language name, its indentation, and a few characters
 * of any script. Real limits are far larger (Discord: 2,000).
 */
export const SHORTEST_PAGE = 32;

/** `maxLength` is no integer or below `SHORTEST_PAGE`. */
export class PageLimitError extends RangeError {
  readonly code = 'PAGE_LIMIT';

  constructor(maxLength: number) {
    super(
      `A page's limit is ${maxLength}, but it must be an integer of at least ${SHORTEST_PAGE}: less leaves no room for text between a code block's fences. Pass the platform's message length.`,
    );
    this.name = 'PageLimitError';
  }
}

/**
 * Splits a growing text into pages that a platform accepts as messages.
 *
 * The text is read one character at a time, and a page ends when it would overflow, at the best border within what was
 * read by then. So a finished page depends on nothing that comes later: it never changes once people have read it, and
 * the way in which the text arrived makes no difference. A growth step costs as much as the new text (and, where a page
 * ends, one reading of that page again).
 */
export class Pager {
  readonly #limits: PageLimits;
  readonly #finished: Page[] = [];
  /** The text behind the finished pages. */
  #source = '';
  #lineAtStart: LineState;
  #open: OpenPage;

  /**
   * @param line where the text begins, if it is the rest of another: in which line, and in which code block.
   * @throws PageLimitError
   */
  constructor(limits: PageLimits, line: LineState = START_OF_TEXT) {
    if (!Number.isSafeInteger(limits.maxLength) || limits.maxLength < SHORTEST_PAGE) {
      throw new PageLimitError(limits.maxLength);
    }
    this.#limits = limits;
    this.#lineAtStart = line;
    this.#open = this.#newPage();
  }

  append(more: string): void {
    this.#source += more;
    // Half a character waits: what it will be decides whether it belongs to the character before it.
    while (this.#open.taken < this.#source.length - (endsInHalf(this.#source) ? 1 : 0)) {
      this.#open.take(this.#source);
      if (this.#open.length > this.#limits.maxLength) this.#finishPage();
    }
  }

  /** Pages that will never change again. */
  get finished(): readonly Page[] {
    return this.#finished;
  }

  /** The last page, which still changes as the text grows; absent before the first character. */
  get growing(): Page | undefined {
    return this.#source === '' ? undefined : this.#open.page(this.#source);
  }

  /** The finished pages and the growing one. */
  get pages(): readonly Page[] {
    const growing = this.growing;
    return growing ? [...this.#finished, growing] : [...this.#finished];
  }

  #newPage(): OpenPage {
    return new OpenPage(this.#limits, this.#lineAtStart);
  }

  #finishPage(): void {
    const known = this.#source.slice(0, this.#open.taken);
    const border = findBorder(this.#newPage(), known, this.#limits.maxLength);
    const source = known.slice(0, border);
    const page = this.#newPage();
    while (page.taken < border) page.take(source);
    this.#finished.push(page.page(source));
    this.#source = this.#source.slice(border);
    this.#lineAtStart = page.line;
    this.#open = this.#newPage();
  }
}

/**
 * The pages of a text, at once. What `Pager` gives for the same text in any steps; with more text behind it, all pages
 * but the last stay as they are. An empty text has no page.
 *
 * @throws PageLimitError
 */
export function paginate(text: string, limits: PageLimits): readonly Page[] {
  const pager = new Pager(limits);
  pager.append(text);
  return pager.pages;
}
