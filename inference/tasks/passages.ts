import { setImmediate } from 'node:timers/promises';
import { naturalBorders } from '../engine/natural-border.ts';

/** A group of sentences, by its offsets in the text. */
export interface Passage {
  readonly from: number;
  readonly to: number;
}

/**
 * Characters of a passage: three or four sentences, so that what a sentence's pronouns stand for is mostly with it, and
 * several passages from different places fit into a small context.
 */
const LENGTH = 400;
/** How much shorter a passage may be to end with a paragraph or a sentence. */
const LEEWAY = 200;

/** Usual values of BM25's free parameters (Robertson and Zaragoza 2009, section 3.4). */
const K1 = 1.2;
const B = 0.75;

/** So many passages are read before others get their turn: some milliseconds of work. */
const AT_A_TIME = 200;

/** Words of questions that say nothing of what they are about. */
const FUNCTION_WORDS = new Set(
  (
    'a about an and any are as at be been but by can could did do does for from had has have he her his how i if in ' +
    'is it its me my of on or our out she should so tell than that the their them there these they this those to up ' +
    'was we were what when where which who whom whose why will with would you your'
  ).split(' '),
);

interface Found {
  /** Which passage of the text. */
  readonly index: number;
  /** How often each of the question's words occurs in it. */
  readonly counts: Uint32Array;
  readonly words: number;
}

/**
 * The passages of a text, the closest to the question first, by BM25 over groups of sentences; behind those in which its
 * words occur come their neighbours, and then the others in reading order. None when its words occur nowhere.
 *
 * A search engine's index would be in the way: it pays when a text is asked often, and this one is read once. So the text
 * is passed once, and only the question's own words are counted.
 */
export async function closestPassages(text: string, question: string): Promise<readonly Passage[]> {
  const asked = new Map([...new Set(stems(question))].map((stem, i) => [stem, i]));
  if (asked.size === 0) return [];
  const passages: Passage[] = [];
  const found: Found[] = [];
  let words = 0;
  for (const passage of passagesOf(text)) {
    const counts = new Uint32Array(asked.size);
    const inPassage = stems(text.slice(passage.from, passage.to));
    for (const stem of inPassage) {
      const i = asked.get(stem);
      if (i !== undefined) counts[i] = (counts[i] ?? 0) + 1;
    }
    if (counts.some((count) => count > 0)) {
      found.push({ index: passages.length, counts, words: inPassage.length });
    }
    words += inPassage.length;
    passages.push(passage);
    if (passages.length % AT_A_TIME === 0) await setImmediate();
  }
  if (found.length === 0) return [];
  const order = new Set(byScore(found, passages.length, words / passages.length, asked.size));
  for (const index of [...order]) order.add(index + 1).add(index - 1);
  for (const index of passages.keys()) order.add(index);
  return [...order].flatMap((index) => passages[index] ?? []);
}

/** BM25: a word counts the more, the fewer passages it is in, and the less, the longer the passage is. */
function byScore(
  found: readonly Found[],
  passages: number,
  average: number,
  terms: number,
): readonly number[] {
  const idf = Array.from({ length: terms }, (_, i) => {
    const having = found.filter(({ counts }) => (counts[i] ?? 0) > 0).length;
    return Math.log(1 + (passages - having + 0.5) / (having + 0.5));
  });
  const scored = found.map(({ index, counts, words }) => {
    const weight = K1 * (1 - B + (B * words) / average);
    const score = idf.reduce((sum, rarity, i) => {
      const count = counts[i] ?? 0;
      return sum + (rarity * count * (K1 + 1)) / (count + weight);
    }, 0);
    return { index, score };
  });
  return scored.sort((a, b) => b.score - a.score).map(({ index }) => index);
}

/** Passages as one text in reading order; what is adjacent stays together. */
export function joinPassages(text: string, passages: readonly Passage[]): string {
  const stretches: { from: number; to: number }[] = [];
  for (const { from, to } of passages.toSorted((a, b) => a.from - b.from)) {
    const last = stretches.at(-1);
    if (last && text.slice(last.to, from).trim() === '') last.to = to;
    else stretches.push({ from, to });
  }
  return stretches.map(({ from, to }) => text.slice(from, to)).join('\n\n');
}

/** The whole text in groups of sentences; no two overlap, and only blanks are between them. */
function* passagesOf(text: string): Generator<Passage> {
  const blank = /\s*/y;
  const end = text.trimEnd().length;
  for (let from = 0; ; ) {
    blank.lastIndex = from;
    from += blank.exec(text)?.[0].length ?? 0;
    if (from >= end) return;
    const to = Math.min(endOfPassage(text, from), end);
    yield { from, to };
    from = to;
  }
}

function endOfPassage(text: string, from: number): number {
  if (text.length - from <= LENGTH) return text.length;
  const window = text.slice(from, from + LENGTH + 1);
  const borders = naturalBorders(window, LENGTH - LEEWAY, LENGTH, 'before').toReversed();
  const best =
    borders.find(({ kind }) => kind === 'paragraph') ??
    borders.find(({ kind }) => kind === 'sentence') ??
    borders[0];
  if (best) return from + best.at;
  // One long word: between two characters, so that every half finds its other half.
  const inside = /[\ud800-\udbff]/.test(text.charAt(from + LENGTH - 1));
  return from + LENGTH + (inside ? 1 : 0);
}

/**
 * The words of a text that mean something, without case, accents and the s of the plural (Harman's S stemmer, 1991): a
 * question about a meeting is about meetings.
 */
function stems(text: string): readonly string[] {
  const words =
    text
      .toLowerCase()
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => !FUNCTION_WORDS.has(word)).map(singular);
}

function singular(word: string): string {
  if (word.length < 4 || !word.endsWith('s')) return word;
  if (/[^ea]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/[^aeo]es$/.test(word) || /[^us]s$/.test(word)) return word.slice(0, -1);
  return word;
}
