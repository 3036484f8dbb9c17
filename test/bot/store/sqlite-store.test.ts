import { chmod, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import Database from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { askerOf } from '../../../bot/person.ts';
import { MIGRATIONS } from '../../../bot/store/schema.ts';
import { SqliteStore } from '../../../bot/store/sqlite-store.ts';
import { storeContract } from '../../contract/store-contract.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';
import { request } from '../requests.ts';

storeContract({
  name: 'a store in a file',
  place: async () => {
    const file = await emptyFile();
    return { open: () => SqliteStore.open(file) };
  },
  durable: true,
});

async function emptyFile(): Promise<string> {
  return path.join(await temporaryFolder(), 'parley.db');
}

async function open(file: string): Promise<SqliteStore> {
  const store = await SqliteStore.open(file);
  onTestFinished(() => store.close());
  return store;
}

/** The file and what SQLite keeps beside it. */
async function filesOf(file: string): Promise<readonly string[]> {
  const folder = path.dirname(file);
  return (await readdir(folder)).map((name) => path.join(folder, name));
}

async function bytesOf(file: string): Promise<Buffer> {
  return Buffer.concat(await Promise.all((await filesOf(file)).map((one) => readFile(one))));
}

describe('the file', () => {
  test('is readable by its owner only, companions included', async () => {
    if (process.platform === 'win32') return;
    const file = await emptyFile();
    await writeFile(file, '');
    await chmod(file, 0o644);
    const store = await open(file);
    await store.seen.remember('id', 1);
    const files = await filesOf(file);
    expect(files.length).toBeGreaterThan(1);
    for (const one of files) expect((await stat(one)).mode & 0o777).toBe(0o600);
  });

  test('says nothing about who gave an opinion', async () => {
    const file = await emptyFile();
    const store = await open(file);
    const person = 'discord:123456789012345678';
    await store.feedback.put({ turn: 'discord:9/8', verdict: 'good', person, at: 1 });
    expect((await bytesOf(file)).includes('discord:9/8')).toBe(true);
    expect((await bytesOf(file)).includes('123456789012345678')).toBe(false);
  });

  test('gives a person another pseudonym than other files do', async () => {
    const pseudonyms = new Set<string>();
    for (let count = 0; count < 2; count += 1) {
      const file = await emptyFile();
      const store = await open(file);
      await store.feedback.put({ turn: 't', verdict: 'good', person: 'discord:1', at: 1 });
      const [row] = new Database(file).prepare('SELECT person FROM feedback').all([]) as { person: string }[];
      pseudonyms.add(row?.person ?? '');
    }
    expect(pseudonyms.size).toBe(2);
  });

  test('keeps no byte of what was forgotten', async () => {
    const file = await emptyFile();
    const store = await SqliteStore.open(file);
    for (let id = 0; id < 300; id += 1) await store.seen.remember(`discord:secret-channel/${id}`, id);
    await store.prune({ seen: 1_000, feedback: 0, turns: 0, resets: 0, heard: 0, seeds: 0 }, 1_000);
    await store.close();
    expect((await bytesOf(file)).includes('secret-channel')).toBe(false);
  });
});

describe('erasing a person', () => {
  test('leaves no byte of what they wrote or were answered, in the file and beside it', async () => {
    const file = await emptyFile();
    const store = await open(file);
    const conversation = { platform: 'discord', id: 'c1' } as const;
    const author = { id: '123456789012345678', name: 'Ann Secretive' };
    const request = { id: 'm1', trigger: 'dm', options: {}, text: 'my hidden question', at: 1 } as const;
    await store.turns.take({
      id: 't',
      request: { ...request, author, conversation, attachments: [] },
      seed: 1,
    });
    for (let n = 0; n < 100; n += 1)
      await store.turns.write('t', { text: `hidden words ${n}`, tokens: [n], written: 'x' });
    expect((await bytesOf(file)).includes('hidden words 99')).toBe(true);
    await store.erase('discord:123456789012345678');
    const left = await bytesOf(file);
    for (const trace of ['hidden', 'Secretive', '123456789012345678'])
      expect(left.includes(trace), trace).toBe(false);
  });

  describe('whose words another program still reads', () => {
    /** A turn of theirs, and a program that looks into the file: SQLite's log has to keep what it looks at. */
    async function readElsewhere() {
      const file = await emptyFile();
      const clock = new VirtualClock();
      const store = await SqliteStore.open(file, { clock });
      const reader = new Database(file);
      onTestFinished(async () => {
        reader.close();
        await store.close();
      });
      await store.turns.take({ id: 't', request: request({ text: 'my hidden question' }), seed: 1 });
      reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM turns').all([]);
      return { file, clock, store, letGo: () => reader.exec('COMMIT') };
    }

    test('is not claimed as long as it does, and is done when it is asked for again', async () => {
      const { file, clock, store, letGo } = await readElsewhere();
      await expect(clock.until(store.erase(askerOf(request())))).rejects.toMatchObject({
        code: 'STORE_BUSY',
      });
      expect((await bytesOf(file)).includes('hidden')).toBe(true);
      letGo();
      await store.erase(askerOf(request()));
      expect((await bytesOf(file)).includes('hidden')).toBe(false);
    });

    test('waits a moment for it', async () => {
      const { file, clock, store, letGo } = await readElsewhere();
      const erased = store.erase(askerOf(request()));
      letGo();
      await clock.until(erased);
      expect((await bytesOf(file)).includes('hidden')).toBe(false);
    });
  });
});

test('of an answer that is whole not a byte of text stays in the file, once the store is closed', async () => {
  const file = await emptyFile();
  const store = await open(file);
  const conversation = { platform: 'discord', id: 'c1' } as const;
  const author = { id: 'u1', name: 'Ann' };
  const request = { id: 'm1', trigger: 'dm', options: {}, text: 'a passing question', at: 1 } as const;
  for (let n = 0; n < 50; n += 1) {
    const id = `t${n}`;
    await store.turns.take({ id, request: { ...request, author, conversation, attachments: [] }, seed: 1 });
    await store.turns.write(id, { text: 'a passing answer', tokens: [1], written: 'a passing answer' });
    await store.turns.end(id);
  }
  await store.close();
  expect((await bytesOf(file)).includes('a passing')).toBe(false);
});

describe('a file of another version', () => {
  test('that is later is left as it is', async () => {
    const file = await emptyFile();
    await (await SqliteStore.open(file)).close();
    new Database(file).exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    await expect(SqliteStore.open(file)).rejects.toMatchObject({ code: 'STORE_NEWER' });
  });

  test.each(MIGRATIONS.map((_, version) => version))(
    'that is version %d is brought up to date',
    async (version) => {
      const file = await emptyFile();
      new Database(file).exec(`${MIGRATIONS.slice(0, version).join(';')}; PRAGMA user_version = ${version}`);
      const store = await open(file);
      expect(await store.seen.remember('id', 1)).toBe(true);
    },
  );
});

describe('a file that another program writes to', () => {
  test('is busy, and not damaged, and works again afterwards', async () => {
    const file = await emptyFile();
    const store = await open(file);
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.seen.remember('id', 1)).rejects.toMatchObject({ code: 'STORE_BUSY' });
    other.exec('COMMIT');
    expect(await store.seen.remember('id', 1)).toBe(true);
  });

  test('can be read meanwhile', async () => {
    const file = await emptyFile();
    const store = await open(file);
    await store.seen.remember('before', 1);
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    expect(await store.seen.latest(1)).toEqual(['before']);
    other.exec('COMMIT');
  });
});

describe('a file that is no store', () => {
  const cases: Readonly<Record<string, (file: string) => Promise<void>>> = {
    'with something else in it': (file) => writeFile(file, 'Dear diary. '.repeat(1_000)),
    'cut short': async (file) => truncate(file, (await stat(file)).size - 5_000),
    'whose pages were overwritten': async (file) => {
      const bytes = await readFile(file);
      await writeFile(file, bytes.fill(0x5a, 4_096, 12_288));
    },
  };
  test.each(Object.entries(cases))('%s is called damaged', async (_, damage) => {
    const file = await filled();
    await damage(file);
    await expect(SqliteStore.open(file)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  });

  test('is never half used and never ends the bot, whichever of its bytes are wrong', async () => {
    const whole = await readFile(await filled());
    const byte = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(byte, { minLength: 1, maxLength: 40 }), async (changes) => {
        const file = await emptyFile();
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        await writeFile(file, bytes);
        const outcome = await SqliteStore.open(file).then(
          async (store) => {
            const used = await store.seen.remember('new', 1).catch((error) => error.code);
            await store.close();
            return used;
          },
          (error) => error.code,
        );
        // By two bytes SQLite takes a file for one of a later SQLite, which it may only read.
        expect([true, 'STORE_DAMAGED', 'STORE_NEWER', 'STORE_UNAVAILABLE']).toContain(outcome);
      }),
      { numRuns: 60 },
    );
  });

  test('because it is a folder cannot be used', async () => {
    const file = await emptyFile();
    await mkdir(file);
    await expect(SqliteStore.open(file)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

/** A closed file of some pages. */
async function filled(): Promise<string> {
  const file = await emptyFile();
  const store = await SqliteStore.open(file);
  for (let id = 0; id < 500; id += 1) await store.seen.remember(`discord:100000000000000001/${id}`, id);
  await store.close();
  return file;
}
