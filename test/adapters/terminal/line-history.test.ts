import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { LineHistory } from '../../../adapters/terminal/line-history.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

let file: string;
beforeEach(async () => {
  file = path.join(await temporaryFolder(), 'state', 'parley', 'history');
});

const open = (lines = 100) => new LineHistory({ file, lines });
const modeOf = async (location: string) => (await stat(location)).mode & 0o777;

describe('the lines typed at the prompt', () => {
  test('are there in the next session, newest first and each once', () => {
    const first = open();
    expect(first.load()).toEqual([]);
    for (const line of ['/ask one', 'two', '/ask one', 'three']) first.add(line);
    expect(open().load()).toEqual(['three', '/ask one', 'two']);
  });

  test('of two sessions at the same time are all kept', () => {
    const [one, other] = [open(), open()];
    one.load();
    other.load();
    one.add('a');
    other.add('b');
    one.add('c');
    expect(open().load()).toEqual(['c', 'b', 'a']);
  });

  test('stay out with a blank in front, when they are long, or hold what no key types', async () => {
    const history = open();
    history.add(' /ask a secret');
    history.add('');
    history.add('x'.repeat(1001));
    history.add('a\x1b[2Jb');
    history.add('kept');
    history.add('kept');
    expect(await readFile(file, 'utf8')).toBe('kept\n');
  });

  test('are no more than a bound: an old file is shortened to it', async () => {
    const lines = Array.from({ length: 25 }, (_, index) => `line ${index}`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, lines.map((line) => `${line}\n`).join(''));
    expect(open(10).load()).toEqual(lines.slice(-10).reverse());
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toEqual(lines.slice(-10));
  });

  test('are read from the end of a file that is far too large', async () => {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `${'x'.repeat(2 * 1024 * 1024)}\nlast\n`);
    expect(open().load()).toEqual(['last']);
  });
});

describe('the file', () => {
  test('may be read by its owner alone, also when it was open to others', async () => {
    if (process.platform === 'win32') return;
    open().add('one');
    expect(await modeOf(file)).toBe(0o600);
    expect(await modeOf(path.dirname(file))).toBe(0o700);
    await chmod(file, 0o644);
    open().add('two');
    expect(await modeOf(file)).toBe(0o600);
  });

  test('may be missing altogether', () => {
    const history = new LineHistory({ lines: 10 });
    expect(history.load()).toEqual([]);
    history.add('one');
    expect(history.load()).toEqual([]);
  });

  test.each([
    ['/dev/null', '/dev/null'],
    ['a folder', '.'],
    ['where nothing can be made', '/proc/none/history'],
    ['below a file', path.join(import.meta.filename, 'history')],
  ])('may be one that cannot be used, without a noise and without harm: %s', async (_, place) => {
    if (process.platform === 'win32') return;
    const before = await stat('/dev/null');
    const history = new LineHistory({ file: place, lines: 10 });
    expect(history.load()).toEqual([]);
    history.add('one');
    expect((await stat('/dev/null')).mode).toBe(before.mode);
  });
});
