import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndReason } from '../../../inference/engine/engine.ts';
import { AnswerStream, HELD_TOKENS } from '../../../inference/tasks/answer.ts';
import type { AnswerForm } from '../../../inference/tasks/task.ts';

const PLENTY = 1000;

/** What is shown after each piece, with as many tokens left as given (one less with each piece), and at the end. */
function show(pieces: readonly string[], reason: EndReason, form: AnswerForm = {}, left = PLENTY): string[] {
  const answer = new AnswerStream(form);
  const shown = pieces.map((piece, i) => answer.push(piece, left - i));
  shown.push(answer.end(reason));
  expect(shown.join('')).toBe(answer.text);
  return shown;
}
const whole = (...args: Parameters<typeof show>) => show(...args).join('');

describe('what is shown of an answer while it grows', () => {
  it('comes at once, blanks at the end when a word follows them', () => {
    expect(show([' Paris', ' is', ' ', 'big', '.\n'], 'stop')).toEqual(['Paris', ' is', '', ' big', '.', '']);
  });

  it('does not begin with the marks of the prompt, even when they come in pieces', () => {
    expect(show([' A', ':', ' Paris'], 'stop')).toEqual(['', '', 'Paris', '']);
    expect(show([' A', ' bee'], 'stop')).toEqual(['', 'A bee', '']);
    expect(show(['\nTL;', 'DR:\n', 'A: A:', ' Bees.'], 'eos')).toEqual(['', '', '', 'Bees.', '']);
    expect(whole(['TL;D'], 'eos')).toBe('TL;D');
  });

  it('keeps such marks where they are no echo', () => {
    expect(whole(['Plan A: run.'], 'stop')).toBe('Plan A: run.');
  });

  it('is nothing when there is nothing but blanks and marks', () => {
    for (const nothing of [[], [' '], ['\n', '\n'], [' A:', ' TL;DR: ']]) {
      for (const reason of ['stop', 'eos', 'length', 'aborted'] as const)
        expect(whole(nothing, reason)).toBe('');
    }
  });

  it('never holds half a character', () => {
    expect(show(['a\ud83d', '\ude00b'], 'stop')).toEqual(['a', '😀b', '']);
  });
});

describe('an answer of so many sentences', () => {
  it('is done as soon as the last one has certainly ended, and shows nothing behind it', () => {
    const answer = new AnswerStream({ sentences: 2 });
    expect(answer.push(' Bees fly. They sting', PLENTY)).toBe('Bees fly. They sting');
    expect(answer.push('.', PLENTY)).toBe('.');
    expect(answer.done).toBe(false);
    expect(answer.push(' And', PLENTY)).toBe('');
    expect(answer.done).toBe(true);
    expect(answer.push(' more.', PLENTY)).toBe('');
    expect(answer.end('aborted')).toBe('');
    expect(answer.text).toBe('Bees fly. They sting.');
  });

  it('counts no abbreviation, number or ellipsis as an end', () => {
    expect(
      whole([' Mr. B. paid 3.5 crowns, e.g. in the U.S. Army... Well. Two. Three'], 'stop', { sentences: 2 }),
    ).toBe('Mr. B. paid 3.5 crowns, e.g. in the U.S. Army... Well. Two.');
  });

  it('may have fewer, and then keeps what the model ended by itself', () => {
    expect(whole([' One. And then'], 'eos', { sentences: 3 })).toBe('One. And then');
  });
});

describe('an answer cut by the token limit', () => {
  it('ends with its last whole sentence: near the limit a sentence is shown only once it is whole', () => {
    const left = HELD_TOKENS;
    expect(show([' One', ' two.', ' Three', ' four.', ' Five'], 'length', {}, left)).toEqual([
      'One',
      '',
      ' two.',
      '',
      ' Three four.',
      '',
    ]);
  });

  it('goes on to its last whole word and ends with "…" when the beginning of the sentence was seen', () => {
    expect(show([' One. Two', ' three', ' fo'], 'length', {}, HELD_TOKENS)).toEqual([
      'One. Two',
      '',
      '',
      ' three…',
    ]);
    expect(whole([' One. Two', ' three'], 'length')).toBe('One. Two three…');
  });

  it('ends with "…" when it has no whole sentence at all', () => {
    expect(show([' a', ' b', ' c'], 'length', {}, 3)).toEqual(['', '', '', 'a b…']);
    expect(whole([' a'], 'length', {}, 3)).toBe('a…');
    expect(whole([' well...'], 'length')).toBe('well...');
  });

  it('ends without "…" when the limit falls behind a whole sentence', () => {
    expect(whole([' One. Two.', '\n'], 'length')).toBe('One. Two.');
  });

  it('shows all that was held back when it was not the limit that ended it', () => {
    for (const reason of ['stop', 'eos', 'aborted'] as const) {
      expect(show([' One. Two', ' three '], reason, {}, 5)).toEqual(['One.', '', ' Two three']);
    }
  });
});

describe('an answer that goes in circles', () => {
  const circle = ['I', ' love', ' it', '.'];
  const circles = (times: number) => Array.from({ length: times }, () => [' I', ...circle.slice(1)]).flat();

  it('ends before the first repetition, of which nothing is shown', () => {
    const answer = new AnswerStream({});
    const shown = [...circle, ...circles(5)].map((piece) => answer.push(piece, PLENTY));
    expect(shown.join('')).toBe('I love it.');
    expect(answer.done).toBe(true);
    expect(answer.end('aborted')).toBe('');
    expect(answer.flaw).toBe('loop');
  });

  it('ends with "…" where that is no sentence', () => {
    expect(whole([' We go on', ' and on'.repeat(20)], 'length')).toBe('We go on and…');
    expect(whole(['no ', 'no '.repeat(20)], 'length')).toBe('no…');
  });

  it('is shown whole when the repetition ends in time', () => {
    expect(show([...circle, ' I love', ' you', '.'], 'eos')).toEqual([
      'I',
      ' love',
      ' it',
      '.',
      '',
      ' I love you',
      '.',
      '',
    ]);
  });

  it('where sentences are counted, ends before one that was said already', () => {
    const answer = new AnswerStream({ sentences: 3 });
    const shown = [' "Bees', ' fly."', ' "Bees', ' fly."', ' They'].map((piece) =>
      answer.push(piece, PLENTY),
    );
    expect(shown.join('')).toBe('"Bees fly."');
    expect(answer.flaw).toBe('loop');
  });
});

describe('an answer that says the question again', () => {
  const form = { unlike: 'What is the capital of France?' };

  it('is never shown, and need not be written to its end', () => {
    const answer = new AnswerStream(form);
    expect(
      [' What is', ' the capital of', ' France', '? It'].map((piece) => answer.push(piece, PLENTY)),
    ).toEqual(['', '', '', '']);
    expect(answer.done).toBe(true);
    expect(answer.end('aborted')).toBe('');
    expect(answer).toMatchObject({ text: '', flaw: 'echo' });
  });

  it('is shown from its beginning as soon as it turns out not to', () => {
    expect(show([' What is', ' the matter', '?'], 'eos', form)).toEqual(['', 'What is the matter', '?', '']);
    expect(show([' What', ' is it?'], 'eos', form)).toEqual(['', 'What is it?', '']);
  });

  it('or that says nothing has a flaw; another has none', () => {
    for (const [text, flaw] of [
      ['', 'empty'],
      [' A:', 'empty'],
      [' Paris.', undefined],
    ] as const) {
      const answer = new AnswerStream(form);
      answer.push(text, PLENTY);
      answer.end('eos');
      expect(answer.flaw).toBe(flaw);
    }
  });
});

it('what the model wrote is known with the blanks in front, and without a mark of ours behind', () => {
  const answer = new AnswerStream({});
  answer.push('\n\nBees fly and', PLENTY);
  answer.push(' sti', 3);
  answer.end('length');
  expect(answer.text).toBe('Bees fly and…');
  expect(answer.written).toBe('\n\nBees fly and');
});

describe('an interrupted answer', () => {
  const written = ' A: One. Two three. Fo';

  it('goes on behind what was seen of it', () => {
    const answer = new AnswerStream({ sentences: 3 }, { written, shown: 'One. Two' });
    expect(answer.push('ur five', PLENTY)).toBe(' three. Four five');
    expect(answer.push('. S', PLENTY)).toBe('.');
    expect(answer.done).toBe(true);
    expect(answer.text).toBe('One. Two three. Four five.');
  });

  it('is refused when what was seen does not come from what was written', () => {
    expect(() => new AnswerStream({}, { written, shown: 'Two' })).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID' }),
    );
  });
});

describe('for any text, in any pieces, with any end', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '. ',
      '.',
      '?',
      '...',
      '…',
      ' ',
      '\n',
      '\n\n',
      ' word',
      ' Word',
      'A:',
      ' A',
      'TL;',
      'DR:',
      'Mr',
      '3',
      '😀',
      ' word word word word',
      ' Word word. Word word.',
    ),
    fc.string({ maxLength: 4 }),
    fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  );
  const turn = fc.record({
    pieces: fc.oneof(
      fc.array(piece, { maxLength: 60 }),
      fc
        .tuple(fc.array(piece, { maxLength: 5 }), fc.array(piece, { maxLength: 4 }), fc.nat(12))
        .map(([first, unit, times]) => [...first, ...Array.from({ length: times }, () => unit).flat()]),
    ),
    reason: fc.constantFrom<EndReason>('stop', 'eos', 'length', 'aborted'),
    form: fc.constantFrom<AnswerForm>(
      {},
      { sentences: 1 },
      { sentences: 3 },
      { unlike: 'word Word word word' },
    ),
    left: fc.integer({ min: 60, max: 120 }),
  });

  it('the pieces shown are the text, which is trimmed and from the continuation', () => {
    fc.assert(
      fc.property(turn, ({ pieces, reason, form, left }) => {
        const text = whole(pieces, reason, form, left);
        expect(text).toBe(text.trim());
        expect(pieces.join('')).toContain(text.replace(/…$/, ''));
        expect(text).not.toMatch(/^(?:A:|TL;DR:)/);
      }),
      { numRuns: 1000 },
    );
  });

  it('how the text came in pieces makes no difference where it is shown at once', () => {
    fc.assert(
      fc.property(turn, ({ pieces, form }) => {
        expect(whole(pieces, 'stop', form)).toBe(whole([pieces.join('')], 'stop', form));
      }),
      { numRuns: 1000 },
    );
  });

  it('an interruption makes no difference to what is shown in the end', () => {
    fc.assert(
      fc.property(turn, fc.nat(60), ({ pieces, reason, form, left }, at) => {
        const before = new AnswerStream(form);
        const seen = pieces.slice(0, at).map((text, i) => before.push(text, left - i));
        const resumed = new AnswerStream(form, {
          written: pieces.slice(0, at).join(''),
          shown: seen.join(''),
        });
        const rest = pieces.slice(at).map((text, i) => resumed.push(text, left - at - i));
        rest.push(resumed.end(reason));
        expect(seen.join('') + rest.join('')).toBe(whole(pieces, reason, form, left));
        expect(resumed.text).toBe(whole(pieces, reason, form, left));
      }),
      { numRuns: 1000 },
    );
  });
});
