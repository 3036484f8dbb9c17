import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OptionValue } from '../../bot/request.ts';
import { route } from '../../bot/router.ts';
import { BOB, BOT, command, line, message, NOTES, request } from './requests.ts';

const usual = { duplicate: false, own: false };
const LONG =
  'The harbour was quiet, and the ships lay still while the men carried the last barrels down to the quay.';

function routed(...args: Parameters<typeof request>) {
  return route(request(...args), usual);
}

describe('what a person does, and the task that answers', () => {
  test('a slash command gets the task it names', () => {
    expect(route(command('ask', 'What is tea?'), usual)).toEqual({
      kind: 'task',
      task: 'ask',
      text: 'What is tea?',
      material: { kind: 'none' },
    });
  });

  test('a slash command may bring its text as an option, as platforms with forms do', () => {
    expect(
      routed({ trigger: 'command', command: 'ask', options: { question: 'What is tea?' } }),
    ).toMatchObject({
      task: 'ask',
      text: 'What is tea?',
    });
  });

  test('a mention with text is chat', () => {
    expect(routed({ text: 'hello there' })).toMatchObject({
      kind: 'task',
      task: 'chat',
      text: 'hello there',
    });
  });

  test('a direct message with text is chat', () => {
    expect(routed({ trigger: 'dm', text: 'hello there' })).toMatchObject({ task: 'chat' });
  });

  test('a line at the terminal is always chat, whatever its first word', () => {
    for (const text of ['hello', 'summarize this', 'help', 'reset']) {
      expect(route(line(text), usual)).toMatchObject({ kind: 'task', task: 'chat', text });
    }
  });

  test("a mention that replies to somebody else's message asks about that message", () => {
    const repliedTo = message(BOB, 'The boat leaves at nine.', 1);
    expect(routed({ text: 'when?', repliedTo })).toMatchObject({
      task: 'ask',
      text: 'when?',
      material: { kind: 'message', message: repliedTo },
    });
  });

  test("a mention that replies to the bot's own message goes on chatting", () => {
    expect(routed({ text: 'why?', repliedTo: message(BOT, 'It rains.', 1) })).toMatchObject({ task: 'chat' });
  });

  test('a mention that carries a file asks about the file', () => {
    expect(routed({ text: 'who came?', attachments: [NOTES] })).toMatchObject({
      task: 'ask',
      text: 'who came?',
      material: { kind: 'attachments', attachments: [NOTES] },
    });
  });

  test.each(['summarize', 'summarise', 'tl;dr', 'TL;DR', 'Summarize:', '/summarize', 'summarise, please'])(
    '"%s" replying to a message sums that message up',
    (text) => {
      const repliedTo = message(BOB, LONG, 1);
      expect(routed({ text, repliedTo, attachments: [NOTES] })).toMatchObject({
        task: 'summarize',
        material: { kind: 'message', message: repliedTo },
      });
    },
  );

  test('"summarize" with a file sums the file up', () => {
    expect(routed({ text: 'summarize this', attachments: [NOTES] })).toMatchObject({
      task: 'summarize',
      material: { kind: 'attachments' },
    });
  });

  test.each(['summarize', 'summarize the thread, please', 'tl;dr?'])(
    '"%s" with nothing given sums up the recent talk',
    (text) => {
      expect(routed({ text })).toMatchObject({ task: 'summarize', text: '', material: { kind: 'talk' } });
    },
  );

  test('a command may say how much of the talk: so many messages, or since when', () => {
    const talk = (options: Readonly<Record<string, OptionValue>>) => {
      const decided = routed({ trigger: 'command', command: 'summarize', options, at: 10_000_000 });
      return decided.kind === 'task' ? decided.material : decided;
    };
    expect(talk({ messages: 50 })).toEqual({ kind: 'talk', messages: 50 });
    expect(talk({ since: '2h' })).toEqual({ kind: 'talk', since: 10_000_000 - 7_200_000 });
    expect(talk({ since: 'yesterday' })).toMatchObject({ kind: 'refuse', code: 'SINCE_UNCLEAR' });
    expect(talk({ messages: 50, text: LONG })).toEqual({ kind: 'none' });
  });

  test('"summarize" with a whole text behind it sums up that text', () => {
    expect(routed({ text: `summarize: ${LONG}` })).toMatchObject({
      task: 'summarize',
      text: LONG,
      material: { kind: 'none' },
    });
  });

  test("another command's name as the first word means that command", () => {
    expect(routed({ text: 'ask: what is tea?' })).toMatchObject({ task: 'ask', text: 'what is tea?' });
    expect(routed({ text: 'status' })).toEqual({ kind: 'control', control: 'status' });
    expect(routed({ trigger: 'dm', text: '/reset!' })).toEqual({ kind: 'control', control: 'reset' });
  });

  test('a control is meant only when it stands alone: sentences may begin with its name', () => {
    expect(routed({ text: 'help me with my homework' })).toMatchObject({ task: 'chat' });
    expect(routed({ text: 'reset my expectations' })).toMatchObject({ task: 'chat' });
  });

  test('the name of a command of another platform is an ordinary word', () => {
    expect(routed({ text: 'quit' })).toMatchObject({ task: 'chat' });
  });

  test('a menu works on the message it was opened on', () => {
    const repliedTo = message(BOB, LONG, 1);
    expect(routed({ trigger: 'menu', command: 'summarize', repliedTo })).toMatchObject({
      task: 'summarize',
      material: { kind: 'message', message: repliedTo },
    });
    expect(routed({ trigger: 'menu', command: 'ask', text: 'who?', repliedTo })).toMatchObject({
      task: 'ask',
      material: { kind: 'message', message: repliedTo },
    });
  });

  test.each(['', '   ', '\u200b'])('a bare mention (%j) gets help', (text) => {
    expect(routed({ text })).toEqual({ kind: 'control', control: 'help' });
  });
});

describe('what is refused, with words for the person', () => {
  test('an unknown command, with the one that was probably meant', () => {
    expect(route(command('sumarize', 'x'), usual)).toMatchObject({
      kind: 'refuse',
      code: 'UNKNOWN_COMMAND',
      message: 'There is no command /sumarize. Did you mean /summarize?',
    });
    expect(route(command('sum'), usual)).toMatchObject({ message: expect.stringContaining('/summarize?') });
    expect(route(command('xyzzy'), usual)).toMatchObject({ message: expect.stringContaining('/help') });
  });

  test('a very long command name is not repeated in full', () => {
    const refused = route(command('x'.repeat(10_000)), usual);
    expect(refused.kind === 'refuse' && refused.message.length).toBeLessThan(200);
  });

  test('a question that is missing', () => {
    expect(route(command('ask', '  '), usual)).toMatchObject({ kind: 'refuse', code: 'QUESTION_MISSING' });
    expect(routed({ attachments: [NOTES] })).toMatchObject({
      code: 'QUESTION_MISSING',
      message: expect.stringContaining('notes.txt'),
    });
  });

  test('an empty line', () => {
    expect(route(line(''), usual)).toMatchObject({ kind: 'refuse', code: 'TEXT_MISSING' });
  });
});

describe('what is not answered at all', () => {
  test('a request that was seen before', () => {
    expect(route(line('hi'), { ...usual, duplicate: true })).toEqual({ kind: 'drop', why: 'duplicate' });
  });

  test("the bot's own message", () => {
    expect(route(line('hi'), { ...usual, own: true })).toEqual({ kind: 'drop', why: 'own message' });
  });

  test('leaving, which is the business of the terminal', () => {
    expect(route(command('quit'), usual)).toMatchObject({ kind: 'drop' });
  });
});

test('any text by any way gets a route, at once', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constant('!'.repeat(100_000)),
    fc.constant(`${'!'.repeat(100_000)}a`),
  );
  fc.assert(
    fc.property(text, fc.constantFrom('line', 'mention', 'dm', 'command', 'menu'), (written, trigger) => {
      const decided = routed({ text: written, trigger, command: written });
      expect(['task', 'control', 'refuse', 'drop']).toContain(decided.kind);
    }),
  );
});
