/**
 * Where sentences end, decided once and for all while the text is still growing. `Intl.Segmenter` was tried and does
 * not serve here: it ends sentences after "Mr.", "J." and "Fig.", at every newline, and in "1. First", and what it said
 * of a beginning may change when more text comes.
 */

/** A run of closing marks with the quotes and brackets that belong to it, or a blank line. */
const CANDIDATE = /([.!?…]+)["'”’»)\]*_]*|\n[^\S\n]*\n/g;

const ELLIPSIS = /^(?:\.{2,}|[.…]*…[.…]*)$/;

/** A name or another word nearly always follows these. */
const ABBREVIATIONS = new Set(
  'Mr Mrs Ms Mx Messrs Dr Prof Ph.D St Mt Gen Col Capt Sgt Lt Gov Sen Rep Rev Hon vs approx Approx cf Cf ca viz al resp'.split(
    ' ',
  ),
);

/** A number follows these where they are abbreviations: "No. 5" is one, "No. Never." is not. */
const NUMBERED = new Set(
  'No no Nos nos Fig fig Figs figs Eq eq Sec sec Ch ch Vol vol Art art p pp Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec'.split(
    ' ',
  ),
);

/** "e.g", "U.S", "p.m": letters with dots between. */
const DOTTED = /^(?:\p{L}\.)+\p{L}$/u;
/** "J" of "J. K. Rowling"; "I" ends more sentences than it begins names. */
const INITIAL = /^(?!I)\p{Lu}$/u;
const LIST_MARK = /^(?:\d{1,3}|\p{L})$/u;
const OPENING = /^["'“‘«([*_]+/;

/**
 * The offset just behind the first sentence to end, or undefined while none is certain: more text may turn a full stop
 * into a number's point, an ellipsis or an abbreviation.
 *
 * @param from where a sentence begins.
 * @param whole no more text follows.
 */
export function sentenceEnd(text: string, from: number, whole: boolean): number | undefined {
  CANDIDATE.lastIndex = from;
  for (let match = CANDIDATE.exec(text); match; match = CANDIDATE.exec(text)) {
    const [found, mark] = match;
    if (mark === undefined) {
      const end = text.slice(from, match.index).trimEnd().length;
      if (end > 0) return from + end;
      CANDIDATE.lastIndex = match.index + found.length - 1;
      continue;
    }
    const behind = match.index + found.length;
    const next = whatFollows(text, behind);
    if (next === undefined && !whole) return undefined;
    if (next !== INSIDE && closes(text, from, match.index, mark, found, next ?? '')) return behind;
  }
  return undefined;
}

const INSIDE = Symbol('no blank follows');

/** The first character behind the blanks, a newline if the blanks hold one; undefined while not known. */
function whatFollows(text: string, behind: number): string | typeof INSIDE | undefined {
  const blanks = /\s*/y;
  blanks.lastIndex = behind;
  const between = blanks.exec(text)?.[0] ?? '';
  if (between.includes('\n')) return '\n';
  const at = behind + between.length;
  if (at === text.length) return undefined;
  if (between === '') return INSIDE;
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  // Half of a surrogate pair, the other half still to come.
  return at + 1 === text.length && /\p{Cs}/u.test(character) ? undefined : character;
}

function closes(text: string, from: number, at: number, mark: string, found: string, next: string): boolean {
  if (ELLIPSIS.test(mark)) return false;
  const goesOn = /^\p{Ll}/u.test(next);
  // "Really?" he said. But: Really? i think so.
  if (mark !== '.') return !(goesOn && found.length > mark.length);
  if (goesOn) return false;
  let start = at;
  while (start > from && !/\s/.test(text.charAt(start - 1))) start -= 1;
  const word = text.slice(start, at).replace(OPENING, '');
  if (DOTTED.test(word) || INITIAL.test(word) || ABBREVIATIONS.has(word)) return false;
  if (NUMBERED.has(word) && /^\p{Nd}/u.test(next)) return false;
  const line = text.slice(Math.max(from, text.lastIndexOf('\n', start - 1) + 1), start);
  return !(LIST_MARK.test(word) && line.trim() === '');
}
