import { chmod, open } from 'node:fs/promises';
import type { Database } from 'libsql';
import { StoreError } from './store-error.ts';

export type Value = string | number | null;

/** A statement that is prepared once and kept: the library frees its memory only long after the last use. */
export interface Statement {
  /** @returns how many rows changed. @throws StoreError */
  run(...values: readonly Value[]): number;
  /**
   * Texts must be read as bytes, `CAST(name AS BLOB)`, and through `textOf`: what is not UTF-8, as in a file that is
   * damaged, ends the process in the library.
   *
   * @throws StoreError
   */
  all(...values: readonly Value[]): readonly Readonly<Record<string, unknown>>[];
}

/** Its owner may read and write it, and nobody else: it tells who asked and when. */
const OWNER_ONLY = 0o600;

/**
 * A connection to one SQLite file, with the library's quirks behind it. Calls are synchronous: they take some ten
 * microseconds, and up to `patienceMs` while another program writes.
 */
export class SqliteFile {
  readonly #connect: () => Database;
  readonly #path: string;
  #database: Database;
  /** How many connections there have been: statements belong to one. */
  #connection = 1;
  #spoilt = false;
  #settings = '';
  #open = true;

  private constructor(connect: () => Database, path: string) {
    this.#connect = connect;
    this.#path = path;
    this.#database = connect();
  }

  /**
   * Opens or makes the file. Nothing in it is looked at yet.
   *
   * @throws StoreError `STORE_UNAVAILABLE`
   */
  static async open(path: string, patienceMs: number): Promise<SqliteFile> {
    try {
      await ownerOnly(path);
      // Where the package has no binary for this machine, everything else still works.
      const { default: Libsql } = await import('libsql');
      return new SqliteFile(() => new Libsql(path, { timeout: patienceMs }), path);
    } catch (error) {
      throw unavailable(path, error);
    }
  }

  prepare(sql: string): Statement {
    const prepare = () => this.#database.prepare<[readonly Value[]]>(sql);
    let prepared = this.#guarded(prepare);
    let connection = this.#connection;
    const current = () => {
      if (connection !== this.#connection) {
        prepared = prepare();
        connection = this.#connection;
      }
      return prepared;
    };
    return {
      run: (...values) => this.#guarded(() => this.#withRoom(() => current().run(values).changes)),
      all: (...values) => this.#guarded(() => current().all(values) as Readonly<Record<string, unknown>>[]),
    };
  }

  /** Runs statements that hold for a connection. @throws StoreError */
  configure(settings: string): void {
    this.run(settings);
    this.#settings = settings;
  }

  /** Runs statements without parameters. @throws StoreError */
  run(sql: string): void {
    this.#guarded(() => this.#database.exec(sql));
  }

  /** All of it or nothing, also when the process dies in the middle. @throws StoreError */
  atOnce<T>(work: () => T): T {
    this.run('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.run('COMMIT');
      return result;
    } catch (error) {
      // Some errors, like a full disk, have ended the transaction already.
      if (this.#database.inTransaction) this.run('ROLLBACK');
      throw error;
    }
  }

  /** Safe to call twice. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#database.close();
  }

  /**
   * On a full disk the log of writes is emptied into the file first, which needs no room for what replaces older pages: so
   * a journal that grows and shrinks goes on.
   */
  #withRoom<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!/^SQLITE_(?:FULL|IOERR)/.test(codeOf(error)) || this.#database.inTransaction) throw error;
      this.#reconnect();
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      return work();
    }
  }

  #guarded<T>(work: () => T): T {
    // The library goes on serving prepared statements of a closed database.
    if (!this.#open) throw new StoreError('STORE_UNAVAILABLE', `${this.#path} is closed.`);
    try {
      if (this.#spoilt && !this.#database.inTransaction) this.#reconnect();
      return work();
    } catch (error) {
      this.#spoilt = true;
      throw explained(this.#path, error);
    }
  }

  /**
   * The library never resets a statement that has failed, and SQLite keeps nothing of a connection while one is at work:
   * what is written afterwards seems to succeed, and is gone with the process.
   */
  #reconnect(): void {
    const spoilt = this.#database;
    this.#database = this.#connect();
    this.#connection += 1;
    spoilt.close();
    this.#database.exec(this.#settings);
    this.#spoilt = false;
  }
}

/** A text that was read as bytes; empty for anything else. */
export function textOf(value: unknown): string {
  return value instanceof ArrayBuffer ? Buffer.from(value).toString('utf8') : '';
}

/** SQLite gives its companions (`-wal`, `-shm`) the file's own permissions. */
async function ownerOnly(path: string): Promise<void> {
  try {
    const created = await open(path, 'wx', OWNER_ONLY);
    await created.close();
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    // Not opened and closed: that would let go of locks that this process has on it.
    await chmod(path, OWNER_ONLY);
  }
}

function explained(path: string, error: unknown): StoreError {
  const code = codeOf(error);
  // What we ask for never changes: where SQLite does not understand it, the tables are not ours any more.
  if (/^SQLITE_(?:CORRUPT|NOTADB|ERROR)/.test(code)) {
    return new StoreError('STORE_DAMAGED', `${path} is damaged: ${reasonOf(error)}.`, { cause: error });
  }
  if (/^SQLITE_(?:BUSY|LOCKED)/.test(code)) {
    return new StoreError('STORE_BUSY', `Another program holds ${path}.`, { cause: error });
  }
  return unavailable(path, error);
}

function unavailable(path: string, error: unknown): StoreError {
  return new StoreError('STORE_UNAVAILABLE', `${path} cannot be used: ${reasonOf(error)}.`, { cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  return code === '' || message.includes(code) ? message : `${message} (${code})`;
}
