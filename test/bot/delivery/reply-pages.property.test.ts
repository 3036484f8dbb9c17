import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paginate } from '../../../bot/delivery/pages.ts';
import { ReplyPages } from '../../../bot/delivery/reply-pages.ts';
import { anyText, inSteps } from './markdown-text.ts';

const maxLength = fc.integer({ min: 32, max: 300 });

/** Something that happens between two steps of growth. */
const change = fc.oneof(
  fc.record({
    kind: fc.constant('cut' as const),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    keepLines: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('split' as const), maxLength }),
  fc.constant({ kind: 'nothing' as const }),
);

describe('the pages of a reply', () => {
  test('are those of its text while nothing goes wrong', () => {
    fc.assert(
      fc.property(inSteps(anyText), maxLength, (steps, limit) => {
        const pages = new ReplyPages({ maxLength: limit });
        for (const step of steps) pages.append(step);
        const expected = paginate(steps.join(''), { maxLength: limit }).filter(({ text }) => text !== '');
        expect(pages.pages.map(({ page }) => page)).toEqual(expected);
      }),
    );
  });

  test('follow one another without a gap, wherever messages had to end', () => {
    fc.assert(
      fc.property(inSteps(anyText), fc.array(change), maxLength, (steps, changes, limit) => {
        const pages = new ReplyPages({ maxLength: limit });
        for (const [index, step] of steps.entries()) {
          pages.append(step);
          const at = pages.pages.length - 1;
          const last = pages.pages.at(-1);
          const what = changes[index];
          if (what?.kind === 'split' && last) pages.split(at, what.maxLength);
          if (what?.kind === 'cut' && last && !last.cut) {
            const to = last.from + Math.ceil((last.to - last.from) * what.share);
            if (to > last.from) pages.cut(at, to, what.keepLines);
          }
        }
        const all = pages.pages;
        const text = steps.join('');
        expect(all.map(({ from }) => from)).toEqual(
          [0, ...all.slice(0, -1).map(({ to }) => to)].slice(0, all.length),
        );
        for (const { page, from, to } of all) expect(page.source).toBe(text.slice(from, to));
        expect(
          text
            .slice(all.at(-1)?.to ?? 0)
            .replace(/[\uD800-\uDBFF]$/, '')
            .trim(),
        ).toBe('');
      }),
    );
  });

  test('that were cut stay as they are', () => {
    fc.assert(
      fc.property(inSteps(anyText), anyText, maxLength, (steps, more, limit) => {
        const pages = new ReplyPages({ maxLength: limit });
        for (const step of steps) pages.append(step);
        const last = pages.pages.at(-1);
        fc.pre(last !== undefined);
        pages.cut(pages.pages.length - 1, last?.to ?? 0, false);
        const before = pages.pages;
        pages.append(more);
        // Blanks behind the cut belong to the page that ends there.
        expect(pages.pages.slice(0, before.length)).toEqual(before);
        expect(pages.cut(before.length - 1, 1, false)).toBe(false);
      }),
    );
  });
});
