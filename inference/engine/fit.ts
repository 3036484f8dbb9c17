import type { TokenId } from './engine.ts';
import { type Border, naturalBorders } from './natural-border.ts';

/** Which part of a text stays. */
export type Keep = 'start' | 'end';

/** What fitting needs of a tokenizer. */
export interface Measure {
  encode(text: string): TokenId[];
  bytes(id: TokenId): Uint8Array;
}

/** Enough for ordinary prose (four to five characters a token) at the first try; other text takes a second one. */
const CHARACTERS_PER_TOKEN = 6;
/** A tiny limit must not look at part of a word. */
const LEAST_WINDOW = 64;
/** A paragraph or sentence border is near when it costs at most this share of the text. */
const NEAR_SHARE = 1 / 8;
/** A word border is near within the length of a long word, however short the text. */
const NEAR_WORD = 32;

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Part of a text with its tokens: all of it, or more than the limit of them. */
interface Window {
  readonly text: string;
  readonly ids: readonly TokenId[];
}

/** Whether a text has at most `limit` tokens. */
export function fitsWithin(text: string, limit: number, measure: Measure): boolean {
  return windowOf(text, limit, 'start', measure).ids.length <= limit;
}

/**
 * The longest beginning or end of a text within `limit` tokens. It is cut at a paragraph's border if one is near, else
 * at a sentence's, else at a word's, and there the white space is dropped; where no border is near, between two
 * graphemes. The whole text, untouched, if it fits.
 *
 * Only a part of the text in proportion to the limit is ever encoded, and the result is counted, not estimated.
 */
export function fitText(text: string, limit: number, keep: Keep, measure: Measure): string {
  const window = windowOf(text, limit, keep, measure);
  if (window.ids.length <= limit) return window.text;
  if (limit < 1) return '';

  const furthest = furthestCut(window, Math.floor(limit), keep, measure);
  const graphemes = GRAPHEMES.segment(window.text);
  for (const { at } of nearBorders(window.text, furthest, keep)) {
    if (graphemes.containing(at)?.index !== at) continue;
    const kept = cut(window.text, at, keep);
    if (measure.encode(kept).length <= limit) return kept;
  }
  return cutBetweenGraphemes(window.text, furthest, limit, keep, measure);
}

/** Takes more and more of the text, from the side that stays, until it has more tokens than the limit. */
function windowOf(text: string, limit: number, keep: Keep, measure: Measure): Window {
  let size = Math.max(LEAST_WINDOW, Math.ceil(limit) * CHARACTERS_PER_TOKEN);
  while (size < text.length) {
    const part = cut(text, windowBorder(text, size, keep), keep);
    const ids = measure.encode(part);
    if (ids.length > limit) return { text: part, ids };
    size *= 2;
  }
  return { text, ids: measure.encode(text) };
}

/**
 * Where a window of about this size is cut: before white space, where the pre-tokenizer cuts too, so that the tokens
 * of the window are tokens of the text. In a long run without white space, between two characters.
 */
function windowBorder(text: string, size: number, keep: Keep): number {
  const at = keep === 'start' ? size : text.length - size;
  const inwards = keep === 'start' ? -1 : 1;
  for (let moved = 0; moved < size / 2; moved++) {
    const border = at + inwards * moved;
    if (isSpace(text, border) && !isSpace(text, border - 1)) return border;
  }
  const insideCharacter = (text.codePointAt(at - 1) ?? 0) > 0xffff;
  return insideCharacter ? at + inwards : at;
}

/** Where the text behind (or before) the limit's last token begins (or ends), rounded to whole characters inwards. */
function furthestCut({ text, ids }: Window, limit: number, keep: Keep, measure: Measure): number {
  const before = keep === 'start' ? ids.slice(0, limit) : ids.slice(0, -limit);
  const target = before.reduce((sum, id) => sum + measure.bytes(id).length, 0);
  let bytes = 0;
  let index = 0;
  while (index < text.length) {
    const codePoint = text.codePointAt(index) ?? 0;
    const width = utf8Length(codePoint);
    const past = keep === 'start' ? bytes + width > target : bytes >= target;
    if (past) break;
    bytes += width;
    index += codePoint > 0xffff ? 2 : 1;
  }
  return index;
}

/** The borders near the cut, the best first: by kind, and of a kind the one that keeps the most. */
function nearBorders(text: string, furthest: number, keep: Keep): readonly Border[] {
  const length = keep === 'start' ? furthest : text.length - furthest;
  const nearWord = Math.max(NEAR_WORD, length * NEAR_SHARE);
  const borders =
    keep === 'start'
      ? naturalBorders(text, Math.max(0, Math.floor(furthest - nearWord)), furthest, 'before').toReversed()
      : naturalBorders(text, furthest, Math.ceil(furthest + nearWord), 'behind');
  const near = borders.filter(({ at }) => Math.abs(at - furthest) <= length * NEAR_SHARE);
  return [
    ...near.filter(({ kind }) => kind === 'paragraph'),
    ...near.filter(({ kind }) => kind === 'sentence'),
    ...borders,
  ];
}

/** The last resort. Half a word can take more tokens than the whole one did, so it may have to give way further. */
function cutBetweenGraphemes(
  text: string,
  furthest: number,
  limit: number,
  keep: Keep,
  measure: Measure,
): string {
  const graphemes = GRAPHEMES.segment(text);
  let at = furthest;
  const here = graphemes.containing(at);
  if (here && here.index !== at) at = keep === 'start' ? here.index : here.index + here.segment.length;
  for (let step = 1; ; step *= 2) {
    const kept = cut(text, at, keep);
    if (measure.encode(kept).length <= limit) return kept;
    for (let i = 0; i < step; i++) {
      const next = graphemes.containing(keep === 'start' ? at - 1 : at);
      if (!next) return '';
      at = keep === 'start' ? next.index : next.index + next.segment.length;
    }
  }
}

function cut(text: string, at: number, keep: Keep): string {
  return keep === 'start' ? text.slice(0, at) : text.slice(at);
}

function isSpace(text: string, index: number): boolean {
  return /\s/u.test(text[index] ?? '');
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
