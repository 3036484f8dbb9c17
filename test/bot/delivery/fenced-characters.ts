/** What a visible character is to a reader: part of a fence line, of the code within, or of the prose around. */
export type Role = 'fence' | 'code' | 'prose';

export interface FencedCharacters {
  readonly characters: readonly (readonly [character: string, role: Role])[];
  /** A code block is open at the end. */
  readonly open: boolean;
  /** The longest line that opens a block, or looks like it until a backtick comes; in bytes. */
  readonly longestOpener: number;
}

/**
 * The visible characters of a text with their roles. A second reading of CommonMark's fences, line by line and by
 * regular expressions, to check the one that reads unit by unit.
 */
export function fencedCharacters(text: string): FencedCharacters {
  const characters: [string, Role][] = [];
  let fence: string | undefined;
  let longestOpener = 0;
  for (const line of text.split(/\r\n|\n|\r/)) {
    let role: Role = fence ? 'code' : 'prose';
    if (fence) {
      const closing = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(line)?.[1];
      if (closing?.[0] === fence[0] && (closing?.length ?? 0) >= fence.length) {
        fence = undefined;
        role = 'fence';
      }
    } else {
      const begun = /^ {0,3}(?:(`{3,})[^`]*|(~{3,}).*)/su.exec(line);
      longestOpener = Math.max(longestOpener, Buffer.byteLength(begun?.[0] ?? ''));
      if (begun?.[0] === line) {
        fence = begun[1] ?? begun[2];
        role = 'fence';
      }
    }
    for (const character of line) if (/\S/.test(character)) characters.push([character, role]);
  }
  return { characters, open: fence !== undefined, longestOpener };
}
