/**
 * Prompts are computed piece by piece, and running replies go on between two pieces. Most questions fit into the first piece;
 * the others are short, because the further behind, the longer a token takes, and the more memory for its scores.
 */
const FIRST_PIECE = 128;
export const PIECE = 64;

/**
 * Where the piece that begins at this place ends, in a prompt that is long enough. It never varies, so that a reply's floats do
 * not depend on what else was running, and so that a piece that was kept is what computing it again would give.
 */
export function pieceEnd(begin: number): number {
  return begin < FIRST_PIECE ? FIRST_PIECE : begin + PIECE;
}

/** Where the whole pieces of so many tokens end, in order. */
export function wholePieces(tokens: number): readonly number[] {
  const ends: number[] = [];
  for (let end = pieceEnd(0); end <= tokens; end = pieceEnd(end)) ends.push(end);
  return ends;
}
