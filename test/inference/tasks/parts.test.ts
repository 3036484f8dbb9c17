import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Tokens } from '../../../inference/engine/engine.ts';
import { cutIntoParts } from '../../../inference/tasks/parts.ts';
import { starterTokens } from './starter-tokens.ts';

let real: Tokens;
/** The real tokenizer, which remembers the longest text that it was given. */
let tokens: Tokens & { longest: number };
beforeAll(async () => {
  real = await starterTokens();
});
beforeEach(() => {
  const see = <Result>(text: string, result: Result): Result => {
    tokens.longest = Math.max(tokens.longest, text.length);
    return result;
  };
  tokens = {
    longest: 0,
    count: (text) => see(text, real.count(text)),
    fit: (text, limit, keep) => see(text, real.fit(text, limit, keep)),
  };
});

const paragraph = (n: number) => `This is paragraph ${n}. It has two sentences, of which this is one.`;
const paragraphs = (count: number) => Array.from({ length: count }, (_, i) => paragraph(i)).join('\n\n');
const squeezed = (text: string) => text.replace(/\s+/gu, '');

describe('a text that is too long is cut', () => {
  it('into parts within the limit, at the borders of paragraphs or sentences, with nothing left out', async () => {
    const { parts, share } = await cutIntoParts(paragraphs(40), { tokens: 120, parts: 12 }, tokens);
    expect(share).toBe(1);
    expect(squeezed(parts.join(''))).toBe(squeezed(paragraphs(40)));
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) {
      expect(part).toMatch(/^(?:This is|It has) .*\.$/s);
      expect(await real.count(part)).toBeLessThanOrEqual(120);
    }
  });

  it('at the ends of sentences where there are no paragraphs', async () => {
    const text = paragraphs(40).replaceAll('\n\n', ' ');
    const { parts } = await cutIntoParts(text, { tokens: 100, parts: 40 }, tokens);
    for (const part of parts) expect(part).toMatch(/^[IT].*\.$/s);
  });

  it('so that the last part is not much smaller than the one before it', async () => {
    for (let count = 12; count < 30; count += 1) {
      const { parts } = await cutIntoParts(paragraphs(count), { tokens: 120, parts: 12 }, tokens);
      const [before = '', last = ''] = parts.slice(-2);
      expect(last.length * 5).toBeGreaterThan(before.length);
      expect(squeezed(parts.join(''))).toBe(squeezed(paragraphs(count)));
    }
  });

  it('or, where there would be too many parts, read at even distances from its beginning to its end', async () => {
    const text = paragraphs(1000);
    const { parts, share } = await cutIntoParts(text, { tokens: 120, parts: 5 }, tokens);
    const starts = parts.map((part) => Number(/paragraph (\d+)/.exec(part)?.[1]));
    expect(starts).toHaveLength(5);
    for (const [i, start] of starts.entries()) expect(Math.abs(start - i * 248.5)).toBeLessThan(5);
    for (const part of parts) expect(part).toMatch(/^(?:This is|It has) .*\.$/s);
    expect(share).toBeCloseTo(parts.join('').length / text.length, 2);
  });

  it('of any kind into parts that do not overlap and are in order', async () => {
    const unit = fc.constantFrom(
      'word ',
      'Word. ',
      '\n\n',
      '猫',
      '😀',
      'x'.repeat(50),
      ' '.repeat(60),
      '\ud83d',
      'e\u0301',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(unit, { maxLength: 120 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 2, max: 6 }),
        async (units, limit, most) => {
          const text = units.join('');
          const { parts, share } = await cutIntoParts(text, { tokens: limit, parts: most }, tokens);
          expect(parts.length).toBeLessThanOrEqual(most);
          let from = 0;
          for (const part of parts) {
            const at = text.indexOf(part, from);
            expect(at).toBeGreaterThanOrEqual(from);
            from = at + part.length;
          }
          if (share === 1) expect(squeezed(parts.join(''))).toBe(squeezed(text));
        },
      ),
      { numRuns: 300 },
    );
  });
});

it('two million characters are never tokenised but for the parts', async () => {
  for (const text of [
    paragraphs(30_000),
    'word '.repeat(400_000),
    'x'.repeat(2_000_000),
    `a${' '.repeat(2_000_000)}b`,
  ]) {
    await cutIntoParts(text, { tokens: 400, parts: 12 }, tokens);
    expect(tokens.longest).toBeLessThan(100_000);
  }
});
