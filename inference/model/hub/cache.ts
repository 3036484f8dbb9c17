import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from './clock.ts';
import { diskFailure } from './disk.ts';
import { idOfFolderName, isHubId, requireHubId } from './hub-id.ts';
import { LockFile } from './lock-file.ts';
import { completeManifest, currentCommit, hubFolder, repositoryPaths, sizeOf } from './snapshot.ts';

/** A checkpoint in the cache, whole and verified when it arrived. */
export interface CachedCheckpoint {
  readonly id: string;
  readonly commit: string;
  /** Holds `config.json`, `tokenizer.json`, `tokenizer_config.json` and `model.safetensors`. */
  readonly folder: string;
  /** Bytes of the checkpoint's files. */
  readonly bytes: number;
}

/** What the cache holds of one repository. */
export interface CacheEntry {
  readonly id: string;
  /** Absent while nothing whole has arrived. */
  readonly checkpoint: CachedCheckpoint | undefined;
  /** Everything on the disk, unfinished files and older versions included. */
  readonly bytesOnDisk: number;
}

/**
 * The checkpoint of this id, if all of it is in the cache; no network is used. A folder in which a file is missing or has
 * another length than when it arrived does not count.
 *
 * @throws HubError `HUB_ID_INVALID`
 */
export async function findCached(cacheDir: string, id: string): Promise<CachedCheckpoint | undefined> {
  requireHubId(id);
  const paths = repositoryPaths(cacheDir, id);
  const commit = await currentCommit(paths);
  if (commit === undefined) return undefined;
  const folder = paths.snapshot(commit);
  const manifest = await completeManifest(folder);
  if (manifest?.commit !== commit) return undefined;
  const bytes = Object.values(manifest.files).reduce((sum, { size }) => sum + size, 0);
  return { id, commit, folder, bytes };
}

/** Everything that was fetched, or begun, in the order of its ids. */
export async function listCached(cacheDir: string): Promise<readonly CacheEntry[]> {
  const hub = hubFolder(cacheDir);
  const entries = await readdir(hub, { withFileTypes: true }).catch(() => []);
  const found: CacheEntry[] = [];
  for (const entry of entries) {
    const id = idOfFolderName(entry.name);
    if (!entry.isDirectory() || !isHubId(id)) continue;
    const checkpoint = await findCached(cacheDir, id);
    const bytesOnDisk = await bytesUnder(join(hub, entry.name));
    // Folders of something that was refused.
    if (bytesOnDisk > 0) found.push({ id, checkpoint, bytesOnDisk });
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

export interface RemoveOptions {
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then while a download of this id by another process is waited for. */
  readonly onWait?: (() => void) | undefined;
}

/**
 * Removes everything of this id; `false` when there was nothing.
 *
 * @throws HubError `HUB_ID_INVALID`, `HUB_CACHE_UNWRITABLE`
 */
export async function removeCached(
  cacheDir: string,
  id: string,
  options: RemoveOptions = {},
): Promise<boolean> {
  requireHubId(id);
  const paths = repositoryPaths(cacheDir, id);
  const there = await readdir(paths.folder).catch(() => undefined);
  if (!there) return false;
  const lock = await LockFile.acquire(paths.lock, {
    clock: options.clock ?? systemClock,
    signal: options.signal,
    onWait: () => options.onWait?.(),
  });
  try {
    await rm(paths.folder, { recursive: true, force: true });
    return true;
  } catch (error) {
    throw diskFailure(error, paths.folder);
  } finally {
    await lock.release();
  }
}

/** Files that two commits share are counted once for each. */
async function bytesUnder(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(entries.map((name) => sizeOf(join(folder, name))));
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}
