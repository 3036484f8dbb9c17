import { createHmac } from 'node:crypto';
import { type Clock, systemClock } from '../clock.ts';
import { MIGRATIONS } from './schema.ts';
import { SqliteFile, type Statement, textOf } from './sqlite-file.ts';
import { type OnUnreadable, turnsIn } from './sqlite-turns.ts';
import type { Feedback, Limits, Moments, Person, Seeds, SeenIds, Store, Turns } from './store.ts';
import { StoreError } from './store-error.ts';

/** How long a call waits for another program that writes (a backup, a shell): everything else waits with it. */
const PATIENCE_MS = 200;

/** How often it is tried to erase what another program still reads: a look into the file is over by then. */
const ERASING_ATTEMPTS = 5;
/** In between the bot has time for everything else. */
const ERASING_PAUSE_MS = 300;

export interface SqliteStoreOptions {
  readonly clock?: Clock;
  /** Absent: nobody is told of turns that cannot be read. */
  readonly onUnreadable?: OnUnreadable;
}

/** Keeps everything in one SQLite file. */
export class SqliteStore implements Store {
  readonly seen: SeenIds;
  readonly feedback: Feedback;
  readonly turns: Turns;
  readonly resets: Moments;
  readonly heard: Moments;
  readonly seeds: Seeds;
  readonly lasting = true;
  readonly #file: SqliteFile;
  readonly #clock: Clock;
  readonly #checkpoint: Statement;
  readonly #erasures: readonly ((person: Person) => void)[];
  readonly #prunings: readonly { readonly kind: keyof Limits; readonly statement: Statement }[];

  private constructor(
    file: SqliteFile,
    { clock = systemClock, onUnreadable = () => undefined }: SqliteStoreOptions,
  ) {
    this.#file = file;
    this.#clock = clock;
    this.#checkpoint = file.prepare('PRAGMA wal_checkpoint(TRUNCATE)');
    const pseudonym = pseudonymsIn(file);
    const feedback = feedbackIn(file, pseudonym);
    const turns = turnsIn(file, onUnreadable);
    const seeds = seedsIn(file, pseudonym);
    this.seen = seenIn(file);
    this.feedback = feedback;
    this.turns = turns;
    this.resets = momentsIn(file, 'resets');
    this.heard = momentsIn(file, 'heard');
    this.seeds = seeds;
    this.#erasures = [feedback.erase, turns.erase, seeds.erase];
    this.#prunings = [
      { kind: 'seen', statement: file.prepare(pruning('seen', 'id')) },
      { kind: 'feedback', statement: file.prepare(pruning('feedback', 'turn, person')) },
      { kind: 'turns', statement: file.prepare(pruning('turns', 'id')) },
      { kind: 'resets', statement: file.prepare(pruning('resets', 'conversation')) },
      { kind: 'heard', statement: file.prepare(pruning('heard', 'conversation')) },
      { kind: 'seeds', statement: file.prepare(pruning('seeds', 'conversation')) },
    ];
  }

  /**
   * Opens or makes the file; one that an earlier version made is brought up to date.
   *
   * @throws StoreError
   */
  static async open(path: string, options: SqliteStoreOptions = {}): Promise<SqliteStore> {
    const file = await SqliteFile.open(path, PATIENCE_MS);
    try {
      check(file, path);
      configure(file);
      migrate(file, path);
      return new SqliteStore(file, options);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  async prune(olderThan: Limits, atMost: number): Promise<boolean> {
    const forgotten = this.#prunings.map(({ kind, statement }) =>
      statement.run(Math.trunc(olderThan[kind]), atMost),
    );
    this.#tryToEmptyLog();
    return forgotten.some((rows) => rows === atMost);
  }

  async erase(person: Person): Promise<void> {
    this.#file.atOnce(() => {
      for (const erase of this.#erasures) erase(person);
    });
    for (let attempt = 1; !this.#emptyLog(); attempt += 1) {
      if (attempt === ERASING_ATTEMPTS)
        throw new StoreError('STORE_BUSY', 'Another program reads the file, which so keeps what is deleted.');
      await new Promise<void>((resolve) => {
        this.#clock.after(ERASING_PAUSE_MS, resolve);
      });
    }
  }

  async close(): Promise<void> {
    this.#tryToEmptyLog();
    this.#file.close();
  }

  #tryToEmptyLog(): void {
    try {
      this.#emptyLog();
    } catch {
      // The disk is full, or the store is closed: the next time, or the next start, makes up for it.
    }
  }

  /**
   * Nothing of what was deleted stays behind in the log of writes.
   *
   * @returns false when another program reads the file: SQLite calls that no error, and the log stays as it is.
   * @throws StoreError
   */
  #emptyLog(): boolean {
    const [row] = this.#checkpoint.all();
    return row?.busy === 0;
  }
}

function check(file: SqliteFile, path: string): void {
  const [row] = file.prepare('SELECT CAST(quick_check AS BLOB) AS result FROM pragma_quick_check(1)').all();
  const result = textOf(row?.result);
  if (result !== 'ok') throw new StoreError('STORE_DAMAGED', `${path} is damaged: ${result}.`);
}

/**
 * WAL: one write at the end of one file for each transaction. NORMAL: whatever happens to the process, nothing is lost;
 * when the machine loses its power, perhaps what was written since the last checkpoint. What is deleted is overwritten.
 */
function configure(file: SqliteFile): void {
  file.configure('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;');
}

function migrate(file: SqliteFile, path: string): void {
  const [row] = file.prepare('PRAGMA user_version').all();
  const version = Number(row?.user_version);
  if (version > MIGRATIONS.length) {
    throw new StoreError('STORE_NEWER', `${path} was written by a later version of Parley.`);
  }
  MIGRATIONS.slice(version).forEach((step, index) => {
    file.atOnce(() => file.run(`${step}; PRAGMA user_version = ${version + index + 1};`));
  });
}

function pruning(table: keyof Limits, key: string): string {
  return `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE at < ? ORDER BY at LIMIT ?)`;
}

function seenIn(file: SqliteFile): SeenIds {
  const put = file.prepare('INSERT INTO seen (id, at) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const latest = file.prepare('SELECT CAST(id AS BLOB) AS id FROM seen ORDER BY at DESC LIMIT ?');
  return {
    remember: async (id, at) => put.run(id, Math.trunc(at)) === 1,
    latest: async (limit) => latest.all(limit).map(({ id }) => textOf(id)),
  };
}

type Pseudonym = (person: Person) => string;

function pseudonymsIn(file: SqliteFile): Pseudonym {
  const [row] = file.prepare('SELECT CAST(key AS BLOB) AS key FROM pseudonyms').all();
  const key = textOf(row?.key);
  if (key === '') throw new StoreError('STORE_DAMAGED', 'The key of the pseudonyms is missing.');
  return (person) => createHmac('sha256', key).update(person).digest('hex');
}

interface Erasable {
  readonly erase: (person: Person) => void;
}

function feedbackIn(file: SqliteFile, pseudonym: Pseudonym): Feedback & Erasable {
  const put = file.prepare(
    `INSERT INTO feedback (turn, person, verdict, at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET verdict = excluded.verdict, at = excluded.at`,
  );
  const erase = file.prepare('DELETE FROM feedback WHERE person = ?');
  const count = `SELECT count(*) FILTER (WHERE verdict = 'good') AS good,
                        count(*) FILTER (WHERE verdict = 'bad') AS bad FROM feedback`;
  const ofAll = file.prepare(count);
  const ofTurn = file.prepare(`${count} WHERE turn = ?`);
  return {
    put: async ({ turn, person, verdict, at }) => {
      put.run(turn, pseudonym(person), verdict, Math.trunc(at));
    },
    tally: async (turn) => {
      const [tally] = turn === undefined ? ofAll.all() : ofTurn.all(turn);
      return { good: Number(tally?.good), bad: Number(tally?.bad) };
    },
    erase: (person) => void erase.run(pseudonym(person)),
  };
}

function momentsIn(file: SqliteFile, table: 'resets' | 'heard'): Moments {
  const put = file.prepare(
    `INSERT INTO ${table} (conversation, at) VALUES (?, ?) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)`,
  );
  const latest = file.prepare(
    `SELECT CAST(conversation AS BLOB) AS conversation, at FROM ${table} ORDER BY at DESC LIMIT ?`,
  );
  return {
    put: async (conversation, at) => {
      put.run(conversation, Math.trunc(at));
    },
    latest: async (limit) =>
      latest
        .all(limit)
        .map(({ conversation, at }) => ({ conversation: textOf(conversation), at: Number(at) })),
  };
}

function seedsIn(file: SqliteFile, pseudonym: Pseudonym): Seeds & Erasable {
  const put = file.prepare(
    `INSERT INTO seeds (conversation, seed, next, person, at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET seed = excluded.seed, next = excluded.next, person = excluded.person, at = excluded.at`,
  );
  const remove = file.prepare('DELETE FROM seeds WHERE conversation = ?');
  const erase = file.prepare('DELETE FROM seeds WHERE person = ?');
  const latest = file.prepare(
    'SELECT CAST(conversation AS BLOB) AS conversation, seed, next, at FROM seeds ORDER BY at DESC LIMIT ?',
  );
  const ofPerson = file.prepare(
    'SELECT CAST(conversation AS BLOB) AS conversation FROM seeds WHERE person = ?',
  );
  return {
    put: async ({ conversation, seed, next, person, at }) => {
      put.run(conversation, seed, next ? 1 : 0, pseudonym(person), Math.trunc(at));
    },
    remove: async (conversation) => {
      remove.run(conversation);
    },
    latest: async (limit) =>
      latest.all(limit).map(({ conversation, seed, next, at }) => ({
        conversation: textOf(conversation),
        seed: Number(seed),
        next: next === 1,
        at: Number(at),
      })),
    of: async (person) => ofPerson.all(pseudonym(person)).map(({ conversation }) => textOf(conversation)),
    erase: (person) => void erase.run(pseudonym(person)),
  };
}
