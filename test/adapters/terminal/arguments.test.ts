import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../../adapters/terminal/arguments.ts';
import { optionsOf, singleTasks } from '../../../adapters/terminal/task-arguments.ts';
import { usageText } from '../../../adapters/terminal/usage.ts';
import { findCommand } from '../../../bot/commands.ts';

const atKeyboard = (...typed: string[]) => parseArguments(typed, true);
const throughPipe = (...typed: string[]) => parseArguments(typed, false);
const ask = findCommand('ask', 'terminal');
const summarize = findCommand('summarize', 'terminal');

test.each([
  [[], { kind: 'run', json: false }],
  [['--json'], { kind: 'run', json: true }],
  [['--help'], { kind: 'help' }],
  [['-h', '--json'], { kind: 'help' }],
  [['--task', 'nope', '--help'], { kind: 'help' }],
  [['--version'], { kind: 'version' }],
  [['-v'], { kind: 'version' }],
])('the command line %j', (typed, meant) => {
  expect(throughPipe(...typed)).toEqual(meant);
});

describe('one task', () => {
  const task = (...typed: string[]) => {
    const asked = throughPipe('--task', ...typed);
    return asked.kind === 'run' ? asked.task : asked;
  };

  test('has its text behind the options, or in the option that stands for it', () => {
    const meant = { command: ask, options: {}, text: 'What is tea?', input: 'material' };
    expect(task('ask', 'What', 'is', 'tea?')).toEqual(meant);
    expect(task('ask', '--question', 'What is tea?')).toEqual(meant);
    expect(task('ask', '--', 'What is tea?')).toEqual(meant);
  });

  test('has its file named, or takes standard input for it', () => {
    const meant = { command: ask, options: {}, text: 'When?', file: 'notes.txt', input: 'none' };
    expect(task('ask', '--file', 'notes.txt', 'When?')).toEqual(meant);
    expect(task('ask', 'When?', '--file=notes.txt')).toEqual(meant);
    expect(task('summarize', '--file', '-')).toMatchObject({ text: '', input: 'material' });
    expect(task('summarize', '--file', '-')).not.toHaveProperty('file');
  });

  test('reads standard input as what it lacks: the words, or the text that they are about', () => {
    expect(task('ask')).toMatchObject({ input: 'words' });
    expect(task('chat')).toMatchObject({ input: 'words' });
    expect(task('summarize')).toMatchObject({ input: 'material' });
    expect(task('summarize', 'A text.')).toMatchObject({ text: 'A text.', input: 'none' });
    expect(task('chat', 'Hello')).toEqual({ options: {}, text: 'Hello', input: 'none' });
  });

  test('never waits for a keyboard', () => {
    expect(atKeyboard('--task', 'ask', 'What is tea?')).toMatchObject({ task: { input: 'none' } });
    expect(atKeyboard('--task', 'ask')).toMatchObject({ kind: 'wrong' });
  });

  test('may be called by any of its names, and has a seed', () => {
    expect(task('TL;DR', '--seed', '7', 'x')).toMatchObject({ command: summarize, options: { seed: 7 } });
    expect(task('chat', '--seed', '4294967295', 'x')).toMatchObject({ options: { seed: 4_294_967_295 } });
  });
});

describe('the usage', () => {
  test('names every task and every option, in lines that fit', () => {
    const usage = usageText();
    for (const { name } of singleTasks()) expect(usage).toContain(`\n  ${name} `);
    for (const command of singleTasks()) {
      for (const option of optionsOf(command)) {
        const named = usage.includes(`--${option.name}`) || usage.includes(`[${option.name.toUpperCase()}]`);
        expect(named, option.name).toBe(true);
      }
    }
    for (const line of usage.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });
});
