import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { formatBytes } from './bytes.ts';
import { checksumOf } from './checksum.ts';
import type { Clock } from './clock.ts';
import { type Disk, requireSpace } from './disk.ts';
import type { Content, HubClient } from './hub-client.ts';
import { HubError } from './hub-error.ts';
import type { FileMetadata, HubFile } from './hub-file.ts';
import { PartialFile } from './partial-file.ts';
import { type RetryNotice, withRetries } from './retry.ts';
import { TransferMeter, type TransferProgress } from './transfer-meter.ts';

/** One file to fetch. */
export interface FileOrder {
  /** Pinned to a commit. */
  readonly file: HubFile;
  /** As the hub announced it for that commit. */
  readonly metadata: FileMetadata;
  /** Where the whole file belongs. */
  readonly target: string;
  /** Where unfinished files are kept, on the same disk. */
  readonly partials: string;
}

export interface TransferOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly disk: Disk;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
}

/** A damaged file is fetched once more from its beginning; damage that comes twice is not chance. */
const MOST_ROUNDS = 2;

/** Where what has arrived of a file is kept: its version is in the name, so that two versions never mix. */
export function partialPath({ file, metadata, partials }: FileOrder): string {
  // An odd etag of a mirror must not become an odd path.
  const version = metadata.etag.replace(/[^A-Za-z0-9]/g, '').slice(0, 64);
  return join(partials, `${file.path}.${version}.partial`);
}

/**
 * Fetches one file into its place: goes on where an earlier attempt stopped, waits out passing faults, and gives the file
 * its name only when length and hash are what the hub announced.
 *
 * @throws HubError; what has arrived is kept for the next time, unless it proved to be damaged
 */
export async function downloadFile(
  order: FileOrder,
  client: HubClient,
  options: TransferOptions,
): Promise<void> {
  const path = partialPath(order);
  await removeOtherVersions(order.file.path, path);
  for (let round = 1; ; round++) {
    const partial = await PartialFile.open(path, options.disk, options.signal);
    try {
      await fill(partial, order, client, options);
      const damage = await damageOf(partial, order.metadata);
      if (damage === undefined) return await partial.moveTo(order.target);
      await partial.discard();
      if (round === MOST_ROUNDS) throw corrupt(order.file, client.hostName, damage);
    } finally {
      await partial.close();
    }
  }
}

/** Attempts until the announced length is there or the server has no more to give. */
async function fill(
  partial: PartialFile,
  { file, metadata, target }: FileOrder,
  client: HubClient,
  options: TransferOptions,
): Promise<void> {
  const { clock, disk, signal } = options;
  const size = metadata.size ?? Number.POSITIVE_INFINITY;
  if (partial.size > size) await partial.clear();
  if (metadata.size !== undefined) await requireSpace(disk, dirname(target), size - partial.size);
  const meter = new TransferMeter(file.path, metadata.size, clock, options.onProgress ?? (() => undefined));
  meter.startAt(partial.size);
  let furthest = partial.size;

  await withRetries(
    async (progressed) => {
      // Without a length there is no telling what a part belongs to.
      if (metadata.size === undefined) await partial.clear();
      if (partial.size >= size) return;
      await client.read(file, partial.size, signal, async (content) => {
        requireSame(content, metadata, file, client.hostName);
        for await (const chunk of missing(content, partial.size)) {
          await partial.append(chunk);
          meter.add(chunk.length);
          if (partial.size > size) return;
          if (partial.size <= furthest) continue;
          furthest = partial.size;
          progressed();
        }
      });
      if (partial.size < size && metadata.size !== undefined) {
        throw endedEarly(partial.size, size, file, client.hostName);
      }
    },
    { ...options, waitForNetwork: true },
  );
}

/** The part of a body that is not on the disk yet; a server without ranges sends what is there once more. */
async function* missing(content: Content, have: number): AsyncGenerator<Uint8Array> {
  let at = content.start;
  for await (const chunk of content.body) {
    const known = Math.max(0, have - at);
    at += chunk.length;
    if (known < chunk.length) yield chunk.subarray(known);
  }
}

/** @throws HubError when the answer is about another version of the file, or about something else */
function requireSame(content: Content, expected: FileMetadata, file: HubFile, host: string): void {
  const { commit, etag } = content.metadata;
  if (commit !== expected.commit || etag !== expected.etag) {
    throw new HubError('HUB_CHANGED', `${file.id}/${file.path} changed on ${host} during the download.`);
  }
  if (expected.size === undefined || content.length === undefined || content.length === expected.size) return;
  throw new HubError(
    'HUB_CORRUPT',
    `${host} announced ${expected.size} bytes for ${file.id}/${file.path}, and its storage has ${content.length}. Nothing of it is used. Try again later, or set MODEL_HOST to a mirror.`,
    { retry: 'yes' },
  );
}

async function damageOf(partial: PartialFile, { etag, size }: FileMetadata): Promise<string | undefined> {
  if (size !== undefined && partial.size !== size) return `it has ${partial.size} bytes instead of ${size}`;
  const checksum = checksumOf(etag);
  if (!checksum) return size === undefined ? 'neither its length nor its hash was announced' : undefined;
  if (await partial.matches(checksum)) return undefined;
  return `its content is not the announced one (${checksum.algorithm === 'sha256' ? 'SHA-256' : 'git blob id'} differs)`;
}

async function removeOtherVersions(name: string, keep: string): Promise<void> {
  const folder = dirname(keep);
  for (const entry of await readdir(folder).catch(() => [])) {
    const isVersion =
      entry.startsWith(`${name}.`) && /^[A-Za-z0-9]+\.partial$/.test(entry.slice(name.length + 1));
    if (isVersion && entry !== basename(keep)) await rm(join(folder, entry), { force: true });
  }
}

function endedEarly(have: number, size: number, { id, path }: HubFile, host: string): HubError {
  return new HubError(
    'HUB_UNREACHABLE',
    `${host} ended ${id}/${path} after ${formatBytes(have)} of ${formatBytes(size)}. What has arrived is kept, and the next start goes on from there.`,
    { retry: 'yes' },
  );
}

function corrupt({ id, path }: HubFile, host: string, damage: string): HubError {
  return new HubError(
    'HUB_CORRUPT',
    `${id}/${path} arrived damaged from ${host}, twice: ${damage}. Nothing of it is used. Try again later, or set MODEL_HOST to another mirror.`,
  );
}
