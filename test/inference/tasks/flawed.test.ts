import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { echoOf, LOOP_WORDS, LoopWatch } from '../../../inference/tasks/flawed.ts';

/** What is left of a text before it goes in circles; undefined where it does not. */
function upToCircle(text: string): string | undefined {
  const watch = new LoopWatch();
  watch.read(text, true);
  return watch.loop && text.slice(0, watch.loop.from).trimEnd();
}

describe('a text goes in circles', () => {
  test.each([
    ['a sentence said again and again', `I love it. ${'I love it. '.repeat(6)}`, 'I love it.'],
    ['one behind something else', `We go. ${'I love it. '.repeat(7)}`, 'We go. I love it.'],
    ['one word', 'no '.repeat(20), 'no'],
    ['words that never end a sentence', `and so ${'on and '.repeat(12)}`, 'and so on and'],
    [
      'a long sentence said twice in a row',
      'The old house by the river was empty for many years. The old house by the river was empty for many years.',
      'The old house by the river was empty for many years.',
    ],
    [
      'two sentences in turn',
      `Is it? It is not, I say. ${'Is it? It is not, I say. '.repeat(3)}`,
      'Is it? It is not, I say.',
    ],
    ['words without spaces', `猫が好き${'猫が好き'.repeat(4)}`, '猫が好き'],
    ['a word without an end', 'ha'.repeat(400), 'ha'.repeat(10)],
  ])('%s', (_, text, rest) => {
    expect(upToCircle(text)).toBe(rest);
  });

  test.each([
    'No, no, no! Very, very, very good. Ha ha ha ha!',
    'The capital of France is Paris. The capital of Italy is Rome. The capital of Spain is Madrid.',
    'Row, row, row your boat, gently down the stream. Merrily, merrily, merrily, merrily, life is but a dream.',
    '1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20',
    'I know that you know that I know that you know.',
    'He said "well..." and then "well, well...", and went.',
  ])('but not: %s', (text) => {
    expect(upToCircle(text)).toBeUndefined();
  });

  it('as soon as it has repeated so many words', () => {
    const unit = 'a b c ';
    const words = unit.repeat(10).trim().split(' ');
    const seen = (count: number) => upToCircle(words.slice(0, count).join(' '));
    expect(seen(3 + LOOP_WORDS - 1)).toBeUndefined();
    expect(seen(3 + LOOP_WORDS)).toBe('a b c');
  });
});

describe('what repeats is held until it is certain', () => {
  /** What could be shown after each piece. */
  const shown = (...pieces: string[]) => {
    const watch = new LoopWatch();
    let text = '';
    return pieces.map((piece) => {
      text += piece;
      watch.read(text, false);
      return text.slice(0, watch.held);
    });
  };

  it('from the first word that was said before, until another word comes than then', () => {
    expect(shown('I love it.', ' I love', ' you', ' all')).toEqual([
      'I love it.',
      'I love it. ',
      'I love it. I love you',
      'I love it. I love you all',
    ]);
  });

  it('also while a word is only begun', () => {
    expect(shown('These cats', ' the', ' th', 'ese', ' dogs')).toEqual([
      'These cats',
      'These cats the',
      'These cats the ',
      'These cats the these',
      'These cats the these dogs',
    ]);
  });

  it('but marks alone are not held', () => {
    expect(shown('One.', ' Two.', ' Three.')).toEqual(['One.', 'One. Two.', 'One. Two. Three.']);
  });
});

it('what is found depends on the text and not on its pieces; and what is shown is never in the circle', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'a',
      'b',
      ' a',
      ' b',
      ' ab',
      '. ',
      ', ',
      '\n',
      '猫',
      '😀',
      '\ud83d',
      '\ude00',
      'é',
      'e\u0301',
    ),
    fc.string({ maxLength: 3 }),
  );
  const repetitive = fc
    .tuple(
      fc.array(piece, { maxLength: 8 }),
      fc.array(piece, { minLength: 1, maxLength: 5 }),
      fc.nat(15),
      fc.array(piece),
    )
    .map(([first, unit, times, last]) => [
      ...first,
      ...Array.from({ length: times }, () => unit).flat(),
      ...last,
    ]);
  fc.assert(
    fc.property(repetitive, (pieces) => {
      const whole = new LoopWatch();
      whole.read(pieces.join(''), true);
      const growing = new LoopWatch();
      let text = '';
      let shown = 0;
      for (const next of pieces) {
        if (growing.loop) break;
        text += next;
        growing.read(text, false);
        if (!growing.loop) shown = Math.max(shown, Math.min(text.length, growing.held));
      }
      if (!growing.loop) growing.read(text, true);
      expect(growing.loop).toEqual(whole.loop);
      const ofWords = whole.loop && /[\p{L}\p{N}]/u.test(text.slice(whole.loop.from, whole.loop.noticed));
      if (whole.loop && ofWords) expect(shown).toBeLessThanOrEqual(whole.loop.from);
    }),
    { numRuns: 1000 },
  );
});

describe('an answer is only the question again', () => {
  const question = 'What is the capital of France?';

  test.each([
    ['word for word', question, 'yes'],
    ['in other letters and marks', '"what is the CAPITAL, of France"', 'yes'],
    ['with something behind it', `${question} It is Paris.`, 'yes'],
    ['broken off', 'What is the capital', 'yes'],
    ['not: it only begins like it', 'What is the capital? Paris.', 'no'],
    ['not: it says something else', 'Paris.', 'no'],
    ['not: too few words to tell', 'What is the', 'no'],
    ['not: nothing is no echo', '', 'no'],
  ] as const)('%s', (_, answer, expected) => {
    expect(echoOf(question, answer, true)).toBe(expected);
  });

  it('and cannot be known before it differs or is complete', () => {
    expect(
      ['', ' What', ' What is the ca', ' What is the capital of', ` ${question}`].map((answer) =>
        echoOf(question, answer, false),
      ),
    ).toEqual(['open', 'open', 'open', 'open', 'yes']);
    expect(echoOf(question, ' What is the capital of Franc', false)).toBe('open');
    expect(echoOf('What is the capital of France', ' What is the capital of France', false)).toBe('open');
    expect(echoOf(question, ' What is the capital of Fry', false)).toBe('no');
  });

  it('only as a whole, where its beginning may be quoted', () => {
    expect(echoOf(question, 'What is the capital', true, true)).toBe('no');
    expect(echoOf(question, question, true, true)).toBe('yes');
  });

  it('never for a question of a few words, which may be its own answer', () => {
    expect(echoOf('Good night, Tom!', 'Good night, Tom!', true)).toBe('no');
  });
});
