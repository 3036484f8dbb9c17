import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { complete } from '../../../adapters/terminal/completion.ts';
import { findPath } from '../../../adapters/terminal/path-argument.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

let working: string;
beforeEach(async () => {
  working = await temporaryFolder();
  await mkdir(path.join(working, 'docs'));
  await mkdir(path.join(working, 'my things'));
  for (const name of ['notes.txt', 'notes.md', 'my notes.txt', '.hidden', 'docs/plan.md', 'my things/one']) {
    await writeFile(path.join(working, name), '');
  }
});

const rules = () => ({ folders: { working, home: working }, windows: false });
/** What the line may become. */
function lines(line: string, windows = false): readonly string[] {
  const [hits, end] = complete(line, { ...rules(), windows });
  expect(line.endsWith(end)).toBe(true);
  return hits.map((hit) => line.slice(0, line.length - end.length) + hit);
}

describe('a command', () => {
  test('is completed by its name', () => {
    expect(lines('/su')).toEqual(['/summarize ']);
    expect(lines('/re')).toEqual(['/reset ']);
    expect(lines('/')).toContain('/help ');
    expect(lines('/zzz')).toEqual([]);
  });

  test('is not what a message begins with', () => {
    expect(lines('su')).toEqual([]);
    expect(lines('')).toEqual([]);
  });
});

describe('a path behind a command that takes a file', () => {
  test('is completed name by name', () => {
    expect(lines('/summarize no')).toEqual(['/summarize notes.md ', '/summarize notes.txt ']);
    expect(lines('/ask ./notes.t')).toEqual(['/ask ./notes.txt ']);
    expect(lines('/summarize do')).toEqual(['/summarize docs/']);
    expect(lines('/summarize docs/')).toEqual(['/summarize docs/plan.md ']);
    expect(lines('/summarize ~')).toEqual(['/summarize ~/']);
    expect(lines('/summarize ~/docs/p')).toEqual(['/summarize ~/docs/plan.md ']);
  });

  test('keeps its blanks in the way in which it was begun', () => {
    expect(lines('/summarize my')).toEqual(['/summarize my\\ notes.txt ', '/summarize my\\ things/']);
    expect(lines('/summarize my\\ th')).toEqual(['/summarize my\\ things/']);
    expect(lines('/summarize "my n')).toEqual(['/summarize "my notes.txt" ']);
    expect(lines("/summarize './my things/")).toEqual(["/summarize './my things/one' "]);
  });

  test('is read again as the file that it stands for', async () => {
    for (const begun of ['./my\\ n', '"./my n', "'./my n", './notes.t']) {
      const [line = ''] = lines(`/summarize ${begun}`);
      const typed = line.slice('/summarize '.length).trim();
      const found = await findPath(typed, { look: async () => undefined, loneWord: 'path', windows: false });
      expect(found).toEqual({ path: begun.includes('my') ? './my notes.txt' : './notes.txt', rest: '' });
    }
  });

  test('hides hidden files until they are asked for', () => {
    expect(lines('/summarize ').join()).not.toContain('.hidden');
    expect(lines('/summarize .h')).toEqual(['/summarize .hidden ']);
  });

  test('ends where the question begins', () => {
    expect(lines('/ask notes.txt What is in do')).toEqual([]);
    expect(lines('/summarize "notes.txt" do')).toEqual([]);
  });

  test('follows links to folders', async () => {
    if (process.platform === 'win32') return;
    await symlink(path.join(working, 'docs'), path.join(working, 'link'));
    await symlink(path.join(working, 'nowhere'), path.join(working, 'dead'));
    expect(lines('/summarize li')).toEqual(['/summarize link/']);
    expect(lines('/summarize de')).toEqual(['/summarize dead ']);
  });

  test('shows no name that would steer the terminal', async () => {
    if (process.platform === 'win32') return;
    await writeFile(path.join(working, 'docs', 'evil\x1b[2J'), '');
    expect(lines('/summarize docs/e')).toEqual([]);
  });

  test('of very many is completed as far as they agree, without a list', async () => {
    await mkdir(path.join(working, 'many'));
    for (let i = 100; i < 250; i++) await writeFile(path.join(working, 'many', `page-${i}.txt`), '');
    expect(lines('/summarize many/p')).toEqual(['/summarize many/page-']);
  });

  test('is put into quotes on Windows, where a backslash is no way to write a blank', () => {
    expect(lines('/summarize docs/p', true)).toEqual(['/summarize docs/plan.md ']);
    expect(lines('/summarize my', true)).toEqual(['/summarize "my notes.txt" ', '/summarize "my things/']);
    expect(lines('/summarize "my n', true)).toEqual(['/summarize "my notes.txt" ']);
  });

  test('is nothing for a command that takes none, or a folder that is not there', () => {
    expect(lines('/help no')).toEqual([]);
    expect(lines('/nope no')).toEqual([]);
    expect(lines('/summarize nowhere/x')).toEqual([]);
  });
});

test('a model is one of two names, or a folder', () => {
  expect(lines('/model st')).toEqual(['/model starter ']);
  expect(lines('/model do')).toEqual(['/model docs/']);
  expect(lines('/model no')).toEqual([]);
});
