import { describe, expect, test } from 'vitest';
import { judge } from './audit.ts';
import type { Asked, Look, ReplyMessage } from './reply.ts';

// The auditor itself: what it calls whole is whole, and each fault is found.

const ANSWER = 'Once upon a time there was a king.';

function look(text: string, controls: Look['controls'] = 'running', lines: readonly string[] = []): Look {
  return { text, controls, lines };
}

function message(looks: readonly Look[], over: Partial<ReplyMessage> = {}): ReplyMessage {
  return { id: 'm', looks, open: false, pings: [], ...over };
}

function asked(replies: readonly ReplyMessage[], told?: string): Asked {
  const question = { task: 'write', text: 'A king' } as const;
  return { way: 'Discord, a mention', question, replies: () => replies, told: () => told };
}

const GROWN = [
  look('', 'running', ['Thinking …']),
  look('Once upon'),
  look('**Once** upon a time'),
  look(ANSWER, 'done'),
];

function faults(replies: readonly ReplyMessage[]): readonly string[] {
  return judge(asked(replies), ANSWER).faults.map(({ kind }) => kind);
}

describe('an answer', () => {
  test('that grew to its end is whole', () => {
    expect(judge(asked([message(GROWN)]), ANSWER)).toEqual({ end: 'whole', faults: [] });
  });

  test('over two messages is whole, too', () => {
    const first = message([look('Once upon a time'), look('Once upon a time', 'none')]);
    const second = message([look('there was a king.', 'done')]);
    expect(judge(asked([first, second]), ANSWER)).toEqual({ end: 'whole', faults: [] });
  });

  test('with other words than it would have had is found', () => {
    expect(faults([message([look('Once upon a time there was a queen.', 'done')])])).toEqual(['other words']);
  });

  test('of which words were taken back is found', () => {
    const looks = [look('Once upon'), look('', 'running', ['Thinking …']), look(ANSWER, 'done')];
    expect(faults([message(looks)])).toEqual(['taken back']);
  });

  test('that came twice is found', () => {
    expect(faults([message(GROWN), message(GROWN)])).toContain('twice');
  });

  test('that calls somebody is found', () => {
    expect(faults([message(GROWN, { pings: ['ann'] })])).toEqual(['ping']);
  });

  test('with a button that would still stop it is left open', () => {
    const verdict = judge(asked([message([look(ANSWER)])]), ANSWER);
    expect(verdict.end).toBe('open');
    expect(verdict.faults.map(({ kind }) => kind)).toEqual(['left open']);
  });

  test('beside which another message still waits is left open', () => {
    const waiting = message([look('', 'running', ['Thinking …'])]);
    expect(faults([waiting, message(GROWN)])).toContain('left open');
  });

  test('whose stream never ended is left open', () => {
    expect(judge(asked([message(GROWN, { open: true })]), ANSWER).end).toBe('open');
  });
});

describe('a request', () => {
  test('that got nothing is lost', () => {
    expect(judge(asked([]), ANSWER).end).toBe('lost');
  });

  test('of which the platform said that nobody is there is told', () => {
    expect(judge(asked([], 'The application did not respond.'), ANSWER).end).toBe('told');
  });

  test('that got a line instead is refused, with that line', () => {
    const line = 'The bot is busy. Ask again in a minute.';
    expect(judge(asked([message([look(line, 'none')])]), ANSWER)).toEqual({
      end: 'refused',
      faults: [],
      line,
    });
  });
});
