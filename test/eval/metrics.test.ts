import { describe, expect, it } from 'vitest';
import { bootstrap, ratioOf } from './bootstrap.ts';
import { isRefusal } from './refusal.ts';
import { rouge } from './rouge.ts';
import { differenceOf, mean, type Row, scoreOf, share } from './row.ts';
import { match, normalize } from './squad.ts';

describe('an answer is compared with a reference as SQuAD does', () => {
  it.each([
    ['The Eiffel Tower.', 'eiffel tower'],
    ["  an  apple, a pear and the 'plum' ", 'apple pear and plum'],
    ['theatre', 'theatre'],
    ['U.S.', 'us'],
    ['read_file()', 'readfile'],
    ['“Café”', '“café”'],
    ['The', ''],
  ])('%j becomes %j', (text, normalized) => {
    expect(normalize(text)).toBe(normalized);
  });

  it.each([
    ['in 1985', ['1985'], 0, 2 / 3],
    ['1985.', ['in 1985', '1985'], 1, 1],
    ['a shallow copy of the instance', ['a shallow copy'], 0, 2 / 3],
    ['the the the', ['the'], 1, 1],
    ['no no no', ['no yes'], 0, 2 / 5],
    ['Mozilla', ['Google'], 0, 0],
    ['', ['Mozilla'], 0, 0],
    ['Mozilla', [], 0, 0],
  ])('%j against %j: exact match %d, F1 %d', (answer, references, exact, f1) => {
    const { exact: foundExact, f1: foundF1 } = match(answer, references);
    expect(foundExact).toBe(exact);
    expect(foundF1).toBeCloseTo(f1, 12);
  });
});

describe('a summary is compared with a reference by ROUGE', () => {
  // The example of Lin 2004, section 3: one subsequence of three words, one of two.
  const reference = 'police killed the gunman';

  it('L sees the order of words, which 1 does not', () => {
    expect(rouge('police kill the gunman', reference).rougeL).toBe(3 / 4);
    expect(rouge('the gunman kill police', reference).rougeL).toBe(2 / 4);
    expect(rouge('the gunman kill police', reference).rouge1).toBe(3 / 4);
  });

  it('2 counts pairs of words, as often as both have them', () => {
    expect(rouge('police kill the gunman', reference).rouge2).toBeCloseTo(1 / 3, 12);
    expect(rouge('the gunman the gunman', reference).rouge2).toBeCloseTo(1 / 3, 12);
  });

  it('is F1 of recall and precision, whatever the case and marks', () => {
    const { rouge1, rouge2, rougeL } = rouge('The gunman, killed!', reference);
    expect(rouge1).toBeCloseTo(6 / 7, 12);
    expect(rouge2).toBeCloseTo(2 / 5, 12);
    expect(rougeL).toBeCloseTo(4 / 7, 12);
  });

  it.each([
    ['', reference],
    [reference, ''],
    ['word', 'other'],
    ['', ''],
  ])('of %j and %j there is nothing to share', (summary, against) => {
    expect(rouge(summary, against)).toEqual({ rouge1: 0, rouge2: 0, rougeL: 0 });
  });
});

describe('the interval of a score', () => {
  const items = mean(Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 1 : 0)));
  const of = (drawn: readonly number[]) => ratioOf(drawn.map((i) => items[i]!));

  it('is the same each time, and as wide as the normal approximation says', () => {
    const [low, high] = bootstrap(items.length, of);
    expect(bootstrap(items.length, of)).toEqual([low, high]);
    const halfWidth = 1.96 * Math.sqrt((0.25 * 0.75) / 400);
    expect(low).toBeCloseTo(0.25 - halfWidth, 1.9);
    expect(high).toBeCloseTo(0.25 + halfWidth, 1.9);
  });

  it('has no width where all items say the same', () => {
    const row: Row = { what: 'x', unit: '%', items: share([true, true, true]) };
    expect(scoreOf(row)).toMatchObject({ n: 3, score: 100, interval: [100, 100] });
  });

  it('weighs each item: bits of a long text count for more than bits of a short one', () => {
    const row: Row = {
      what: 'x',
      unit: 'bits/byte',
      items: [
        { value: 30, weight: 10 },
        { value: 10, weight: 30 },
      ],
    };
    expect(scoreOf(row).score).toBe(1);
  });

  it('shows a perplexity as the exponential of the mean surprise', () => {
    const row: Row = { what: 'x', unit: 'perplexity', items: [{ value: Math.log(8) * 5, weight: 5 }] };
    expect(scoreOf(row).score).toBeCloseTo(8, 10);
  });
});

describe('two models are compared', () => {
  const row = (values: readonly number[], more: Partial<Row> = {}): Row => ({
    what: 'x',
    unit: '%',
    items: mean(values),
    ...more,
  });
  // Items that differ from each other far more than the models do.
  const first = Array.from({ length: 100 }, (_, i) => (i % 10) / 10);
  const second = first.map((value) => value + 0.01);

  it('item by item, so that a small difference shows that is the same everywhere', () => {
    const difference = differenceOf(row(first), row(second));
    expect(difference?.difference).toBeCloseTo(1, 8);
    expect(difference?.interval[0]).toBeCloseTo(1, 8);
    expect(difference?.better).toBe('second');
    expect(differenceOf(row(second), row(first))?.better).toBe('first');
  });

  it('and neither is better where zero is within the interval', () => {
    const noise = first.map((value, i) => value + (i % 2 === 0 ? 0.1 : -0.1));
    expect(differenceOf(row(first), row(noise))?.better).toBe('neither');
  });

  it('lower perplexity is better', () => {
    const lowerIsBetter = { lowerIsBetter: true } as const;
    expect(differenceOf(row(first, lowerIsBetter), row(second, lowerIsBetter))?.better).toBe('first');
  });

  it('not by what depends on their vocabularies, and not in what no model made', () => {
    expect(differenceOf(row(first, { ownVocabulary: true }), row(second))).toBeUndefined();
    expect(differenceOf(row(first, { baseline: true }), row(second))).toBeUndefined();
  });
});

describe('an answer that says that the text does not tell', () => {
  it.each([
    'The text does not say.',
    'The passage doesn’t mention who made it.',
    'The context does not contain the answer. Ask something else.',
    'unknown',
    'Unknown.',
    'Not mentioned.',
    'It is not stated in the text.',
    'I do not know.',
    "I can't tell from this text.",
    'The question cannot be answered.',
  ])('%j is seen', (answer) => {
    expect(isRefusal(answer)).toBe(true);
  });

  it.each([
    'It does not include any path information, only the server name.',
    'This function does not return a value.',
    'The file cannot be found.',
    'Mozilla. The text does not say more.',
    'An unknown error.',
    'The page does not contain scripts.',
    '',
  ])('%j is an answer', (answer) => {
    expect(isRefusal(answer)).toBe(false);
  });
});
