import type { Weights } from '../graph/weights.ts';
import type { Proposal } from './speculation.ts';

/**
 * What a run takes, in runs of one row and one token, as measured (docs/benchmark.md). It decides how much is proposed, and not
 * what is written.
 */
export interface RunCosts {
  /** What a run takes longer, once it multiplies more than one row of activations. */
  readonly several: number;
  /** What each further token takes, wherever it stands. */
  readonly perToken: number;
  /** What each further row takes beside its tokens: keys and values of its own. */
  readonly perRow: number;
  /** The same in a run that checks tokens ahead: several queries of a row are multiplied in another way than one. */
  readonly perRowAhead: number;
}

const ROWS = { perRow: 0.15, perRowAhead: 0.25 };

export const RUN_COSTS: Readonly<Record<Weights, RunCosts>> = {
  fp32: { several: 0.1, perToken: 0.14, ...ROWS },
  q8: { several: 0.1, perToken: 0.14, ...ROWS },
  q4: { several: 0.1, perToken: 0.2, ...ROWS },
};

/**
 * How many proposed tokens of every row one run should check: as many as bring the most tokens for its cost. Rows of one run
 * are equally long, so a row that proposes less, or nothing, is filled up and computes in vain; where one of several rows
 * proposes much, that is not worth it.
 *
 * @param proposals One a row; empty where the row has none.
 */
export function draftWidth(proposals: readonly Proposal[], costs: RunCosts): number {
  const longest = Math.max(0, ...proposals.map(({ tokens }) => tokens.length));
  let best = { width: 0, worth: proposals.length / costOf(costs, proposals.length, 0) };
  for (let width = 1; width <= longest; width++) {
    const charge = chargeFor(proposals, width, costs);
    if (proposals.some((proposal) => proposal.tokens.length > 0 && stakeOf(proposal) < charge)) break;
    let expected = proposals.length;
    for (const { chances } of proposals) for (const chance of chances.slice(0, width)) expected += chance;
    const worth = expected / costOf(costs, proposals.length, width);
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
export function chargeFor(proposals: readonly Proposal[], width: number, costs: RunCosts): number {
  const rows = proposals.length;
  const proposing = proposals.filter(({ tokens }) => tokens.length > 0).length;
  const plain = costOf(costs, rows, 0);
  return proposing === 0 ? 0 : (rows * (costOf(costs, rows, width) - plain)) / plain / proposing;
}

/** A run of so many rows that checks so many tokens in each: all weights are read anyway, so further tokens cost less than the first. */
export function costOf(costs: RunCosts, rows: number, width: number): number {
  const { several, perToken } = costs;
  const perRow = width > 0 ? costs.perRowAhead : costs.perRow;
  const tokens = rows * (1 + width);
  return 1 + (tokens > 1 ? several : 0) + perToken * (tokens - 1) + perRow * (rows - 1);
}
