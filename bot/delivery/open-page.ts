import {
  closesFence,
  type Fence,
  isLineEnd,
  type LineState,
  openFence,
  readCharacter,
} from './code-fence.ts';
import { characterAt, characterLength, type LengthMeasure, textLength } from './text-length.ts';

export interface PageLimits {
  /** The longest text that the platform accepts in one message; an integer, at least `SHORTEST_PAGE`. */
  readonly maxLength: number;
  /** What `maxLength` counts; `utf16` by default. */
  readonly measure?: LengthMeasure;
}

/** One message's share of a text. */
export interface Page {
  /** This page's part of the original text, to the letter; the sources joined are the text. */
  readonly source: string;
  /**
   * What is posted: `reopening`, the source without the blanks at its borders, `closing`. Empty only while the whole
   * text so far is blank: then there is nothing to post yet. Half a character at the end waits for its other half.
   */
  readonly text: string;
  /** The opening line of a code block that began on an earlier page, with its line end; else empty. */
  readonly reopening: string;
  /** What closes a code block that goes on behind this page; else empty. */
  readonly closing: string;
}

export const isBlank = (character: string): boolean => /\s/.test(character);

/** What repeating a fence may cost of a page; the other half is for the text itself. */
const REPAIR_SHARE = 1 / 2;

/** The widest indentation that a page begins with; what is wider says nothing more and would leave no room. */
const INDENT_SHARE = 1 / 4;

/** A page that takes the text character by character and knows at any time how long its message would be. */
export class OpenPage {
  readonly #maxLength: number;
  readonly #measure: LengthMeasure;
  readonly #reopening: string;
  readonly #reopeningLength: number;
  #line: LineState;
  #taken = 0;
  /** What is shown of the source: from here … */
  #shownFrom = 0;
  /** … to behind the last character that is not blank. */
  #shownTo = 0;
  /** Of all that was taken since `#shownFrom`. */
  #length = 0;
  /** Of what is shown; blanks at the end cost nothing until something follows them. */
  #shownLength = 0;

  /** @param line the state of the line in which the page begins. */
  constructor(limits: PageLimits, line: LineState) {
    this.#maxLength = limits.maxLength;
    this.#measure = limits.measure ?? 'utf16';
    this.#line = line;
    const { fence } = line;
    this.#reopening = fence && this.#repairable(fence) ? `${fence.opener}\n` : '';
    this.#reopeningLength = textLength(this.#reopening, this.#measure);
  }

  /** The state of the line in which the page ends so far. */
  get line(): LineState {
    return this.#line;
  }

  /** Code units taken so far. */
  get taken(): number {
    return this.#taken;
  }

  /** The length of the message, repairs included. */
  get length(): number {
    if (this.#shownTo === 0) return 0;
    // A closing repair is ASCII, which counts one a character in every measure.
    return this.#reopeningLength + this.#shownLength + this.#closing().length;
  }

  /** Takes the next character of `text`, which begins with all that was taken before. */
  take(text: string): void {
    const index = this.#taken;
    const character = characterAt(text, index);
    const before = this.#line;
    this.#taken += character.length;
    this.#line = readCharacter(before, character);
    // A blank that unmakes a closing fence (only spaces and tabs may follow one) has to stay, or the fence would close.
    const visible = !isBlank(character) || (closesFence(before) && this.#line.phase === 'text');
    if (visible && this.#shownTo === 0) this.#cutIndentation(text);
    this.#length += characterLength(character, this.#measure);
    if (visible) {
      this.#shownLength = this.#length;
      this.#shownTo = this.#taken;
    } else if (this.#shownTo === 0 && isLineEnd(character)) {
      this.#showFrom(this.#taken, 0);
    }
  }

  /** The page if it ends here. */
  page(source: string): Page {
    if (this.#shownTo === 0) return { source, text: '', reopening: '', closing: '' };
    const closing = this.#closing();
    const text = this.#reopening + source.slice(this.#shownFrom, this.#shownTo) + closing;
    return { source, text, reopening: this.#reopening, closing };
  }

  /** Indentation is blank, so each of its characters is one unit. */
  #cutIndentation(text: string): void {
    while (this.#length > this.#maxLength * INDENT_SHARE) {
      const width = characterLength(text.charAt(this.#shownFrom), this.#measure);
      this.#showFrom(this.#shownFrom + 1, this.#length - width);
    }
  }

  #showFrom(index: number, length: number): void {
    this.#shownFrom = index;
    this.#length = length;
  }

  #closing(): string {
    const fence = openFence(this.#line);
    if (!fence || !this.#repairable(fence)) return '';
    // A closing line that has only begun is completed instead of followed by a second one.
    const begun = this.#line.phase === 'marker' && this.#line.fence ? this.#line.length : 0;
    return (begun === 0 ? '\n' : '') + fence.character.repeat(fence.length - begun);
  }

  #repairable(fence: Fence): boolean {
    if (fence.opener === undefined) return false;
    const lineEnds = 2;
    const length = textLength(fence.opener, this.#measure) + fence.length + lineEnds;
    return length <= this.#maxLength * REPAIR_SHARE;
  }
}
