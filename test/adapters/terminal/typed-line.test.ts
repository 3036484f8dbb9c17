import { expect, test } from 'vitest';
import { parseArguments } from '../../../adapters/terminal/arguments.ts';
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
  ['1 / 2', { text: '1 / 2' }],
])('the line %j in its parts', (line, parts) => {
  expect(parseLine(line)).toEqual(parts);
});

test.each([
  [[], { kind: 'run', json: false }],
  [['--json'], { kind: 'run', json: true }],
  [['--help'], { kind: 'help' }],
  [['-h', '--json'], { kind: 'help' }],
  [['--version'], { kind: 'version' }],
  [['--jsno'], { kind: 'wrong', message: expect.stringContaining('--jsno') }],
  [['What is tea?'], { kind: 'wrong', message: expect.any(String) }],
])('the command line %j', (typed, meant) => {
  expect(parseArguments(typed)).toEqual(meant);
});

test('nothing that a model writes can steer the terminal', () => {
  expect(printable('a\x1b[2Jb\rc\x07d\u202ee\tf\ng')).toBe('a[2Jbcde\tf\ng');
});
