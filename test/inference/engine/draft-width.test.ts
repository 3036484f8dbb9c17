import { describe, expect, it } from 'vitest';
import { chargeFor, draftWidth } from '../../../inference/engine/draft-width.ts';
import type { Proposal } from '../../../inference/engine/speculation.ts';

const NONE: Proposal = { tokens: [], chances: [], credit: 4 };

/** So many tokens, each as likely as the one before it allows. */
function proposing(length: number, chance: number, credit = 4): Proposal {
  const tokens = Array.from({ length }, (_, i) => i);
  return { tokens, chances: tokens.map((i) => chance ** (i + 1)), credit };
}

describe('The width of a run that checks proposals', () => {
  it('is as many tokens as pay for themselves', () => {
    expect(draftWidth([proposing(10, 1)])).toBe(10);
    expect(draftWidth([proposing(10, 0.1)])).toBe(0);
    const middling = draftWidth([proposing(10, 0.6)]);
    expect(middling).toBeGreaterThan(0);
    expect(middling).toBeLessThan(10);
  });

  it('is nothing without proposals, or without rows', () => {
    expect(draftWidth([NONE, NONE])).toBe(0);
    expect(draftWidth([])).toBe(0);
  });

  it('does not let a whole batch compute in vain for one row', () => {
    const rest = Array.from({ length: 7 }, () => NONE);
    expect(draftWidth([proposing(10, 0.9), ...rest])).toBe(0);
  });

  it('grows where all rows repeat their contexts', () => {
    expect(draftWidth(Array.from({ length: 4 }, () => proposing(10, 0.98)))).toBeGreaterThan(0);
  });

  it('stays within what every row that proposes can answer for', () => {
    for (const credit of [0, 0.1, 0.5, 1, 2]) {
      const proposals = [proposing(10, 1, credit), proposing(10, 1, 4)];
      expect(chargeFor(proposals, draftWidth(proposals))).toBeLessThanOrEqual(credit);
    }
  });

  it('risks little of a small credit on what is unlikely, and all of it on what is sure', () => {
    expect(draftWidth([proposing(10, 0.5, 0.4)])).toBe(0);
    expect(draftWidth([proposing(10, 1, 0.4)])).toBeGreaterThan(0);
  });

  it('charges, all rows together, what the run takes longer for all of them', () => {
    const alone = chargeFor([proposing(3, 1)], 3);
    const two = [proposing(3, 1), proposing(3, 1)];
    const oneOfTwo = [proposing(3, 1), NONE];
    expect(chargeFor(oneOfTwo, 3)).toBeCloseTo(2 * chargeFor(two, 3));
    expect(chargeFor(two, 3)).toBeGreaterThan(alone);
  });
});
