import { type FileHandle, open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { formatBytes } from './bytes.ts';
import { HubError } from './hub-error.ts';

/** The disk as the downloads use it; tests put a full one in its place. */
export interface Disk {
  open(path: string, flags: string): Promise<FileHandle>;
  /** Bytes that this user may still write where `path` is or will be; nothing where the system does not know. */
  freeBytes(path: string): Promise<number | undefined>;
}

export const systemDisk: Disk = {
  open: (path, flags) => open(path, flags),
  async freeBytes(path) {
    for (let folder = path; ; folder = dirname(folder)) {
      try {
        const { bavail, bsize, blocks } = await statfs(folder);
        // Some network file systems say nothing by saying zero.
        return blocks === 0 ? undefined : bavail * bsize;
      } catch {
        if (folder === dirname(folder)) return undefined;
      }
    }
  },
};

/** Left free on purpose: a disk filled to the last byte takes logs, the journal and other programs down with it. */
const RESERVE_BYTES = 64_000_000;

/** @throws HubError `HUB_NO_SPACE` */
export async function requireSpace(disk: Disk, folder: string, bytes: number): Promise<void> {
  const free = await disk.freeBytes(folder);
  if (free === undefined || bytes === 0 || free >= bytes + RESERVE_BYTES) return;
  const lacking = bytes + RESERVE_BYTES - free;
  throw new HubError(
    'HUB_NO_SPACE',
    `The download needs ${formatBytes(bytes)} in ${folder} (and ${formatBytes(RESERVE_BYTES)} to spare), and ${formatBytes(free)} are free. Free ${formatBytes(lacking)} more, or set MODEL_CACHE to a folder on another disk.`,
  );
}

const FULL: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the disk takes no file of this size',
};

const UNWRITABLE: Readonly<Record<string, string>> = {
  EACCES: 'it may not be written',
  EPERM: 'it may not be written',
  EROFS: 'it is on a read-only disk',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'a file is where a folder should be',
  EISDIR: 'a folder is where a file should be',
  ENOENT: 'something removed it in the meantime',
  EIO: 'the disk reports a fault',
  EBUSY: 'another program has it open',
  EMFILE: 'too many files are open',
};

/** A system error of the disk as a `HubError` that says what to do; other errors as they are. */
export function diskFailure(error: unknown, folder: string): unknown {
  if (error instanceof HubError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  const full = FULL[code];
  if (full !== undefined) {
    return new HubError(
      'HUB_DISK_FULL',
      `The download into ${folder} stopped: ${full}. What has arrived is kept. Free some space and start again, and it goes on from there; or set MODEL_CACHE to a folder on another disk.`,
      { cause: error },
    );
  }
  const unwritable = UNWRITABLE[code];
  if (unwritable === undefined) return error;
  return new HubError(
    'HUB_CACHE_UNWRITABLE',
    `The cache ${folder} cannot be used: ${unwritable} (${code}). Change that, or set MODEL_CACHE to another folder.`,
    { cause: error },
  );
}
