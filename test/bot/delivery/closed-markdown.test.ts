import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closeMarkdown } from '../../../bot/delivery/closed-markdown.ts';
import { markdownText } from './markdown-text.ts';

describe('Markdown that still grows', () => {
  test.each([
    ['emphasis', 'It is **ver', 'It is **ver**'],
    ['emphasis within emphasis', 'It is **very *mu', 'It is **very *mu***'],
    ['code', 'Call `run(', 'Call `run(`'],
    ['text struck out', 'It is ~~wro', 'It is ~~wro~~'],
    ['code within emphasis', 'It is **`ru', 'It is **`ru`**'],
    ['an underscore beside an asterisk', '*one _two', '*one _two_*'],
    [
      'a link whose address is not whole, shown as its text',
      'See [the **docs](https://exa',
      'See the **docs**',
    ],
    ['a picture likewise', 'See ![the picture](https://exa', 'See the picture'],
  ])('is shown with what is open closed: %s', (_, text, shown) => {
    expect(closeMarkdown(text)).toBe(shown);
  });

  test.each([
    'Nothing to do.',
    '2 * 3 = 6',
    'snake_case_name',
    '* a list\n* of two',
    'It is **bold**.',
    'Costs $5 or $',
    'a <b',
    'See [the docs](https://example.org/a_b_c) and http://example.org/_x',
    'An escaped \\*asterisk and `a *star in code`',
    '**',
    'It is **',
    'Run `',
    '```js\nlet *x\n```',
  ])('is shown as it is where nothing is open: %s', (text) => {
    expect(closeMarkdown(text)).toBe(text);
  });

  test('needs nothing for an earlier paragraph: what is open ends with it', () => {
    expect(closeMarkdown('A **star\n\nand a **sta')).toBe('A **star\n\nand a **sta**');
    expect(closeMarkdown('A **star\n \t\nand more')).toBe('A **star\n \t\nand more');
  });

  test('begins no sooner than its paragraph: code blocks are left alone', () => {
    expect(closeMarkdown('```\n*x\n```\nand **b')).toBe('```\n*x\n```\nand **b**');
    expect(closeMarkdown('**a\n```\nlet *x')).toBe('**a\n```\nlet *x');
  });

  const growing = fc
    .array(
      fc.constantFrom('a', 'b ', ' ', '*', '**', '_', '~~', '`', '``', '[', '](', ')', '\\', '"', '.', '\n'),
    )
    .map((pieces) => pieces.join('').trim());

  test('only gets something added at its end, but for a link that is not whole', () => {
    fc.assert(
      fc.property(fc.oneof(growing, markdownText), (text) => {
        fc.pre(!text.includes(']('));
        expect(closeMarkdown(text).startsWith(text.trimEnd())).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('is closed by that, so that closing it again adds nothing, unless it ends within a mark', () => {
    fc.assert(
      fc.property(growing, (text) => {
        fc.pre(!/[*_~`\\]$|\]\(/.test(text));
        const closed = closeMarkdown(text);
        expect(closeMarkdown(closed)).toBe(closed);
      }),
      { numRuns: 2000 },
    );
  });
});
