import {
  closesFence,
  type Fence,
  isFenceCharacter,
  isLineEnd,
  opensFence,
  SHORTEST_FENCE,
} from './code-fence.ts';
import { isBlank, type OpenPage } from './open-page.ts';
import { characterAt } from './text-length.ts';

/**
 * Places where a page may end, the most natural first, each with the share of the page that must be full for it to be
 * near enough: readers prefer a whole paragraph to a full page, but not a nearly empty one. `anywhere` is between two
 * characters; `awkward` leaves an empty code block on one of the pages.
 */
const NEAR_ENOUGH = [
  ['paragraph', 1 / 2],
  ['line', 1 / 2],
  ['sentence', 1 / 2],
  ['word', 1 / 4],
  ['anywhere', 0],
  ['awkward', 0],
] as const;

type Kind = (typeof NEAR_ENOUGH)[number][0];

interface Border {
  /** The next page begins here. */
  readonly at: number;
  kind: Kind;
  /** The length of the page's message if it ends here. */
  readonly length: number;
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * Where a page that overflowed ends: between its first and its last character.
 *
 * @param page the page before it took anything.
 * @param text the page's text up to the character that was too much, and nothing behind it: whatever follows, the border
 * stays the same.
 */
export function findBorder(page: OpenPage, text: string, maxLength: number): number {
  const borders = bordersOf(page, text);
  const segments = graphemes.segment(text);
  const isWhole = (at: number): boolean => segments.containing(at)?.index === at;
  const kinds: Kind[] = [];
  for (const [kind, share] of NEAR_ENOUGH) {
    kinds.push(kind);
    const near = (border: Border): boolean =>
      kinds.includes(border.kind) && border.length >= share * maxLength && isWhole(border.at);
    const border = borders.findLast(near);
    if (border) return border.at;
  }
  return forcedBorder(text, isWhole);
}

/** What makes no sense at the beginning of a page: marks and joiners. */
const COMBINING = /[\p{M}\p{Emoji_Modifier}\u200C\u200D]/uy;

/** One grapheme cluster or one fence fills the page: cut it, but never a character, and leave no page blank. */
function forcedBorder(text: string, isWhole: (at: number) => boolean): number {
  const isBase = (at: number): boolean => {
    COMBINING.lastIndex = at;
    return !COMBINING.test(text);
  };
  const visible: number[] = [];
  for (let at = 0; at < text.length; at += characterAt(text, at).length) {
    if (!isBlank(text.charAt(at))) visible.push(at);
  }
  const starts = visible.slice(1);
  for (const isGood of [isWhole, isBase]) {
    const border = starts.findLast(isGood);
    if (border !== undefined) return border;
  }
  return starts.at(-1) ?? text.length;
}

/**
 * All places where a reader is not misled. A border stands before a visible character, or before the indentation of its
 * line: blanks stay behind, on the page that they end.
 */
function bordersOf(page: OpenPage, text: string): Border[] {
  const borders: Border[] = [];
  let seenVisible = false;
  let lineStart = 0;
  let lineEnds = 0;
  /** The border before the line that is being read, until it is known what that line is. */
  let ofLine: Border | undefined;
  /** What the border behind the last line is, if that line was a fence. */
  let behindFence: Kind | undefined;

  const readLine = (mayGrow: boolean): void => {
    const opens = opensFence(page.line);
    const begun = mayGrow && page.line.phase === 'marker' && page.line.fence !== undefined;
    const closes = begun || closesFence(page.line);
    if (ofLine && opens && ofLine.kind !== 'awkward') ofLine.kind = 'paragraph';
    if (ofLine && closes) ofLine.kind = 'awkward';
    if (opens) behindFence = 'awkward';
    else behindFence = closes ? 'paragraph' : undefined;
    ofLine = undefined;
  };

  while (page.taken < text.length) {
    const index = page.taken;
    const character = text.charAt(index);
    if (isLineEnd(character)) {
      if (lineEnds === 0) readLine(false);
      if (character === '\r' || text.charAt(index - 1) !== '\r') lineEnds++;
      lineStart = index + 1;
    } else if (!isBlank(character)) {
      if (seenVisible && lineEnds > 0) {
        const kind = behindFence ?? (lineEnds > 1 ? 'paragraph' : 'line');
        ofLine = { at: lineStart, kind, length: page.length };
        borders.push(ofLine);
      } else if (seenVisible && mayBeginPage(page, text, index)) {
        borders.push({ at: index, kind: kindWithinLine(page, text, index), length: page.length });
      }
      seenVisible = true;
      lineEnds = 0;
    }
    page.take(text);
  }
  readLine(true);
  return borders;
}

/** Within a line: neither half may turn into a fence, or stop being one, when it stands alone on its page. */
function mayBeginPage(page: OpenPage, text: string, at: number): boolean {
  return page.line.phase === 'text' && !looksLikeFence(text, at, page.line.fence);
}

function looksLikeFence(text: string, at: number, fence: Fence | undefined): boolean {
  const character = text.charAt(at);
  if (!isFenceCharacter(character) || (fence && fence.character !== character)) return false;
  const enough = fence?.length ?? SHORTEST_FENCE;
  let run = 1;
  while (run < enough && text.charAt(at + run) === character) run++;
  // A run that reaches the end of what is known may still grow.
  return run === enough || at + run === text.length;
}

/** Where lines may be broken, the spaces that forbid it left out. */
const BREAKING_SPACE = /[^\S\u00A0\u2007\u202F\uFEFF]|\u200B/;
const SENTENCE_END = /[.!?…]["'”’»)\]*_]*\s+$/;
const IDEOGRAPHIC_SENTENCE_END = /[。！？｡][」』”’）]*\s*$/;
/** A bullet, number, heading or quote mark alone at the end of a page would have lost what it belongs to. */
const BLOCK_MARKER = /(?:^|[\n\r])[ \t]*(?:[-*+>]|#{1,6}|\d{1,9}[.)])[ \t]+$/;
/** Longer than any of the endings above in ordinary text. */
const LOOK_BACK = 24;

function kindWithinLine(page: OpenPage, text: string, at: number): Kind {
  const before = text.slice(Math.max(0, at - LOOK_BACK), at);
  const prose = page.line.fence === undefined;
  if (prose && IDEOGRAPHIC_SENTENCE_END.test(before)) return 'sentence';
  if (!BREAKING_SPACE.test(text.charAt(at - 1)) || BLOCK_MARKER.test(before)) return 'anywhere';
  // "e.g. this" goes on in lower case.
  const begins = !/\p{Ll}/u.test(characterAt(text, at));
  return prose && begins && SENTENCE_END.test(before) ? 'sentence' : 'word';
}
