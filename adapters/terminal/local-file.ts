import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { AttachmentError, type AttachmentErrorCode } from '../../bot/attachment-error.ts';

/** Far more than any model reads, and little enough to hold in memory twice. */
export const LARGEST_MB = 10;
export const LARGEST = LARGEST_MB * 1024 * 1024;

/** Where relative paths start, and what `~` stands for. */
export interface Folders {
  readonly working: string;
  readonly home: string;
}

/** What a person typed as a path, as the system wants it. */
export function resolvePath(typed: string, folders: Folders): string {
  return path.resolve(
    folders.working,
    typed.replace(/^~(?=$|[/\\])/u, () => folders.home),
  );
}

/** What is there; undefined for nothing, or for what nobody may look at. */
export async function look(location: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(location)).isDirectory() ? 'folder' : 'file';
  } catch {
    return undefined;
  }
}

/**
 * The bytes of a file.
 *
 * @param name is what the person called it.
 * @throws AttachmentError `NOT_FOUND`, `FOLDER`, `NOT_A_FILE`, `UNREADABLE`, `TOO_LARGE` or `EMPTY`.
 */
export async function readLocalFile(location: string, name: string): Promise<Uint8Array> {
  try {
    // Before it is opened: opening a pipe would wait for somebody to write into it.
    const found = await stat(location);
    if (found.isDirectory()) throw new AttachmentError('FOLDER', `${name} is a folder. Name a file in it.`);
    if (!found.isFile()) {
      throw new AttachmentError(
        'NOT_A_FILE',
        `${name} is no ordinary file. Name a text file, or paste the text.`,
      );
    }
    const bytes = await readUpTo(location, LARGEST + 1);
    if (bytes.length > LARGEST) {
      throw new AttachmentError('TOO_LARGE', `${name} is larger than ${LARGEST_MB} MB. Give a part of it.`);
    }
    if (bytes.length === 0)
      throw new AttachmentError('EMPTY', `${name} is empty. Give another file, or paste the text.`);
    return bytes;
  } catch (error) {
    throw error instanceof AttachmentError ? error : unreadable(error, name);
  }
}

/** The announced size is not trusted: files of `/proc` say 0, and others grow while they are read. */
async function readUpTo(location: string, limit: number): Promise<Uint8Array> {
  const file = await open(location);
  try {
    const parts: Uint8Array[] = [];
    let length = 0;
    while (length < limit) {
      const part = new Uint8Array(Math.min(limit - length, 256 * 1024));
      const { bytesRead } = await file.read(part);
      if (bytesRead === 0) break;
      parts.push(part.subarray(0, bytesRead));
      length += bytesRead;
    }
    return Buffer.concat(parts);
  } finally {
    await file.close();
  }
}

const REASONS: Readonly<Record<string, readonly [AttachmentErrorCode, (name: string) => string]>> = {
  ENOENT: [
    'NOT_FOUND',
    (name) => `There is no file ${name}. Check the path; it starts where you started Parley.`,
  ],
  ENOTDIR: ['NOT_FOUND', (name) => `There is no file ${name}: a part of that path is not a folder.`],
  EACCES: [
    'UNREADABLE',
    (name) => `You are not allowed to read ${name}. Change its permissions, or paste the text.`,
  ],
  EPERM: [
    'UNREADABLE',
    (name) => `You are not allowed to read ${name}. Change its permissions, or paste the text.`,
  ],
  ENAMETOOLONG: ['NOT_FOUND', () => 'There is no such file: the name is longer than that of any file.'],
};

function unreadable(error: unknown, name: string): AttachmentError {
  const system = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  const [code, message] = REASONS[system] ?? [
    'UNREADABLE',
    () => `${name} could not be read (${system}). Try a copy of it, or paste the text.`,
  ];
  return new AttachmentError(code, message(name), { cause: error });
}
