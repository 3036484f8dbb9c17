/** Words of these signs alone take a column a sign, whatever the terminal. */
const ONE_COLUMN_EACH = /^[\x21-\x7e\u00a1-\u02ff\u0370-\u058f\u2010-\u2027\u2030-\u205e]+$/u;

/** Left by so many columns, and clear from there to the end of the line (ECMA-48, `CUB` and `EL`). */
const takeBack = (columns: number) => `\x1b[${columns}D\x1b[K`;

/**
 * Breaks a growing text between its words, where a terminal would break it anywhere. A word that turns out not to fit is
 * taken back and written into the next line. Where it is not certain how many columns something takes, the rest of that
 * line is left to the terminal.
 */
export class WordWrap {
  readonly #columns: () => number;
  /** Of the cursor; undefined while it is not certain. */
  #column: number | undefined = 0;
  #indent = '';
  /** Blanks not written yet: at the end of a line there are none. */
  #blanks = '';
  /** What is written of the word that grows. */
  #word = '';

  constructor(columns: () => number) {
    this.#columns = columns;
  }

  /** What to write for the next piece of the text. */
  add(text: string): string {
    return (text.match(/\n| +|[^\S\n ]+|\S+/gu) ?? []).map((part) => this.#part(part)).join('');
  }

  /** The cursor is in the first column of a new line. */
  startLine(): void {
    this.#newLine();
    this.#indent = '';
  }

  /** Nobody knows where the cursor is: the terminal has another width. */
  lose(): void {
    this.#column = undefined;
  }

  #part(part: string): string {
    if (part === '\n') {
      this.startLine();
      return part;
    }
    if (part.startsWith(' ')) {
      if (this.#column === 0 && this.#blanks === '') this.#indent = part;
      this.#blanks += part;
      this.#word = '';
      return '';
    }
    const blanks = this.#blanks;
    this.#blanks = '';
    if (this.#column === undefined || !ONE_COLUMN_EACH.test(part)) {
      this.lose();
      return `${blanks}${part}`;
    }
    return this.#word === '' ? this.#begin(blanks, part) : this.#goOn(part);
  }

  #begin(blanks: string, part: string): string {
    const fits = this.#fits(blanks.length + part.length);
    // A new line would not help a word that begins one.
    if (fits || blanks === '' || this.#column === 0) return this.#write(`${blanks}${part}`, part);
    return this.#break(part);
  }

  #goOn(part: string): string {
    const word = `${this.#word}${part}`;
    if (this.#fits(part.length) || this.#word.length >= (this.#column ?? 0) - this.#indent.length) {
      return this.#write(part, word);
    }
    return `${takeBack(this.#word.length)}${this.#break(word)}`;
  }

  #break(word: string): string {
    const indent = this.#indent;
    this.#newLine();
    return `\n${this.#write(`${indent}${word}`, word)}`;
  }

  #write(text: string, word: string): string {
    this.#word = word;
    // Behind the last column it depends on the terminal where the cursor is.
    this.#column = this.#fits(text.length) ? (this.#column ?? 0) + text.length : undefined;
    return text;
  }

  #fits(length: number): boolean {
    return this.#column !== undefined && this.#column + length < this.#columns();
  }

  #newLine(): void {
    this.#column = 0;
    this.#blanks = '';
    this.#word = '';
  }
}
