import { rename, rm, stat } from 'node:fs/promises';

/** The companions that SQLite keeps beside its file; what was not moved into the file yet lies in the first. */
const COMPANIONS = ['-wal', '-shm'] as const;

/**
 * Puts a damaged file aside, for whoever wants to save something of it (`sqlite3 FILE .recover`), in place of an
 * earlier one.
 *
 * @returns where it lies now.
 */
export async function putAside(file: string): Promise<string> {
  const aside = asideOf(file);
  await forget(aside);
  await rename(file, aside);
  for (const companion of COMPANIONS) {
    await rename(`${file}${companion}`, `${aside}${companion}`).catch(() => undefined);
  }
  return aside;
}

/** Deletes what was put aside when nothing was written into it since that moment (milliseconds since the epoch). */
export async function forgetAside(file: string, olderThan: number): Promise<void> {
  const aside = asideOf(file);
  const written = await stat(aside).catch(() => undefined);
  if (written && written.mtimeMs < olderThan) await forget(aside);
}

function asideOf(file: string): string {
  return `${file}.damaged`;
}

async function forget(file: string): Promise<void> {
  for (const companion of ['', ...COMPANIONS]) await rm(`${file}${companion}`, { force: true });
}
