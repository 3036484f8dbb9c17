import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../../bot/store/open-store.ts';
import type { Store } from '../../../bot/store/store.ts';
import { createLogger } from '../../../config/logger.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';
import { request } from '../requests.ts';

const DAY_MS = 24 * 3_600_000;
const NOW = Date.UTC(2026, 10, 1);

interface Opened {
  readonly store: Store;
  readonly log: readonly { readonly level: string; readonly msg: string }[];
  readonly clock: VirtualClock;
  /** Lets wall-clock time pass. */
  readonly age: (milliseconds: number) => void;
}

async function open(folder: string): Promise<Opened> {
  const log: Opened['log'][number][] = [];
  const logger = createLogger({
    level: 'info',
    secrets: [],
    format: 'json',
    write: (line) => log.push(JSON.parse(line)),
  });
  const clock = new VirtualClock();
  let now = NOW;
  const store = await openStore({
    folder,
    keepFeedbackMs: 30 * DAY_MS,
    keepConversationsMs: 30 * DAY_MS,
    logger,
    clock,
    now: () => now,
    patienceMs: 0,
  });
  onTestFinished(() => store.close());
  const age = (milliseconds: number) => {
    now += milliseconds;
  };
  return { store, log, clock, age };
}

test('a data folder is made where there is none, for its owner only', async () => {
  const folder = path.join(await temporaryFolder(), 'deep', 'down');
  const { store, log } = await open(folder);
  expect(await store.seen.remember('id', NOW)).toBe(true);
  expect(log).toEqual([]);
  if (process.platform === 'win32') return;
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  for (const name of await readdir(folder)) {
    expect((await stat(path.join(folder, name))).mode & 0o777, name).toBe(0o600);
  }
});

test('what one bot has seen the next one knows', async () => {
  const folder = await temporaryFolder();
  const { store } = await open(folder);
  await store.seen.remember('slack:C1/1', NOW);
  await store.close();
  const { store: next } = await open(folder);
  expect(await next.seen.remember('slack:C1/1', NOW)).toBe(false);
});

test('what one bot has left the next one knows, though another program writes at its start', async () => {
  const folder = await temporaryFolder();
  const { store } = await open(folder);
  const turn = { id: 'discord:c1/m1', request: request({ at: NOW }), seed: 1 };
  await store.turns.take(turn);
  await store.seen.remember(turn.id, NOW);
  await store.resets.put('discord:c1', NOW);
  await store.close();
  const other = new Database(path.join(folder, 'parley.db'));
  onTestFinished(() => void other.close());
  other.exec('BEGIN IMMEDIATE');
  const { store: next, log } = await open(folder);
  expect(log).toMatchObject([{ code: 'STORE_BUSY' }]);
  expect(await next.turns.unfinished()).toMatchObject([turn]);
  expect(await next.seen.latest(10)).toEqual([turn.id]);
  expect(await next.resets.latest(10)).toHaveLength(1);
  other.exec('ROLLBACK');
});

test('an answer whose record was damaged is told by its code, and not by a word of it', async () => {
  const folder = await temporaryFolder();
  const { store } = await open(folder);
  const turn = { id: 'discord:c1/m1', request: request({ text: 'a secret', at: NOW }), seed: 1 };
  await store.turns.take(turn);
  await store.close();
  const other = new Database(path.join(folder, 'parley.db'));
  other.exec(`UPDATE turns SET request = replace(request, '"text"', '"texd"')`);
  other.close();
  const { store: next, log } = await open(folder);
  expect(await next.turns.unfinished()).toEqual([]);
  expect(log).toMatchObject([{ level: 'warn', code: 'STORE_UNREADABLE', turn: turn.id }]);
  expect(JSON.stringify(log)).not.toContain('secret');
});

test('a second bot is refused, and told what to do', async () => {
  const folder = await temporaryFolder();
  const { store } = await open(folder);
  const second = open(folder);
  await expect(second).rejects.toMatchObject({ code: 'STORE_IN_USE' });
  await expect(second).rejects.toThrow(`data folder ${folder}`);
  await expect(second).rejects.toThrow('DATA_DIR');
  await store.close();
  await open(folder);
});

test('a damaged file is put aside, in one line, and a new one begun', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'parley.db');
  await writeFile(file, 'no database');
  const { store, log } = await open(folder);
  expect(await store.seen.remember('id', NOW)).toBe(true);
  expect(log).toMatchObject([{ level: 'warn', aside: `${file}.damaged` }]);
  expect(await readFile(`${file}.damaged`, 'utf8')).toBe('no database');
  await store.close();

  const { store: next, log: silent } = await open(folder);
  expect(await next.seen.remember('id', NOW)).toBe(false);
  expect(silent).toEqual([]);
});

test('the text of an answer that is whole is in no byte of the folder ten minutes later', async () => {
  const folder = await temporaryFolder();
  const { store, clock } = await open(folder);
  const request = {
    id: 'm1',
    trigger: 'dm',
    options: {},
    text: 'a passing question',
    author: { id: 'u1', name: 'Ann' },
    conversation: { platform: 'discord', id: 'c1' },
    attachments: [],
    at: NOW,
  } as const;
  await store.turns.take({ id: 'turn', request, seed: 1 });
  await store.turns.write('turn', { text: 'a passing answer', tokens: [1], written: 'a passing answer' });
  const bytes = async () => {
    const names = await readdir(folder);
    return Buffer.concat(await Promise.all(names.map((name) => readFile(path.join(folder, name)))));
  };
  expect((await bytes()).includes('a passing answer')).toBe(true);
  await store.turns.end('turn');
  await clock.pass(10 * 60_000);
  expect((await bytes()).includes('a passing')).toBe(false);
});

test('whoever is erased is erased from what was put aside, too, because nobody can look into it', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'parley.db');
  await writeFile(file, 'Ann was here');
  const { store } = await open(folder);
  expect(await readdir(folder)).toContain('parley.db.damaged');
  await store.erase('discord:1');
  expect(await readdir(folder)).not.toContain('parley.db.damaged');
});

test('whatever somebody has made of the folder, its files are for their owner only', async () => {
  if (process.platform === 'win32') return;
  const folder = await temporaryFolder();
  await chmod(folder, 0o777);
  for (const [name, text] of [
    ['parley.db', 'no database'],
    ['parley.lock', ''],
  ] as const)
    await writeFile(path.join(folder, name), text, { mode: 0o666 });
  const { store } = await open(folder);
  await store.seen.remember('id', NOW);
  const names = await readdir(folder);
  expect(names).toEqual(
    expect.arrayContaining(['parley.db', 'parley.db-wal', 'parley.db.damaged', 'parley.lock']),
  );
  for (const name of names) expect((await stat(path.join(folder, name))).mode & 0o077, name).toBe(0);
});

test('what was put aside goes when all that it may hold is too old', async () => {
  const folder = await temporaryFolder();
  const aside = path.join(folder, 'parley.db.damaged');
  await writeFile(aside, 'old');
  const written = (days: number) => utimes(aside, new Date(NOW), new Date(NOW - days * DAY_MS));
  await written(29);
  await (await open(folder)).store.close();
  expect(await readdir(folder)).toContain('parley.db.damaged');
  await written(31);
  await (await open(folder)).store.close();
  expect(await readdir(folder)).not.toContain('parley.db.damaged');
});

// Where the tests run as root, permissions forbid nothing: these places cannot be written by anybody.
const unusable: Readonly<Record<string, (folder: string) => Promise<string>>> = {
  'below a file': async (folder) => {
    await writeFile(path.join(folder, 'file'), '');
    return path.join(folder, 'file', 'data');
  },
  'whose file is a folder': async (folder) => {
    await mkdir(path.join(folder, 'parley.db'));
    return folder;
  },
  'whose lock is a folder': async (folder) => {
    await mkdir(path.join(folder, 'parley.lock'));
    return folder;
  },
};
test.each(Object.entries(unusable))(
  'a data folder %s costs the memory, and not the bot',
  async (_, spoil) => {
    const { store, log } = await open(await spoil(await temporaryFolder()));
    expect(await store.seen.remember('id', NOW)).toBe(true);
    expect(await store.seen.remember('id', NOW)).toBe(false);
    expect(log).toMatchObject([
      { level: 'warn', msg: expect.stringContaining('nothing will survive a restart') },
    ]);
  },
);

test('nobody is told that they are erased from a file that could not be opened', async () => {
  const folder = await temporaryFolder();
  const file = new Database(path.join(folder, 'parley.db'));
  file.exec('PRAGMA user_version = 99');
  file.close();
  const { store } = await open(folder);
  await expect(store.erase('discord:u1')).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
});

test('what is too old is forgotten at the start and every ten minutes', async () => {
  const folder = await temporaryFolder();
  const first = await open(folder);
  await first.store.seen.remember('old', NOW - 4 * DAY_MS);
  await first.store.seen.remember('young', NOW - 2 * DAY_MS);
  await first.store.close();

  const { store, clock, age } = await open(folder);
  expect(await store.seen.latest(10)).toEqual(['young']);
  age(2 * DAY_MS);
  await clock.pass(3_600_000);
  expect(await store.seen.latest(10)).toEqual([]);
});

test('many rows that are too old are forgotten a few at a time', async () => {
  const folder = await temporaryFolder();
  const { store, clock, age } = await open(folder);
  for (let id = 0; id < 1_200; id += 1) await store.seen.remember(`id ${id}`, NOW);
  age(4 * DAY_MS);
  const left = async () => (await store.seen.latest(2_000)).length;
  await clock.pass(600_000);
  expect(await left()).toBe(700);
  await clock.pass(1_000);
  expect(await left()).toBe(200);
  await clock.pass(1_000);
  expect(await left()).toBe(0);
});
