import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { route } from '../../bot/router.ts';
import { ANN, BOB, command, message, NOTES, request } from './requests.ts';

const usual = { duplicate: false, own: false };
const typed = (name: string, text: string, over = {}) => route(command(name, text, over), usual);
const mentioned = (text: string, over = {}) => route(request({ text, ...over }), usual);

describe('translate', () => {
  test('goes into French unless something else is said', () => {
    expect(typed('translate', ' The cat sleeps. ')).toEqual({
      kind: 'task',
      task: 'translate',
      text: 'The cat sleeps.',
      material: { kind: 'none' },
      options: { to: 'french' },
    });
  });

  test.each(['to english: Bonjour.', 'To English : Bonjour.', 'into english:Bonjour.'])('"%s"', (text) => {
    expect(typed('translate', text)).toMatchObject({ text: 'Bonjour.', options: { to: 'english' } });
  });

  test('takes the language as an option where a platform has a form', () => {
    const options = { text: 'Bonjour.', to: 'english' };
    expect(typed('translate', '', { options })).toMatchObject({
      text: 'Bonjour.',
      options: { to: 'english' },
    });
  });

  test('takes a sentence that only looks as if it named a language', () => {
    expect(typed('translate', 'To be or not to be: that is the question.')).toMatchObject({
      text: 'To be or not to be: that is the question.',
      options: { to: 'french' },
    });
  });

  test('takes the message that is replied to', () => {
    const repliedTo = message(BOB, 'Bonjour.', 1);
    expect(mentioned('translate to english', { repliedTo })).toMatchObject({
      task: 'translate',
      text: '',
      material: { kind: 'message', message: repliedTo },
      options: { to: 'english' },
    });
  });
});

describe('write', () => {
  test('takes the opening as it was typed', () => {
    expect(typed('write', 'The Bees\n\nOnce ')).toMatchObject({ task: 'write', text: 'The Bees\n\nOnce ' });
  });

  test('goes on from a message or a file', () => {
    const repliedTo = message(ANN, 'Once upon a time', 1);
    expect(mentioned('write', { repliedTo })).toMatchObject({ material: { kind: 'message' } });
    expect(mentioned('write', { attachments: [NOTES] })).toMatchObject({ material: { kind: 'attachments' } });
  });
});

describe('fill', () => {
  test('takes a text with a gap', () => {
    expect(typed('fill', 'The ___ sat.')).toEqual({
      kind: 'task',
      task: 'fill',
      text: 'The ___ sat.',
      material: { kind: 'none' },
    });
  });

  test('shows likelihoods when asked to, in words or by an option', () => {
    expect(typed('fill', 'Likelihoods: The ___ sat.')).toMatchObject({
      text: 'The ___ sat.',
      options: { likelihoods: true },
    });
    const options = { text: 'The ___ sat.', likelihoods: true };
    expect(typed('fill', '', { options })).toMatchObject({ options: { likelihoods: true } });
  });

  test('is not meant by a sentence that begins with its name, unless a slash shows it', () => {
    expect(mentioned('fill me in on the news')).toMatchObject({ task: 'chat' });
    expect(mentioned('fill: the ___ sat')).toMatchObject({ task: 'fill', text: 'the ___ sat' });
    expect(mentioned('/fill the gap')).toMatchObject({ kind: 'refuse', code: 'GAP_UNCLEAR' });
  });
});

describe('choose', () => {
  const expected = {
    task: 'choose',
    text: 'It broke because ___ was hard.',
    options: { choices: ['a', 'b c'] },
  };

  test('takes a text and options with strokes between', () => {
    expect(typed('choose', 'It broke because ___ was hard. | a | b c')).toMatchObject(expected);
  });

  test('finds the text wherever it stands', () => {
    expect(typed('choose', 'a | It broke because ___ was hard. | b c')).toMatchObject(expected);
  });

  test('takes the options apart where a platform has a form', () => {
    const options = { text: 'It broke because ___ was hard.', options: 'a|b c| a ', likelihoods: true };
    expect(typed('choose', '', { options })).toMatchObject({
      text: expected.text,
      options: { choices: ['a', 'b c'], likelihoods: true },
    });
  });
});

describe('again, more and seed', () => {
  test('are meant by a mention only when they stand as a command does', () => {
    expect(mentioned('again!')).toMatchObject({ kind: 'control', control: 'again' });
    expect(mentioned('more')).toMatchObject({ kind: 'control', control: 'more' });
    expect(mentioned('more tea, please')).toMatchObject({ task: 'chat' });
    expect(mentioned('seed 42')).toMatchObject({ kind: 'control', control: 'seed', text: '42' });
    expect(mentioned('Seed potatoes are planted in spring')).toMatchObject({ task: 'chat' });
  });
});

/** Everything that can be missing, and what is said about it. */
test.each([
  ['translate', '  ', 'TEXT_MISSING', /nothing to translate.*\/translate/],
  ['translate', 'to english:', 'TEXT_MISSING', /nothing to translate.*\/translate/],
  ['translate', 'to german: Hello.', 'LANGUAGE_UNKNOWN', /English into French.*to english:/],
  ['write', '\u200b', 'TEXT_MISSING', /title or an opening.*\/write/],
  ['fill', '', 'GAP_UNCLEAR', /no gap.*Write ___ where/],
  ['fill', 'The cat sat.', 'GAP_UNCLEAR', /no gap.*Write ___ where.*\/fill The ___ sat/],
  ['fill', 'The __ sat.', 'GAP_UNCLEAR', /no gap/],
  ['fill', 'The ___ sat on the ___.', 'GAP_UNCLEAR', /2 gaps.*Leave one ___/],
  ['fill', '___', 'GAP_UNCLEAR', /only a gap.*text around it/],
  ['choose', '', 'GAP_UNCLEAR', /no gap.*\/choose/],
  ['choose', 'a | b', 'GAP_UNCLEAR', /no gap.*\/choose/],
  ['choose', 'The ___ sat.', 'OPTIONS_UNCLEAR', /at least two different options.*\/choose/],
  ['choose', 'The ___ sat. | cat', 'OPTIONS_UNCLEAR', /at least two different options.*\/choose/],
  ['choose', 'The ___ sat. | cat | cat | ', 'OPTIONS_UNCLEAR', /at least two different options/],
  [
    'choose',
    `The ___ sat. |${'abcdefghijk'.split('').join('|')}`,
    'OPTIONS_UNCLEAR',
    /11 options.*at most 10/,
  ],
  ['choose', `The ___ sat. | cat | ${'x'.repeat(300)}`, 'OPTIONS_UNCLEAR', /too long.*200 characters/],
] as const)('/%s %j is answered at once with %s and what to do', (name, text, code, words) => {
  expect(typed(name, text)).toMatchObject({ kind: 'refuse', code, message: expect.stringMatching(words) });
});

test('any text behind any of the commands gets a route, at once', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('___', '_', '|', ' ', 'to', 'english', ':', 'likelihoods:', 'word', '\n'))
      .map((all) => all.join('')),
    fc.constantFrom('|'.repeat(100_000), '_'.repeat(100_000), '___'.repeat(50_000), 'to '.repeat(50_000)),
  );
  const name = fc.constantFrom('translate', 'write', 'fill', 'choose', 'seed', 'again', 'more');
  fc.assert(
    fc.property(name, text, (command, written) => {
      for (const decided of [typed(command, written), mentioned(`${command} ${written}`)]) {
        expect(['task', 'control', 'refuse']).toContain(decided.kind);
        if (decided.kind === 'refuse') expect(decided.message.length).toBeLessThan(400);
      }
    }),
  );
});
