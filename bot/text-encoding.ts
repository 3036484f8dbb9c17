/** Where documents declare their encoding: HTML and CSS within the first 1,024 bytes, XML and scripts in the first lines. */
const DECLARATION_BYTES = 1024;

/** `<meta charset="…">`, `<?xml … encoding="…"?>`, `@charset "…"`, `-*- coding: … -*-` */
const DECLARATION = /(?:charset|encoding|coding)\s*[:=]?\s*["']?\s*([a-z][\w.:-]*)/iu;

/** The encoding of a byte order mark; undefined without one. */
export function markedEncoding(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** The encoding that a document names itself, known or not. */
export function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, DECLARATION_BYTES)).toString('latin1');
  return DECLARATION.exec(head)?.[1];
}

/**
 * The text in an encoding of the WHATWG Encoding Standard; undefined when there is none of that label, or the bytes are
 * not valid in it.
 */
export function decodeAs(label: string, bytes: Uint8Array): string | undefined {
  try {
    const decoder = new TextDecoder(label, { fatal: true });
    const text = decoder.decode(bytes);
    return decoder.encoding === 'windows-1252' ? withPrintableC1(text) : text;
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** What windows-1252 has where Latin-1 has control characters, from 0x80; a blank is unassigned. */
const C1 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/** Several versions of Node decode windows-1252 as if it were Latin-1. */
function withPrintableC1(text: string): string {
  return text.replace(/[\u0080-\u009f]/gu, (control) => {
    const printable = C1.charAt(control.charCodeAt(0) - 0x80);
    return printable === ' ' ? control : printable;
  });
}

/** In Western languages most letters are ASCII; where many are not, or signs abound, the bytes are those of another script. */
const MOST_ACCENTED = 1 / 4;

/** Whether a text that was decoded as windows-1252 makes sense as such. */
export function looksWestern(text: string): boolean {
  if (/[\u0080-\u009f]/u.test(text)) return false;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const accented = text.match(/(?![a-z])\p{L}/giu)?.length ?? 0;
  const signs = text.match(/(?!\p{L})[^\0-\x7f]/gu)?.length ?? 0;
  return Math.max(accented, signs) <= letters * MOST_ACCENTED;
}
