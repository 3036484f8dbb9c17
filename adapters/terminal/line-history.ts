import {
  closeSync,
  existsSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

/** A line that is longer was hardly typed, and nobody looks for it with the arrow keys. */
const LONGEST_LINE = 1000;

/** Of a file that has grown beyond all measure, the end is read. */
const MOST_READ = 1024 * 1024;

/** Whoever shares the machine has no business with what was asked here. */
const OWNER_ONLY = { file: 0o600, folder: 0o700 } as const;

export interface LineHistoryOptions {
  /** Absent: nothing outlives the session. */
  readonly file?: string;
  /** Lines kept at least; the file is shortened to so many when it has twice as many. */
  readonly lines: number;
}

/**
 * The lines typed at the prompt, across sessions: a line each in a file that only its owner may read. It is a comfort, so
 * a file that cannot be read or written makes no noise: then there is no history.
 */
export class LineHistory {
  #file: string | undefined;
  readonly #lines: number;
  #newest = '';

  constructor({ file, lines }: LineHistoryOptions) {
    this.#file = file;
    this.#lines = lines;
  }

  /** What is in the file, newest first and each line once. */
  load(): string[] {
    const stored = this.#attempt(readLines) ?? [];
    this.#newest = stored.at(-1) ?? '';
    const lines = [...new Set(stored.toReversed())].slice(0, this.#lines);
    if (stored.length > 2 * this.#lines) this.#attempt((file) => write(file, 'w', lines.toReversed()));
    return lines;
  }

  /** Puts a line behind the others, unless it is one that nobody wants to find there. */
  add(line: string): void {
    if (!isKept(line) || line === this.#newest) return;
    this.#newest = line;
    this.#attempt((file) => write(file, 'a', [line]));
  }

  #attempt<Result>(work: (file: string) => Result): Result | undefined {
    if (this.#file === undefined) return undefined;
    try {
      return work(this.#file);
    } catch (error) {
      // A file that is not there yet is made by the first line.
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!missing) this.#file = undefined;
      return undefined;
    }
  }
}

/** As shells have it, a blank in front keeps a line out. */
function isKept(line: string): boolean {
  return line.length <= LONGEST_LINE && !/^\s|^$|\p{Cc}/u.test(line);
}

function readLines(file: string): readonly string[] {
  // Before it is opened: a pipe would wait for somebody to write into it, and /dev/null is a way to say none.
  if (!statSync(file).isFile()) throw new Error('not a file');
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const start = Math.max(0, size - MOST_READ);
    const bytes = Buffer.alloc(Math.min(size, MOST_READ));
    const length = readSync(descriptor, bytes, 0, bytes.length, start);
    const lines = bytes.toString('utf8', 0, length).split(/\r?\n/u);
    // Its beginning was not read.
    return (start > 0 ? lines.slice(1) : lines).filter(isKept);
  } finally {
    closeSync(descriptor);
  }
}

/** Not Node's own way, `recursive`: where the system lets no folder be made and says that none is there, it tries for ever. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  mkdirSync(folder, { mode: OWNER_ONLY.folder });
}

function write(file: string, flag: 'a' | 'w', lines: readonly string[]): void {
  makeFolder(path.dirname(file));
  const descriptor = openSync(file, flag, OWNER_ONLY.file);
  try {
    // The mode counts only for a file that is made; one that was there may be open to others.
    if ((fstatSync(descriptor).mode & 0o077) !== 0) fchmodSync(descriptor, OWNER_ONLY.file);
    writeSync(descriptor, lines.map((line) => `${line}\n`).join(''));
  } finally {
    closeSync(descriptor);
  }
}
