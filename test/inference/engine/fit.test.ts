import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fitsWithin, fitText, type Keep } from '../../../inference/engine/fit.ts';
import type { Tokenizer } from '../../../inference/engine/tokenizer.ts';
import { starterTokenizer } from '../../fixtures/starter-tokenizer.ts';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await starterTokenizer();
});

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });
const keeps = fc.constantFrom<Keep>('start', 'end');
const WORDS = [
  'the',
  'cat',
  'Antidisestablishmentarianism',
  "isn't",
  'on',
  '1969',
  'a',
  'warm',
  'mat',
  'Zürich',
];
const proses = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 120 })
  .map((words) => words.join(' '));
const texts = fc.oneof(
  proses,
  fc.string({ unit: 'grapheme', maxLength: 120 }),
  fc
    .array(
      fc.constantFrom(
        ' ',
        '   ',
        '\n',
        '\n\n',
        'word',
        'Word.',
        "'re",
        '漢字',
        '👩‍👩‍👧‍👦',
        '🇩🇪',
        'e\u0301',
        '\ud83d',
        '!!',
      ),
      { maxLength: 80 },
    )
    .map((parts) => parts.join('')),
);

/** A text of `length` characters at least, every sentence and word different from its neighbours. */
function prose(length: number): string {
  let text = '';
  for (let i = 0; text.length < length; i++) {
    text += `${WORDS[i % WORDS.length]} ${i}${i % 9 === 8 ? '. ' : ' '}`;
  }
  return text.trim();
}

describe('fitting a text into a limit', () => {
  it('never exceeds the limit, whatever the text', () => {
    fc.assert(
      fc.property(texts, fc.nat(60), keeps, (text, limit, keep) => {
        expect(tokenizer.count(tokenizer.fit(text, limit, keep))).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps the beginning or the end as it is, and cuts between graphemes', () => {
    fc.assert(
      fc.property(texts, fc.nat(60), keeps, (text, limit, keep) => {
        const kept = tokenizer.fit(text, limit, keep);
        expect(keep === 'start' ? text.startsWith(kept) : text.endsWith(kept)).toBe(true);
        const cut = keep === 'start' ? kept.length : text.length - kept.length;
        const inside = GRAPHEMES.segment(text).containing(cut);
        expect(inside === undefined || inside.index === cut).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives a text that fits back untouched, white space at its ends included', () => {
    fc.assert(
      fc.property(texts, keeps, (text, keep) => {
        expect(tokenizer.fit(text, tokenizer.count(text), keep)).toBe(text);
      }),
    );
  });

  it('keeps as many whole words as fit', () => {
    fc.assert(
      fc.property(proses, fc.integer({ min: 12, max: 60 }), keeps, (text, limit, keep) => {
        const words = text.split(' ');
        const part = (count: number) =>
          (keep === 'start' ? words.slice(0, count) : words.slice(words.length - count)).join(' ');
        let most = words.length;
        while (tokenizer.count(part(most)) > limit) most--;
        expect(tokenizer.fit(text, limit, keep)).toBe(part(most));
      }),
    );
  });

  it('gives nothing when there is no room, or when the first character needs more', () => {
    expect(tokenizer.fit('word', 0, 'start')).toBe('');
    expect(tokenizer.fit('word', -1, 'end')).toBe('');
    expect(tokenizer.fit('👩‍👩‍👧‍👦 and more', 2, 'start')).toBe('');
  });
});

describe('where a text is cut', () => {
  /** One token less than the text has. */
  const shortened = (text: string, keep: Keep, by = 1) =>
    tokenizer.fit(text, tokenizer.count(text) - by, keep);
  const long = prose(400);

  it('is behind a paragraph if one ends near', () => {
    expect(shortened(`${long}\n\nOne more. And an`, 'start')).toBe(long);
  });

  it('is behind a sentence if no paragraph ends near', () => {
    expect(shortened(`${long}.\n\n${long} end. And an other', 'start`, 'start')).toBe(
      `${long}.\n\n${long} end.`,
    );
  });

  it('is behind a line, which in a list or a chat is a sentence without a full stop', () => {
    expect(shortened(`${long} end\nann: well then`, 'start')).toBe(`${long} end`);
  });

  it('is behind a word if no sentence ends near', () => {
    expect(tokenizer.fit('the cat is on a warm mat', 5, 'start')).toBe('the cat is on a');
  });

  it('is before a paragraph, a sentence or a word when the end is kept', () => {
    expect(shortened(`the end.\n\n${long}`, 'end')).toBe(long);
    expect(shortened(`the end. ${long}`, 'end')).toBe(long);
    const limit = tokenizer.count('on a warm mat');
    expect(tokenizer.fit('the cat is on a warm mat', limit, 'end')).toBe('on a warm mat');
  });

  it('is within a word where there is no border near', () => {
    const kept = tokenizer.fit('a'.repeat(100_000), 50, 'start');
    expect(kept).toMatch(/^a+$/);
    expect(tokenizer.count(kept)).toBe(50);
  });

  it('wastes little: an eighth at most, beside one word', () => {
    for (const keep of ['start', 'end'] as const) {
      for (const limit of [50, 100, 200, 400]) {
        expect(tokenizer.count(tokenizer.fit(prose(5000), limit, keep))).toBeGreaterThan(limit * 0.85 - 10);
      }
    }
  });
});

describe('the work of fitting', () => {
  /** Counts the characters that are encoded. */
  function measured() {
    const measure = {
      characters: 0,
      encode(text: string) {
        measure.characters += text.length;
        return tokenizer.encode(text);
      },
      bytes: (id: number) => tokenizer.bytes(id),
    };
    return measure;
  }

  it.each([
    ['prose', prose(1_000_000)],
    ['one letter', 'a'.repeat(1_000_000)],
    ['spaces', ' '.repeat(1_000_000)],
    ['blank lines', '\n'.repeat(1_000_000)],
    ['emoji', '😀'.repeat(500_000)],
    ['one endless character', `a${'\u0301'.repeat(1_000_000)}`],
  ])('is bounded by the limit, not by the text: a million characters of %s', (_, text) => {
    for (const keep of ['start', 'end'] as const) {
      const measure = measured();
      expect(tokenizer.count(fitText(text, 500, keep, measure))).toBeLessThanOrEqual(500);
      expect(measure.characters).toBeLessThan(20_000);
    }
    const measure = measured();
    expect(fitsWithin(text, 500, measure)).toBe(false);
    expect(measure.characters).toBeLessThan(10_000);
  });
});
