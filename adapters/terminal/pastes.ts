/** A paste that is longer than a line of a terminal would hide what else was typed. */
const LONGEST_SHOWN = 200;

/** So many pastes can still be recalled with the line's history. */
const KEPT = 50;

/** A pasted text stands in the line as a label, so that the line stays a line; what is meant is put in its place later. */
export class Pastes {
  readonly #texts = new Map<string, string>();

  /** What the line editor gets: the text itself if it is one short line, else a label. */
  fold(pasted: string): string {
    const text = pasted.replace(/\r\n?/gu, '\n');
    const single = text.trim();
    if (!single.includes('\n') && single.length <= LONGEST_SHOWN) {
      // A tab would be taken for the key, and so would any other control character.
      return text.replace(/\n/gu, '').replace(/\p{Cc}/gu, ' ');
    }
    return this.#label(text.replace(/\n+$/u, ''));
  }

  /** The line with every label's text in its place. */
  expand(line: string): string {
    return line.replace(/\[pasted [^\]]*\]/gu, (label) => this.#texts.get(label) ?? label);
  }

  #label(text: string): string {
    const lines = text.split('\n').length;
    const size = lines > 1 ? `${lines} lines` : `${text.length} characters`;
    let label = `[pasted ${size}]`;
    for (let again = 2; this.#texts.has(label) && this.#texts.get(label) !== text; again++) {
      label = `[pasted ${size}, ${again}]`;
    }
    this.#texts.set(label, text);
    if (this.#texts.size > KEPT) {
      for (const oldest of this.#texts.keys()) {
        this.#texts.delete(oldest);
        break;
      }
    }
    return label;
  }
}
