import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findPath, type PathRules } from '../../../adapters/terminal/path-argument.ts';

/** A folder with these in it, for people who type `/summarize`. */
const there: Record<string, 'file' | 'folder'> = {
  'notes.txt': 'file',
  'my notes.txt': 'file',
  LICENSE: 'file',
  docs: 'folder',
  '/tmp': 'folder',
  'docs/plan.md': 'file',
};
const rules: PathRules = { look: async (path) => there[path], loneWord: 'path', windows: false };
const asking: PathRules = { ...rules, loneWord: 'text' };

describe('a path at the beginning of what was typed', () => {
  test.each([
    ['./notes.txt', './notes.txt', ''],
    ['../notes.txt', '../notes.txt', ''],
    ['~/notes.txt', '~/notes.txt', ''],
    ['/home/ann/notes.txt', '/home/ann/notes.txt', ''],
    ['C:\\Users\\Ann\\notes.txt', 'C:\\Users\\Ann\\notes.txt', ''],
    ['\\\\server\\share\\notes.txt', '\\\\server\\share\\notes.txt', ''],
    ['notes.txt', 'notes.txt', ''],
    ['my notes.txt', 'my notes.txt', ''],
    ['"my notes.txt"', 'my notes.txt', ''],
    ["'./some notes.txt'", './some notes.txt', ''],
    ['./some\\ notes.txt', './some notes.txt', ''],
    ['LICENSE', 'LICENSE', ''],
    ['docs', 'docs', ''],
    ['/tmp', '/tmp', ''],
    ['docs/plan.md', 'docs/plan.md', ''],
    ['./notes.txt in short', './notes.txt', 'in short'],
    ['"./my notes.txt" When is it?', './my notes.txt', 'When is it?'],
  ])('%s', async (typed, path, rest) => {
    expect(await findPath(typed, rules)).toEqual({ path, rest });
  });

  test('is one even where nothing is, when nothing else can be meant: then the person learns that', async () => {
    expect(await findPath('nots.txt', rules)).toEqual({ path: 'nots.txt', rest: '' });
    expect(await findPath('./nots.txt What is it?', asking)).toEqual({
      path: './nots.txt',
      rest: 'What is it?',
    });
  });

  test('before a question is one when it begins like one or is there', async () => {
    expect(await findPath('notes.txt Who came?', asking)).toEqual({ path: 'notes.txt', rest: 'Who came?' });
    expect(await findPath('docs/plan.md Who came?', asking)).toEqual({
      path: 'docs/plan.md',
      rest: 'Who came?',
    });
  });

  test('on Windows, a backslash is a part of it', async () => {
    const windows = { ...rules, windows: true };
    expect(await findPath('.\\my\\notes.txt', windows)).toEqual({ path: '.\\my\\notes.txt', rest: '' });
  });
});

describe('a sentence is never a path', () => {
  test.each([
    'The harbour was quiet.',
    'Node.js is a runtime.',
    'and/or is a bad word',
    'What is 3/4 of 8?',
    'docs are fun',
    'e.g. this one',
    'https://example.org/page.html is down',
    '"To be or not to be." That is the question.',
    '/s means sarcasm',
    './notes.txt\nis a line in this pasted text',
    '',
  ])('%j', async (text) => {
    expect(await findPath(text, rules)).toBeUndefined();
    expect(await findPath(text, asking)).toBeUndefined();
  });

  test.each(['docs', 'Node.js', 'and/or', 'Why?'])('a question of one word: %s', async (text) => {
    expect(await findPath(text, asking)).toBeUndefined();
  });
});

test('any text is judged at once, and what is found was typed', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"', "'", '\\', './', 'a.').map((sign) => sign.repeat(50_000)),
  );
  await fc.assert(
    fc.asyncProperty(text, async (typed) => {
      const found = await findPath(typed, rules);
      if (found) expect(typed).toContain(found.rest);
    }),
  );
});
