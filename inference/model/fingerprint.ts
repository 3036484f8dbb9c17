import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceError } from '../errors.ts';
import { CHECKPOINT_FILES } from '../graph/checkpoint.ts';

/** Hex digits of a fingerprint: enough that two checkpoints never share one. */
const LENGTH = 32;

/**
 * A hash of a checkpoint's content. Hashing 548 MB takes most of a second and xl takes ten, so the result is remembered in
 * `memory` for as long as path, size and time stamps of every file stay the same.
 *
 * @throws InferenceError `CHECKPOINT_INVALID` when a file cannot be read.
 */
export async function fingerprint(folder: string, memory: string): Promise<string> {
  const paths = CHECKPOINT_FILES.map((name) => join(folder, name));
  const stamps = await Promise.all(
    paths.map(async (path) => {
      const { size, mtimeMs, ctimeMs, ino } = await stat(path);
      return [await realpath(path), size, mtimeMs, ctimeMs, ino];
    }),
  );
  const note = join(memory, `${digest(JSON.stringify(stamps))}.fingerprint`);
  const known = await readFile(note, 'utf8').catch(() => '');
  if (/^[0-9a-f]{32}$/.test(known)) return known;

  const hash = createHash('sha256');
  for (const path of paths) await hashFile(path, hash);
  const result = hash.digest('hex').slice(0, LENGTH);
  await remember(note, memory, result).catch(() => undefined);
  return result;
}

async function hashFile(path: string, hash: Hash): Promise<void> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new InferenceError('CHECKPOINT_INVALID', `${path} cannot be read (${code ?? message}).`, { cause });
  }
}

/** Best effort: without the note the next start hashes again. */
async function remember(note: string, memory: string, result: string): Promise<void> {
  await mkdir(memory, { recursive: true });
  const draft = `${note}.${process.pid}`;
  await writeFile(draft, result);
  await rename(draft, note);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, LENGTH);
}
