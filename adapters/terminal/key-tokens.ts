/** What came from the keyboard: keys (a line end or Tab only at their end), a pasted text, Ctrl-C, or Ctrl-Z. */
export type KeyToken =
  | { readonly kind: 'keys'; readonly text: string }
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'suspend' };

/** Bracketed paste (xterm, `CSI ? 2004 h`): a terminal puts these around what is pasted. */
const PASTE_START = '\x1b[200~';
const PASTE_END = '\x1b[201~';
const SIGNALS = { '\x03': 'interrupt', '\x1a': 'suspend' } as const;

/** More printable signs at once than anybody types: a paste by a terminal that does not say so. */
const MOST_TYPED = 512;

/** Such a paste comes in pieces, which are gathered up to this size: each further piece has them all looked at again. */
const MOST_GATHERED = 256 * 1024;

/** A paste is held in memory until its end arrives, which may be never. */
const LONGEST_PASTE = 16 * 1024 * 1024;

/** Cuts what a terminal sends into keys and pastes; a mark may come in two pieces. */
export class KeyTokenizer {
  #pending = '';
  #paste: string[] | undefined;
  #pasted = 0;

  feed(text: string): readonly KeyToken[] {
    this.#pending += text;
    const tokens: KeyToken[] = [];
    while (this.#pending !== '') {
      const token = this.#paste === undefined ? this.#nextKeys() : this.#nextPaste(this.#paste);
      if (token === undefined) break;
      if (token !== 'again') tokens.push(token);
    }
    return tokens;
  }

  /** There may be more to what came last: the rest of a mark, of a long text, or nothing behind Escape alone. */
  get undecided(): boolean {
    return this.#paste === undefined && this.#pending !== '';
  }

  /** Nothing followed: what was undecided is all there is. */
  settle(): readonly KeyToken[] {
    if (!this.undecided) return [];
    const text = this.#pending;
    this.#pending = '';
    return [{ kind: isLong(text) ? 'paste' : 'keys', text }];
  }

  #nextKeys(): KeyToken | 'again' | undefined {
    const text = this.#pending;
    if (text.startsWith(PASTE_START)) {
      this.#pending = text.slice(PASTE_START.length);
      this.#paste = [];
      this.#pasted = 0;
      return 'again';
    }
    const signal = signalOf(text[0]);
    if (signal) {
      this.#pending = text.slice(1);
      return { kind: signal };
    }
    if (PASTE_START.startsWith(text)) return undefined;
    const end = endOfKeys(text);
    const keys = text.slice(0, end);
    const line = keys.replace(/[\r\n\t]+$/u, '');
    const long = isLong(line);
    if (long && line === text && text.length < MOST_GATHERED) return undefined;
    const token = long ? line : keys;
    this.#pending = text.slice(token.length);
    return { kind: long ? 'paste' : 'keys', text: token };
  }

  #nextPaste(parts: string[]): KeyToken | undefined {
    const text = this.#pending;
    const end = text.indexOf(PASTE_END);
    const kept = end === -1 ? text.length - unfinishedMark(text) : end;
    if (this.#pasted < LONGEST_PASTE) parts.push(text.slice(0, kept));
    this.#pasted += kept;
    this.#pending = text.slice(end === -1 ? kept : end + PASTE_END.length);
    if (end === -1) return undefined;
    this.#paste = undefined;
    return { kind: 'paste', text: parts.join('') };
  }
}

/** What a key asks of the program, however much it is busy. */
function signalOf(sign: string | undefined): 'interrupt' | 'suspend' | undefined {
  return sign === '\x03' || sign === '\x1a' ? SIGNALS[sign] : undefined;
}

function isLong(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: only printable signs count as pasted
  return text.length > MOST_TYPED && !/[\x00-\x1f\x7f]/u.test(text);
}

/** Up to the first line end or Tab, that included, or to where a mark begins or may begin. */
function endOfKeys(text: string): number {
  for (let index = 0; index < text.length; index++) {
    const sign = text[index];
    if (sign === '\n' || sign === '\t' || (sign === '\r' && text[index + 1] !== '\n')) return index + 1;
    if (index === 0) continue;
    if (signalOf(sign)) return index;
    if (
      sign === '\x1b' &&
      (text.startsWith(PASTE_START, index) || PASTE_START.startsWith(text.slice(index)))
    ) {
      return index;
    }
  }
  return text.length;
}

/** How many signs at the end may be the beginning of the mark that ends a paste. */
function unfinishedMark(text: string): number {
  for (let length = Math.min(PASTE_END.length - 1, text.length); length > 0; length--) {
    if (PASTE_END.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
