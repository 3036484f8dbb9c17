import { type LineState, readText } from './code-fence.ts';
import { isBlank, OpenPage, type Page, type PageLimits } from './open-page.ts';
import { Pager } from './pages.ts';

/** A page, and which part of the text it is. */
export interface ReplyPage {
  readonly page: Page;
  readonly from: number;
  readonly to: number;
  /** It ends where it does because its message took no more, not because it is full: nothing may be added to it. */
  readonly cut: boolean;
}

/**
 * The pages of a growing text, of which one may be made to end early: where a message can be edited no more, or took
 * less than its platform had promised, the text goes on in the next.
 */
export class ReplyPages {
  #limits: PageLimits;
  #text = '';
  /** Pages that end where they do for good, whatever a pager would say. */
  #settled: readonly ReplyPage[] = [];
  /** The rest of the text, from `#base` on. */
  #pager: Pager;
  #base = 0;

  constructor(limits: PageLimits) {
    this.#limits = limits;
    this.#pager = new Pager(limits);
  }

  get text(): string {
    return this.#text;
  }

  get limits(): PageLimits {
    return this.#limits;
  }

  append(more: string): void {
    this.#text += more;
    this.#pager.append(more);
  }

  /** Without those that show nothing yet. */
  get pages(): readonly ReplyPage[] {
    const pages = [...this.#settled];
    let from = this.#base;
    for (const page of this.#pager.pages) {
      const to = from + page.source.length;
      if (page.text !== '') pages.push({ page, from, to, cut: false });
      from = to;
    }
    return pages;
  }

  /**
   * Lets a page end at a place within it, and the text go on in the next.
   *
   * @param keepLines rather before the line of a code block's fence than within it.
   * @returns false when it was cut before, and stays so.
   */
  cut(index: number, at: number, keepLines: boolean): boolean {
    if (this.#settled[index]?.cut) return false;
    const { from, before } = this.#upTo(index);
    const to = keepLines ? beforeTornFence(this.#text, from, at) : at;
    const line = readText(this.#text.slice(0, from));
    const end = behindBlanks(this.#text, to);
    const source = this.#text.slice(from, end);
    const page = pageOf(source, this.#limits, line);
    this.#settled = [...before, { page, from, to: end, cut: true }];
    this.#goOn(end);
    return true;
  }

  /** Splits the text again from a page on, with another limit. */
  split(index: number, maxLength: number): void {
    const { from, before } = this.#upTo(index);
    this.#settled = before;
    this.#limits = { ...this.#limits, maxLength };
    this.#goOn(from);
  }

  #upTo(index: number): { readonly from: number; readonly before: readonly ReplyPage[] } {
    const before = this.pages.slice(0, index);
    return { from: before.at(-1)?.to ?? 0, before };
  }

  #goOn(from: number): void {
    this.#base = from;
    this.#pager = new Pager(this.#limits, readText(this.#text.slice(0, from)));
    this.#pager.append(this.#text.slice(from));
  }
}

function pageOf(source: string, limits: PageLimits, line: LineState): Page {
  const page = new OpenPage(limits, line);
  while (page.taken < source.length) page.take(source);
  return page.page(source);
}

/** Blanks at a page's end are not seen; a code block that begins before a line end is known behind it. */
function behindBlanks(text: string, to: number): number {
  let end = to;
  while (end < text.length && isBlank(text.charAt(end))) end += 1;
  return end;
}

/** Before the line, if a line that opens or closes a code block would be torn apart; unless the page is nothing else. */
function beforeTornFence(text: string, from: number, to: number): number {
  const { phase } = readText(text.slice(0, to));
  if (phase !== 'marker' && phase !== 'info') return to;
  const start = Math.max(text.lastIndexOf('\n', to - 1), text.lastIndexOf('\r', to - 1)) + 1;
  return start > from ? start : to;
}
