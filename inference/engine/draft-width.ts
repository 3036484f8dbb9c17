import type { Proposal } from './speculation.ts';

/** What a run takes longer, once it multiplies more than one row of activations. */
const SEVERAL = 0.1;
/** What each further token takes, wherever it stands. */
const PER_TOKEN = 0.14;
/** What each further row takes beside its tokens: keys and values of its own. */
const PER_ROW = 0.15;

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
    if (proposals.some((proposal) => proposal.tokens.length > 0 && stakeOf(proposal) < charge)) break;
    let expected = proposals.length;
    for (const { chances } of proposals) for (const chance of chances.slice(0, width)) expected += chance;
    const worth = expected / costOf(proposals.length, width);
    if (worth > best.worth) best = { width, worth };
  }
  return best.width;
}

/** Of its credit a row stakes the more the likelier it is to win: what is left is there when it is sure. */
function stakeOf({ credit, chances }: Proposal): number {
  return credit * (chances[0] ?? 0);
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

/**
 * A run of so many rows that checks so many tokens in each, in runs of one row and one token: all weights are read anyway, so
 * further tokens cost less than the first. As measured for 4 and 8 bits on two cores (docs/benchmark.md); it decides how
 * much is proposed, and never what is written.
 */
export function costOf(rows: number, width: number): number {
  const tokens = rows * (1 + width);
  return 1 + (tokens > 1 ? SEVERAL : 0) + PER_TOKEN * (tokens - 1) + PER_ROW * (rows - 1);
}
