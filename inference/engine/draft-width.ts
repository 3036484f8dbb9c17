import { CHECK_COST, type Proposal } from './speculation.ts';

/**
 * How many proposed tokens of every row one run should check: as many as bring the most tokens for its cost. Rows of one run
 * are equally long, so a row that proposes less, or nothing, is filled up and computes in vain; where one of several rows
 * proposes much, that is not worth it.
 *
 * @param proposals One a row; empty where the row has none.
 */
export function draftWidth(proposals: readonly Proposal[]): number {
  const longest = Math.max(0, ...proposals.map(({ tokens }) => tokens.length));
  let best = { width: 0, worth: proposals.length / costOf(proposals.length, 0) };
  for (let width = 1; width <= longest; width++) {
    const charge = chargeFor(proposals, width);
    if (proposals.some(({ tokens, credit }) => tokens.length > 0 && credit < charge)) break;
    let expected = proposals.length;
    for (const { chances } of proposals) for (const chance of chances.slice(0, width)) expected += chance;
    const worth = expected / costOf(proposals.length, width);
    if (worth > best.worth) best = { width, worth };
  }
  return best.width;
}

/**
 * What each row that proposes has to answer for, in tokens computed alone: the time by which this width makes the run longer
 * for all its rows, shared among those on whose account it is.
 */
export function chargeFor(proposals: readonly Proposal[], width: number): number {
  const rows = proposals.length;
  const proposing = proposals.filter(({ tokens }) => tokens.length > 0).length;
  const plain = costOf(rows, 0);
  return proposing === 0 ? 0 : (rows * (costOf(rows, width) - plain)) / plain / proposing;
}

/** A run of so many rows with so many tokens to check in each, in runs of one token. */
function costOf(rows: number, width: number): number {
  return 1 + CHECK_COST * (rows * (1 + width) - 1);
}
