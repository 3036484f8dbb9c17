import type { Tokens } from '../engine/engine.ts';
import { type Border, naturalBorders } from '../engine/natural-border.ts';

/** Parts of a text too long to be read at once, in reading order. */
export interface Parts {
  readonly parts: readonly string[];
  /** Of the text's characters, 0 to 1; 1 when the parts are the whole of it. */
  readonly share: number;
}

export interface PartLimits {
  /** Tokens of one part. */
  readonly tokens: number;
  readonly parts: number;
}

/** From one index to another. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Characters to look at for each token that a part may have; ordinary prose has four to five a token. */
const CHARACTERS_PER_TOKEN = 8;

/** A last part below this share of the others would be a few words out of nowhere. */
const SMALL_PART = 1 / 4;

/** How far from where it should begin a part may begin, in shares of its length, to begin with a paragraph or sentence. */
const NEAR = 1 / 8;

/**
 * Cuts a text into parts at the borders of paragraphs or sentences, each as long as the limit allows. Where there would
 * be too many of them, as many as allowed are spread evenly over the text, from its beginning to its end.
 *
 * No more of the text is tokenised at once than one part and its surroundings.
 */
export async function cutIntoParts(text: string, limits: PartLimits, tokens: Tokens): Promise<Parts> {
  const stretches: Stretch[] = [];
  let at = textFrom(text, 0);
  while (at < text.length && stretches.length < limits.parts) {
    const to = await endOfPart(text, at, limits.tokens, tokens);
    stretches.push({ from: at, to });
    at = textFrom(text, to);
  }
  if (at >= text.length) return { parts: evenEnd(text, stretches).map((part) => cut(text, part)), share: 1 };
  const spread = await spreadOver(text, stretches, limits.tokens, tokens);
  const read = spread.reduce((sum, { from, to }) => sum + to - from, 0);
  return { parts: spread.map((part) => cut(text, part)), share: read / text.length };
}

/** As many parts as were cut from the beginning, now at even distances. */
async function spreadOver(
  text: string,
  stretches: readonly Stretch[],
  limit: number,
  tokens: Tokens,
): Promise<readonly Stretch[]> {
  const length = stretches.reduce((sum, { from, to }) => sum + to - from, 0) / stretches.length;
  const distance = stretches.length > 1 ? (text.length - length) / (stretches.length - 1) : 0;
  const spread: Stretch[] = [];
  let free = 0;
  for (let i = 0; i < stretches.length; i += 1) {
    const wanted = Math.max(free, Math.floor(i * distance));
    const from = textFrom(text, i === 0 ? 0 : borderNear(text, wanted, length * NEAR));
    if (from >= text.length) break;
    free = await endOfPart(text, from, limit, tokens);
    spread.push({ from, to: free });
  }
  return spread;
}

/** Where the part that begins here ends; always behind its beginning. */
async function endOfPart(text: string, from: number, limit: number, tokens: Tokens): Promise<number> {
  for (let width = limit * CHARACTERS_PER_TOKEN; ; width *= 2) {
    const window = text.slice(from, from + width);
    const kept = await tokens.fit(window, limit, 'start');
    if (kept === '') return from + window.length;
    if (kept.length < window.length || from + width >= text.length) return from + kept.length;
  }
}

/** The last two parts made equal where the last one would be small. */
function evenEnd(text: string, stretches: readonly Stretch[]): readonly Stretch[] {
  const [before, last] = stretches.slice(-2);
  if (!before || !last || last.to - last.from >= (before.to - before.from) * SMALL_PART) return stretches;
  const length = last.to - before.from;
  const middle = borderNear(text, before.from + Math.floor(length / 2), length * NEAR);
  return [
    ...stretches.slice(0, -2),
    { from: before.from, to: middle },
    { from: textFrom(text, middle), to: last.to },
  ];
}

/** The best place to begin at this index or within some distance behind it. */
function borderNear(text: string, index: number, distance: number): number {
  const window = text.slice(index, index + Math.ceil(distance) + 1);
  const borders = naturalBorders(window, 1, window.length, 'behind');
  const best = (kind: Border['kind']) => borders.find((border) => border.kind === kind)?.at;
  const offset = best('paragraph') ?? best('sentence') ?? best('word') ?? 0;
  const at = index + offset;
  // Between the halves of a surrogate pair there is no place to begin.
  return /[\ud800-\udbff]/.test(text.charAt(at - 1)) ? at + 1 : at;
}

/** Where the next text begins that is not blank. */
function textFrom(text: string, index: number): number {
  const blank = /\s*/y;
  blank.lastIndex = index;
  return index + (blank.exec(text)?.[0].length ?? 0);
}

function cut(text: string, { from, to }: Stretch): string {
  return text.slice(from, to).trimEnd();
}
