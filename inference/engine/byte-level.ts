/** Bytes that GPT-2's vocabulary writes as the character of the same code: the printable ones of Latin-1. */
const PRINTABLE: readonly (readonly [first: number, last: number])[] = [
  [0x21, 0x7e],
  [0xa1, 0xac],
  [0xae, 0xff],
];

/**
 * Which byte a character of a vocabulary entry stands for. Byte-level BPE (Radford et al. 2019, section 2.2; the
 * table is `bytes_to_unicode` in OpenAI's `encoder.py`) writes all other bytes, in order, from U+0100 on, so that no
 * entry holds a space or a control character.
 */
export const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = byteOfCharacter();

/** The bytes that a vocabulary entry stands for; undefined when it is not written in bytes (a special token may not be). */
export function bytesOfEntry(entry: string): readonly number[] | undefined {
  const bytes: number[] = [];
  for (const character of entry) {
    const byte = BYTE_OF_CHARACTER.get(character);
    if (byte === undefined) return undefined;
    bytes.push(byte);
  }
  return bytes;
}

function byteOfCharacter(): Map<string, number> {
  const map = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 0x100; byte++) {
    const printable = PRINTABLE.some(([first, last]) => byte >= first && byte <= last);
    map.set(String.fromCharCode(printable ? byte : next++), byte);
  }
  return map;
}
