/** A place where a text may be cut; whoever cuts there leaves out the white space beside it. */
export interface Border {
  /** Index in UTF-16 units: right behind a word (keeping the start) or right before one (keeping the end). */
  readonly at: number;
  readonly kind: 'paragraph' | 'sentence' | 'word';
}

/** A sentence ends with these, and closing quotes or brackets may follow. */
const SENTENCE_END = /[.!?…]["'”’»)\]]*$/u;
/** More closing marks than anybody writes: where the search for the end of a sentence stops. */
const SENTENCE_END_LENGTH = 8;

/**
 * The borders of words from index `from` up to `to`, in order: every run of white space with text on its kept side. A
 * line's end counts as a sentence's: the lines of a list or a chat are sentences without a full stop.
 *
 * @param side Which end of the white space the borders mark: `before` it or `behind` it.
 */
export function naturalBorders(
  text: string,
  from: number,
  to: number,
  side: 'before' | 'behind',
): readonly Border[] {
  const borders: Border[] = [];
  // Each run is tried from its beginning only, so that a long one is not read again from every place in it.
  const gaps = /(?<!\s)\s+/gu;
  gaps.lastIndex = side === 'before' ? from : startOfGap(text, from);
  for (let gap = gaps.exec(text); gap; gap = gaps.exec(text)) {
    const at = side === 'before' ? gap.index : gap.index + gap[0].length;
    if (at > to) break;
    if (at >= from && at > 0 && at < text.length) borders.push({ at, kind: kindOf(text, gap.index, gap[0]) });
  }
  return borders;
}

/** The gap that ends at this index begins before it. */
function startOfGap(text: string, index: number): number {
  let start = index;
  while (start > 0 && /\s/u.test(text[start - 1])) start--;
  return start;
}

function kindOf(text: string, start: number, gap: string): Border['kind'] {
  const lineBreaks = gap.match(/\r\n|\r|\n/g)?.length ?? 0;
  if (lineBreaks >= 2) return 'paragraph';
  const before = text.slice(Math.max(0, start - SENTENCE_END_LENGTH), start);
  return lineBreaks === 1 || SENTENCE_END.test(before) ? 'sentence' : 'word';
}
