import { expect, test } from 'vitest';
import { printable } from '../../../adapters/terminal/printable.ts';
import { parseLine } from '../../../adapters/terminal/typed-line.ts';

test.each([
  ['hello there', { text: 'hello there' }],
  ['  hello  ', { text: 'hello' }],
  ['', { text: '' }],
  ['/help', { command: 'help', text: '' }],
  [' /ask  What is tea? ', { command: 'ask', text: 'What is tea?' }],
  ['/summarize one\ntwo', { command: 'summarize', text: 'one\ntwo' }],
  ['/', { command: '', text: '' }],
  ['Help', { command: 'help', text: '' }],
  ['quit', { command: 'quit', text: '' }],
  ['help me', { text: 'help me' }],
  ['1 / 2', { text: '1 / 2' }],
])('the line %j in its parts', (line, parts) => {
  expect(parseLine(line)).toEqual(parts);
});

test('nothing that a model writes can steer the terminal', () => {
  expect(printable('a\x1b[2Jb\rc\x07d\u202ee\tf\ng')).toBe('a[2Jbcde\tf\ng');
});
