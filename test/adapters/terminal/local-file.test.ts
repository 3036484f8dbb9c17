import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { look, readLocalFile, resolvePath } from '../../../adapters/terminal/local-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'parley-files-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, bytes: string | Uint8Array): Promise<string> {
  const location = path.join(folder, name);
  await writeFile(location, bytes);
  return location;
}

function refusal(location: string) {
  return readLocalFile(location, 'it').then(
    () => 'read',
    (error) => error.code,
  );
}

test('a path starts where the person is, and ~ is home', () => {
  const folders = { working: path.resolve('/start'), home: path.resolve('/home/ann') };
  expect(resolvePath('./notes.txt', folders)).toBe(path.resolve('/start/notes.txt'));
  expect(resolvePath('~/notes.txt', folders)).toBe(path.resolve('/home/ann/notes.txt'));
  expect(resolvePath('~', folders)).toBe(path.resolve('/home/ann'));
  expect(resolvePath('~ann', folders)).toBe(path.resolve('/start/~ann'));
});

describe('reading a file', () => {
  test('gives its bytes as they are', async () => {
    const bytes = Uint8Array.from({ length: 700_000 }, (_, index) => index % 251);
    expect(Buffer.from(bytes).equals(await readLocalFile(await file('bytes', bytes), 'bytes'))).toBe(true);
  });

  test('refuses what is not there, a folder, an empty file and one that is too large', async () => {
    expect(await refusal(path.join(folder, 'none'))).toBe('NOT_FOUND');
    expect(await refusal(path.join(await file('part', 'x'), 'below'))).toBe('NOT_FOUND');
    expect(await refusal(path.join(folder, 'n'.repeat(5000)))).toBe('NOT_FOUND');
    expect(await refusal(folder)).toBe('FOLDER');
    expect(await refusal(await file('empty', ''))).toBe('EMPTY');
    expect(await refusal(await file('large', Buffer.alloc(10 * 1024 * 1024 + 1, 'x')))).toBe('TOO_LARGE');
  });

  test('names the file as the person did, and says what to do', async () => {
    await expect(readLocalFile(folder, './docs')).rejects.toThrow('./docs is a folder. Name a file in it.');
  });

  test('does not wait for a pipe into which nobody writes', async () => {
    if (process.platform === 'win32') return;
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await refusal(pipe)).toBe('NOT_A_FILE');
  });

  test('refuses what may not be read', async () => {
    const location = await file('secret', 'x');
    await chmod(location, 0);
    // Windows knows no such mode, and whoever runs as root may read everything.
    const mayAll = process.platform === 'win32' || process.getuid?.() === 0;
    expect(await refusal(location)).toBe(mayAll ? 'read' : 'UNREADABLE');
  });
});

test('looking tells files from folders, and never throws', async () => {
  expect(await look(folder)).toBe('folder');
  expect(await look(await file('there', 'x'))).toBe('file');
  expect(await look(path.join(folder, 'none'))).toBeUndefined();
  expect(await look('a\0b')).toBeUndefined();
});
