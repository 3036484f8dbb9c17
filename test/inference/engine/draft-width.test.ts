import { describe, expect, it } from 'vitest';
import { chargeFor, costOf, draftWidth, RUN_COSTS } from '../../../inference/engine/draft-width.ts';
import type { Proposal } from '../../../inference/engine/speculation.ts';

const COSTS = RUN_COSTS.q4;
const widthOf = (proposals: readonly Proposal[]) => draftWidth(proposals, COSTS);
const charged = (proposals: readonly Proposal[], width: number) => chargeFor(proposals, width, COSTS);

const NONE: Proposal = { tokens: [], chances: [], credit: 4 };

/** So many tokens, each as likely as the one before it allows. */
function proposing(length: number, chance: number, credit = 4): Proposal {
  const tokens = Array.from({ length }, (_, i) => i);
  return { tokens, chances: tokens.map((i) => chance ** (i + 1)), credit };
}

describe('The width of a run that checks proposals', () => {
  it('is as many tokens as pay for themselves', () => {
    expect(widthOf([proposing(10, 1)])).toBe(10);
    expect(widthOf([proposing(10, 0.1)])).toBe(0);
    const middling = widthOf([proposing(10, 0.6)]);
    expect(middling).toBeGreaterThan(0);
    expect(middling).toBeLessThan(10);
  });

  it('is nothing without proposals, or without rows', () => {
    expect(widthOf([NONE, NONE])).toBe(0);
    expect(widthOf([])).toBe(0);
  });

  it('does not let a whole batch compute in vain for one row', () => {
    const rest = Array.from({ length: 7 }, () => NONE);
    expect(widthOf([proposing(10, 0.9), ...rest])).toBe(0);
  });

  it('grows where all rows repeat their contexts', () => {
    expect(widthOf(Array.from({ length: 4 }, () => proposing(10, 0.98)))).toBeGreaterThan(0);
  });

  it('stays within what every row that proposes can answer for', () => {
    for (const credit of [0, 0.1, 0.5, 1, 2]) {
      const proposals = [proposing(10, 1, credit), proposing(10, 1, 4)];
      expect(charged(proposals, widthOf(proposals))).toBeLessThanOrEqual(credit);
    }
  });

  it('risks little of a small credit on what is unlikely, and all of it on what is sure', () => {
    expect(widthOf([proposing(10, 0.5, 0.4)])).toBe(0);
    expect(widthOf([proposing(10, 1, 0.4)])).toBeGreaterThan(0);
  });

  it('charges, all rows together, what the run takes longer for all of them', () => {
    const alone = charged([proposing(3, 1)], 3);
    const two = [proposing(3, 1), proposing(3, 1)];
    const oneOfTwo = [proposing(3, 1), NONE];
    expect(charged(oneOfTwo, 3)).toBeCloseTo(2 * charged(two, 3));
    expect(charged(two, 3)).toBeGreaterThan(alone);
  });

  // Runs of 1, 2, 3 and 4 tokens a row, from the table of docs/benchmark.md: what is charged too little is never paid back.
  it.each([
    { weights: 'q8', rows: 4, milliseconds: [10.6, 14.8, 18.6, 22.3] },
    { weights: 'q8', rows: 8, milliseconds: [16.4, 25.0, 32.5, 38.7] },
    { weights: 'q8', rows: 8, milliseconds: [31.7, 50.5, 58.0, 68.1] },
    { weights: 'q4', rows: 4, milliseconds: [9.26, 14.4, 18.4, 22.5] },
    { weights: 'q4', rows: 8, milliseconds: [15.8, 24.9, 34.1, 41.7] },
    { weights: 'q4', rows: 8, milliseconds: [32.9, 45.2, 55.0, 67.7] },
  ] as const)(
    'reckons with nearly all that $rows rows took at $weights',
    ({ weights, rows, milliseconds: [plain, ...ahead] }) => {
      ahead.forEach((measured, i) => {
        const reckoned = costOf(RUN_COSTS[weights], rows, i + 1) / costOf(RUN_COSTS[weights], rows, 0);
        expect(reckoned).toBeGreaterThan((0.9 * measured) / plain);
      });
    },
  );
});
