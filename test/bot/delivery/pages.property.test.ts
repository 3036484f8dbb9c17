import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type LengthMeasure,
  type Page,
  type PageLimits,
  Pager,
  paginate,
} from '../../../bot/delivery/pages.ts';
import { fencedCharacters } from './fenced-characters.ts';
import { anyText, fenceText, inSteps, markdownText, unicodeText } from './markdown-text.ts';

const numRuns = 200;
const limits: fc.Arbitrary<PageLimits> = fc.record({
  maxLength: fc.oneof(fc.integer({ min: 32, max: 80 }), fc.integer({ min: 32, max: 400 })),
  measure: fc.constantFrom<LengthMeasure>('utf16', 'codePoints', 'utf8', 'entities'),
});

const measured: Record<LengthMeasure, (text: string) => number> = {
  utf16: (text) => text.length,
  codePoints: (text) => [...text].length,
  utf8: (text) => Buffer.byteLength(text, 'utf8'),
  entities: (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').length,
};

/** The page's text without its repairs: what it shows of the source. */
const shown = (page: Page): string =>
  page.text.slice(page.reopening.length, page.text.length - page.closing.length);

/** Half a character at the end of the text is not shown before its other half has arrived. */
const withoutHalf = (text: string): string => text.replace(/[\uD800-\uDBFF]$/, '');

/** Where the text is cut, as indexes into it. */
const cuts = (pages: readonly Page[]): number[] => {
  let at = 0;
  return pages.slice(0, -1).map((page) => {
    at += page.source.length;
    return at;
  });
};

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Repairs and indentation leave a quarter of the page in any case; a larger grapheme cluster may have to be cut. */
const clustersFit = (text: string, limit: PageLimits): boolean =>
  [...graphemes.segment(text)].every(({ segment }) => Buffer.byteLength(segment) <= limit.maxLength / 4);

describe('the pages of any text', () => {
  it('joined by their sources are the text', () => {
    fc.assert(
      fc.property(anyText, limits, (text, limit) => {
        expect(
          paginate(text, limit)
            .map((page) => page.source)
            .join(''),
        ).toBe(text);
      }),
      { numRuns },
    );
  });

  it('show their whole source but for blanks at its borders', () => {
    fc.assert(
      fc.property(anyText, limits, (text, limit) => {
        const pages = paginate(text, limit);
        for (const page of pages) {
          const source = page === pages.at(-1) ? withoutHalf(page.source) : page.source;
          expect(page.text.startsWith(page.reopening)).toBe(true);
          expect(page.text.endsWith(page.closing)).toBe(true);
          expect(shown(page).trim()).toBe(source.trim());
        }
      }),
      { numRuns },
    );
  });

  it('fit the limit in whatever it counts, at every moment of growth', () => {
    fc.assert(
      fc.property(inSteps(anyText), limits, (steps, limit) => {
        const pager = new Pager(limit);
        for (const step of steps) {
          pager.append(step);
          for (const page of pager.pages) {
            expect(measured[limit.measure ?? 'utf16'](page.text)).toBeLessThanOrEqual(limit.maxLength);
          }
        }
      }),
      { numRuns },
    );
  });

  it('are never blank once the text is not', () => {
    fc.assert(
      fc.property(anyText, limits, (text, limit) => {
        const pages = paginate(text, limit);
        if (withoutHalf(text).trim() === '')
          expect(pages.map((page) => page.text)).toEqual(text === '' ? [] : ['']);
        else for (const page of pages) expect(shown(page).trim()).not.toBe('');
      }),
      { numRuns },
    );
  });

  it('never change once another page follows them', () => {
    fc.assert(
      fc.property(anyText, anyText, limits, (text, more, limit) => {
        const before = paginate(text, limit).slice(0, -1);
        expect(paginate(text + more, limit).slice(0, before.length)).toEqual(before);
      }),
      { numRuns },
    );
  });

  it('are the same however the text arrived', () => {
    fc.assert(
      fc.property(inSteps(anyText), limits, (steps, limit) => {
        const pager = new Pager(limit);
        let text = '';
        for (const step of steps) {
          pager.append(step);
          text += step;
          expect(pager.pages).toEqual(paginate(text, limit));
        }
      }),
      { numRuns },
    );
  });

  it('never cut a surrogate pair or a CRLF', () => {
    fc.assert(
      fc.property(anyText, limits, (text, limit) => {
        for (const at of cuts(paginate(text, limit))) {
          expect(text.slice(at - 1, at + 1)).not.toMatch(/^[\uD800-\uDBFF][\uDC00-\uDFFF]$|^\r\n$/);
        }
      }),
      { numRuns },
    );
  });

  it('never cut what a reader sees as one character', () => {
    const anyWhole = fc.oneof(
      markdownText,
      unicodeText,
      fc.string({ unit: 'grapheme', maxLength: 200, size: 'max' }),
    );
    fc.assert(
      fc.property(anyWhole, limits, (text, limit) => {
        fc.pre(clustersFit(text, limit));
        const starts = new Set([...graphemes.segment(text)].map(({ index }) => index));
        for (const at of cuts(paginate(text, limit))) expect(starts).toContain(at);
      }),
      { numRuns },
    );
  });
});

describe('the code fences of any text', () => {
  /** Every fence can be closed and opened again in half a page, and no cluster has to be cut. */
  const repairable = (text: string, limit: PageLimits): boolean =>
    fencedCharacters(text).longestOpener * 2 + 2 <= limit.maxLength / 2 && clustersFit(text, limit);

  it('are closed at the end of every page', () => {
    fc.assert(
      fc.property(fc.oneof(markdownText, fenceText), limits, (text, limit) => {
        fc.pre(repairable(text, limit));
        for (const page of paginate(text, limit)) expect(fencedCharacters(page.text).open).toBe(false);
      }),
      { numRuns },
    );
  });

  it('leave every character what it was, code or prose, wherever the pages end', () => {
    fc.assert(
      fc.property(fc.oneof(markdownText, fenceText), limits, (text, limit) => {
        fc.pre(repairable(text, limit));
        // Only finished pages: in the growing one a closing fence may still be incomplete, and is completed.
        const pages = paginate(text, limit).slice(0, -1);
        const onPages = pages.flatMap((page) => {
          const { characters } = fencedCharacters(page.text);
          const repaired = (repair: string): number => [...repair].filter((c) => /\S/.test(c)).length;
          return characters.slice(repaired(page.reopening), characters.length - repaired(page.closing));
        });
        expect(onPages).toEqual(fencedCharacters(text).characters.slice(0, onPages.length));
      }),
      { numRuns },
    );
  });
});
