/**
 * From here on signs may take two columns; below, only combining marks are counted one too many. A line that is thought
 * to be wider than it is is cut a little early, which does no harm; one that is thought narrower would wrap.
 */
const FIRST_WIDE = 0x1100;

/** How many columns of a terminal a text takes at most. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const sign of text) columns += widthOf(sign);
  return columns;
}

/** The beginning of a text that takes no more columns than that. */
export function fitColumns(text: string, columns: number): string {
  let room = columns;
  let fitting = '';
  for (const sign of text) {
    room -= widthOf(sign);
    if (room < 0) break;
    fitting += sign;
  }
  return fitting;
}

function widthOf(sign: string): number {
  // Punctuation of our own, one column wide: dashes, the ellipsis, bars.
  if (/[\u2010-\u2027\u2500-\u259f]/u.test(sign)) return 1;
  return (sign.codePointAt(0) ?? 0) < FIRST_WIDE ? 1 : 2;
}
