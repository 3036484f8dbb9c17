import path from 'node:path';
import type { Clock } from '../clock.ts';
import { SqliteFile } from './sqlite-file.ts';
import { StoreError } from './store-error.ts';

/** How often a waiting bot tries again. */
const EVERY_MS = 250;

export interface FolderLockOptions {
  readonly clock: Clock;
  /** How long to wait for another bot to let go: one that is being replaced needs a moment to stop. */
  readonly patienceMs: number;
  /** Called once, when another bot has it. */
  readonly onWait?: () => void;
}

/**
 * Makes sure that a data folder has one bot at a time. The lock is a transaction on an empty database: the operating
 * system lets go of it when the process ends, however that happens, so a crashed bot never keeps the next one out.
 */
export class FolderLock {
  /** The library closes a file to which nobody refers, and with it goes the lock: whoever has taken one keeps it until it is released. */
  static readonly #taken = new Set<FolderLock>();
  readonly #file: SqliteFile;

  private constructor(file: SqliteFile) {
    this.#file = file;
    FolderLock.#taken.add(this);
  }

  /** @throws StoreError `STORE_IN_USE`, `STORE_UNAVAILABLE` */
  static async take(folder: string, { clock, patienceMs, onWait }: FolderLockOptions): Promise<FolderLock> {
    const file = await SqliteFile.open(path.join(folder, 'parley.lock'), 0);
    const until = clock.now() + patienceMs;
    try {
      for (let attempt = 1; !locks(file); attempt += 1) {
        if (clock.now() >= until) throw inUse(folder);
        if (attempt === 1) onWait?.();
        await new Promise<void>((resolve) => {
          clock.after(EVERY_MS, resolve);
        });
      }
      return new FolderLock(file);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Safe to call twice. */
  release(): void {
    FolderLock.#taken.delete(this);
    this.#file.close();
  }
}

function locks(file: SqliteFile): boolean {
  try {
    // No journal: the file stays empty, and nothing appears beside it.
    file.run('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'STORE_BUSY') return false;
    throw error;
  }
}

function inUse(folder: string): StoreError {
  return new StoreError(
    'STORE_IN_USE',
    `another Parley uses the data folder ${folder}. Stop that one first, or set DATA_DIR to a folder of its own for this one.`,
  );
}
