import { describe, expect, test } from 'vitest';
import { readOptions } from '../../../adapters/slack/typed-options.ts';
import { findCommand } from '../../../bot/commands.ts';

function read(name: string, typed: string) {
  const command = findCommand(name, 'slack');
  if (!command) throw new Error(`There is no command ${name}.`);
  return readOptions(command, typed);
}

describe('options stand in front of the text', () => {
  test.each([
    ['summarize', 'messages: 50', { messages: 50 }, ''],
    ['summarize', 'since: 2h', { since: '2h' }, ''],
    ['summarize', 'Messages=20 private: yes since:1d', { messages: 20, private: true, since: '1d' }, ''],
    ['summarize', 'messages: 5000', { messages: 200 }, ''],
    ['ask', 'private: What is tea?', { private: true }, 'What is tea?'],
    ['ask', 'private: no What is tea?', { private: false }, 'What is tea?'],
    ['ask', 'question: What is tea?', {}, 'What is tea?'],
    ['help', 'private', { private: true }, ''],
    ['summarize', 'private messages: 3', { private: true, messages: 3 }, ''],
  ])('/%s %s', (name, typed, options, text) => {
    expect(read(name, typed)).toEqual({ options, text });
  });
});

describe('what only looks like an option is text', () => {
  test.each([
    ['ask', 'private schools: are they good?'],
    ['ask', 'messages: 50'],
    ['summarize', 'messages: many of them arrived'],
    ['summarize', 'note: the fair opens on Sunday'],
    ['ask', 'What is private: tea?'],
    ['ask', 'file: notes.txt'],
    ['ask', ''],
  ])('/%s %s', (name, typed) => {
    expect(read(name, typed)).toEqual({ options: {}, text: typed });
  });
});
