import { createHmac } from 'node:crypto';
import { MIGRATIONS } from './schema.ts';
import { SqliteFile, type Statement, textOf } from './sqlite-file.ts';
import { turnsIn } from './sqlite-turns.ts';
import type { Feedback, Limits, SeenIds, Store, Turns } from './store.ts';
import { StoreError } from './store-error.ts';

/** How long a call waits for another program that writes (a backup, a shell): everything else waits with it. */
const PATIENCE_MS = 200;

/** Keeps everything in one SQLite file. */
export class SqliteStore implements Store {
  readonly seen: SeenIds;
  readonly feedback: Feedback;
  readonly turns: Turns;
  readonly lasting = true;
  readonly #file: SqliteFile;
  readonly #prunings: readonly { readonly kind: keyof Limits; readonly statement: Statement }[];

  private constructor(file: SqliteFile) {
    this.#file = file;
    this.seen = seenIn(file);
    this.feedback = feedbackIn(file);
    this.turns = turnsIn(file);
    this.#prunings = [
      { kind: 'seen', statement: file.prepare(pruning('seen', 'id')) },
      { kind: 'feedback', statement: file.prepare(pruning('feedback', 'turn, person')) },
      { kind: 'turns', statement: file.prepare(pruning('turns', 'id')) },
    ];
  }

  /**
   * Opens or makes the file; one that an earlier version made is brought up to date.
   *
   * @throws StoreError
   */
  static async open(path: string): Promise<SqliteStore> {
    const file = await SqliteFile.open(path, PATIENCE_MS);
    try {
      check(file, path);
      configure(file);
      migrate(file, path);
      return new SqliteStore(file);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  async prune(olderThan: Limits, atMost: number): Promise<boolean> {
    const forgotten = this.#prunings.map(({ kind, statement }) =>
      statement.run(Math.trunc(olderThan[kind]), atMost),
    );
    return forgotten.some((rows) => rows === atMost);
  }

  async close(): Promise<void> {
    try {
      // Nothing of what was forgotten stays behind in the log of writes.
      this.#file.run('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // The next start takes the log up.
    }
    this.#file.close();
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
  file.run('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;');
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

function feedbackIn(file: SqliteFile): Feedback {
  const [row] = file.prepare('SELECT CAST(key AS BLOB) AS key FROM pseudonyms').all();
  const key = textOf(row?.key);
  if (key === '') throw new StoreError('STORE_DAMAGED', 'The key of the pseudonyms is missing.');
  const pseudonym = (person: string) => createHmac('sha256', key).update(person).digest('hex');
  const put = file.prepare(
    `INSERT INTO feedback (turn, person, verdict, at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET verdict = excluded.verdict, at = excluded.at`,
  );
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
  };
}
