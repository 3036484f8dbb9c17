/**
 * What a platform counts against its limit: UTF-16 code units (Discord, and what `length` counts in JavaScript), code
 * points, bytes of UTF-8, or `entities`: UTF-16 where `&`, `<` and `>` go over the wire as `&amp;`, `&lt;` and `&gt;`
 * (Slack). A lone surrogate counts as the replacement character it becomes on the wire.
 */
export type LengthMeasure = 'utf16' | 'codePoints' | 'utf8' | 'entities';

const isHighSurrogate = (unit: string): boolean => unit >= '\uD800' && unit <= '\uDBFF';
const isLowSurrogate = (unit: string): boolean => unit >= '\uDC00' && unit <= '\uDFFF';

/** The code point at `index`, one or two units long; a surrogate without its other half stands for itself. */
export function characterAt(text: string, index: number): string {
  const unit = text.charAt(index);
  return isHighSurrogate(unit) && isLowSurrogate(text.charAt(index + 1))
    ? text.slice(index, index + 2)
    : unit;
}

/** The last unit is half a character, whose other half may still come. */
export const endsInHalf = (text: string): boolean => isHighSurrogate(text.charAt(text.length - 1));

export function characterLength(character: string, measure: LengthMeasure): number {
  if (measure === 'utf16') return character.length;
  if (measure === 'codePoints') return 1;
  if (measure === 'entities') return entityLength(character);
  if (character.length === 2) return 4;
  const code = character.charCodeAt(0);
  if (code < 0x80) return 1;
  return code < 0x800 ? 2 : 3;
}

function entityLength(character: string): number {
  switch (character) {
    case '&':
      return '&amp;'.length;
    case '<':
    case '>':
      return '&lt;'.length;
    default:
      return character.length;
  }
}

export function textLength(text: string, measure: LengthMeasure): number {
  let length = 0;
  for (const character of text) length += characterLength(character, measure);
  return length;
}
