import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Disk, systemDisk } from '../../../../inference/model/hub/disk.ts';
import {
  downloadFile,
  type FileOrder,
  partialPath,
  type TransferOptions,
} from '../../../../inference/model/hub/download.ts';
import { HubClient } from '../../../../inference/model/hub/hub-client.ts';
import type { TransferProgress } from '../../../../inference/model/hub/transfer-meter.ts';
import type { SeenRequest } from '../../../fakes/hub/fault.ts';
import { failureOf, ID, startHub, temporaryFolder } from './hub-fixture.ts';
import { ManualClock } from './manual-clock.ts';

const SIZE = 300_000;

/** A hub with one large file, and an order for it. */
async function setUp(options: { readonly small?: boolean } = {}) {
  const hub = await startHub();
  const content = randomBytes(SIZE);
  const repository = hub.addRepository(ID, { large: () => !options.small });
  const commit = repository.commit({ weights: content });
  const clock = new ManualClock();
  const client = new HubClient({ host: hub.url, clock });
  const folder = await temporaryFolder();
  const metadata = await client.metadata({ id: ID, revision: commit, path: 'weights' });
  const order: FileOrder = {
    file: { id: ID, revision: commit, path: 'weights' },
    metadata,
    target: join(folder, commit, 'weights'),
    partials: join(folder, 'partial'),
  };
  const transfer: TransferOptions = {
    clock,
    random: () => 1,
    disk: systemDisk,
    onRetry: clock.passWaits,
  };
  const arrived = async () => (await readFile(order.target)).equals(content);
  return { hub, content, repository, clock, client, order, transfer, arrived };
}

/** Leaves what an interrupted download would have left. */
async function leavePartial(order: FileOrder, content: Buffer): Promise<void> {
  await mkdir(order.partials, { recursive: true });
  await writeFile(partialPath(order), content);
}

describe('a download', () => {
  it('arrives byte for byte, and leaves nothing behind', async () => {
    const { hub, client, order, transfer, arrived } = await setUp();
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
    expect(await readdir(order.partials)).toEqual([]);
    expect(hub.downloads.map(({ range }) => range)).toEqual([undefined]);
  });

  it('of a small file is checked against git’s blob id', async () => {
    const { hub, client, order, transfer, arrived } = await setUp({ small: true });
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
    expect(hub.downloads).toEqual([]);
  });

  it('reports from its beginning to its end', async () => {
    const { client, order, transfer } = await setUp();
    const seen: TransferProgress[] = [];
    await downloadFile(order, client, { ...transfer, onProgress: (progress) => seen.push(progress) });
    expect(seen.at(0)).toMatchObject({ file: 'weights', bytes: 0, total: SIZE });
    expect(seen.at(-1)).toMatchObject({ bytes: SIZE, total: SIZE, secondsLeft: 0 });
  });
});

describe('a server that compresses although it was asked not to', () => {
  const gzipped = {
    content: (body: Buffer) => gzipSync(body),
    headers: { 'content-encoding': 'gzip', 'content-length': undefined },
  };
  const isFinal = ({ path }: SeenRequest) => path.startsWith('/api/resolve-cache/');

  it('hides no damage: the length that counts is the announced one', async () => {
    const { hub, client, order, transfer, arrived } = await setUp({ small: true });
    hub.breakRequests(isFinal, gzipped, 100);
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
  });

  it('is read from the beginning again after a cut, where it announces no length at all', async () => {
    const { hub, clock, client, order, transfer, arrived } = await setUp({ small: true });
    const unannounced = { ...order, metadata: { ...order.metadata, size: undefined } };
    hub.breakRequests(isFinal, { ...gzipped, cutAfter: 100_000 });
    hub.breakRequests(isFinal, gzipped);
    await downloadFile(unannounced, client, transfer);
    expect(await arrived()).toBe(true);
    expect(clock.reasons).toEqual(['HUB_UNREACHABLE']);
    expect(hub.requests.some(({ range }) => range !== undefined)).toBe(false);
  });
});

describe('an interrupted download', () => {
  it('goes on where the connection was cut', async () => {
    const { hub, clock, client, order, transfer, arrived } = await setUp();
    hub.breakStorage({ cutAfter: 100_000 });
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
    // How much of what was sent before the cut still arrived is the system's affair.
    const [first, second] = hub.downloads.map(({ range }) => range);
    expect([first, second]).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
    expect(clock.reasons).toEqual(['HUB_UNREACHABLE']);
  });

  it('goes on after a restart, with the hash over what is on the disk already', async () => {
    const { hub, content, client, order, transfer, arrived } = await setUp();
    await leavePartial(order, content.subarray(0, 123_457));
    const seen: TransferProgress[] = [];
    await downloadFile(order, client, { ...transfer, onProgress: (progress) => seen.push(progress) });
    expect(await arrived()).toBe(true);
    expect(hub.downloads.map(({ range }) => range)).toEqual(['bytes=123457-']);
    expect(seen[0]).toMatchObject({ bytes: 123_457 });
  });

  it('needs no further byte when only the last step was missing', async () => {
    const { hub, content, client, order, transfer, arrived } = await setUp();
    await leavePartial(order, content);
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
    expect(hub.downloads).toEqual([]);
  });

  it('survives a bad line, as long as each attempt brings something', async () => {
    const { hub, clock, client, order, transfer, arrived } = await setUp();
    hub.breakStorage({ cutAfter: 15_000 }, 20);
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
    // The waits do not grow: every attempt made progress.
    expect(new Set(clock.waits)).toEqual(new Set([1000]));
  });

  it('skips what is there when the server knows no ranges', async () => {
    const { hub, content, client, order, transfer, arrived } = await setUp();
    await leavePartial(order, content.subarray(0, 100_001));
    hub.breakStorage({ noRange: true });
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
    expect(hub.downloads).toHaveLength(1);
  });

  it('gives up a server that cuts at the same place for ever, and keeps what arrived', async () => {
    const { hub, clock, client, order, transfer } = await setUp();
    hub.breakStorage({ cutAfter: 50_000, noRange: true }, 100);
    const error = await failureOf(downloadFile(order, client, transfer));
    expect(error.code).toBe('HUB_UNREACHABLE');
    expect(error.message).toMatch(/Tried 8 times/);
    expect(clock.waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect((await stat(partialPath(order))).size).toBe(50_000);
  });

  it('forgets what arrived of an older version of the file', async () => {
    const { hub, content, client, order, transfer, arrived } = await setUp();
    await leavePartial({ ...order, metadata: { ...order.metadata, etag: 'older' } }, content.subarray(0, 10));
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
    expect(hub.downloads.map(({ range }) => range)).toEqual([undefined]);
    expect(await readdir(order.partials)).toEqual([]);
  });

  it('stops at once when the caller has had enough, and keeps what arrived', async () => {
    const { hub, client, order, transfer } = await setUp();
    const enough = new AbortController();
    hub.breakStorage({ pauseAfter: 100_000, until: new Promise(() => undefined) });
    const downloading = failureOf(downloadFile(order, client, { ...transfer, signal: enough.signal }));
    await expect.poll(async () => (await stat(partialPath(order))).size).toBeGreaterThan(0);
    enough.abort(new Error('quit'));
    const error = await downloading;
    expect(error.message).toBe('quit');
    expect((await stat(partialPath(order))).size).toBeGreaterThan(0);
  });
});

describe('a hub that has a bad moment', () => {
  it('is asked again, with growing pauses', async () => {
    const { hub, clock, client, order, transfer, arrived } = await setUp();
    hub.breakStorage({ status: 503 }, 3);
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
    expect(clock.waits).toEqual([1000, 2000, 4000]);
    expect(clock.reasons).toEqual(['HUB_UNAVAILABLE', 'HUB_UNAVAILABLE', 'HUB_UNAVAILABLE']);
  });

  it('is given the pause that it asks for', async () => {
    const { hub, clock, client, order, transfer, arrived } = await setUp();
    hub.breakHub('weights', { status: 429, headers: { 'retry-after': '120' } });
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
    expect(clock.waits).toEqual([120_000]);
  });

  it('is not waited for when it asks for an hour', async () => {
    const { hub, clock, client, order, transfer } = await setUp();
    hub.breakHub('weights', { status: 429, headers: { 'retry-after': '3600' } });
    const error = await failureOf(downloadFile(order, client, transfer));
    expect(error.code).toBe('HUB_UNAVAILABLE');
    expect(error.message).toMatch(/pause of 60 minutes/);
    expect(clock.waits).toEqual([]);
  });

  it('whose link to the storage has run out is asked for a fresh one', async () => {
    const { hub, client, order, transfer, arrived } = await setUp();
    hub.breakStorage({ status: 403 });
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
    const gets = hub.requests.filter(({ method }) => method === 'GET').map(({ origin }) => origin);
    expect(gets).toEqual(['hub', 'storage', 'hub', 'storage']);
  });
});

describe('a damaged file is never used', () => {
  const flipped = (content: Buffer) => {
    const copy = Buffer.from(content);
    copy[1234] = (copy[1234] ?? 0) ^ 1;
    return copy;
  };

  it('one wrong bit: it is fetched once more from the beginning', async () => {
    const { hub, client, order, transfer, arrived } = await setUp();
    hub.breakStorage({ content: flipped });
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
    expect(hub.downloads.map(({ range }) => range)).toEqual([undefined, undefined]);
  });

  it.each([
    ['large', false, /SHA-256 differs/],
    ['small', true, /git blob id differs/],
  ])('a %s file that is wrong twice is a clear error', async (_, small, reason) => {
    const { hub, client, order, transfer } = await setUp({ small });
    hub.breakRequests(({ method }) => method === 'GET', { content: flipped }, 100);
    const error = await failureOf(downloadFile(order, client, transfer));
    expect(error.code).toBe('HUB_CORRUPT');
    expect(error.message).toMatch(reason);
    expect(await readdir(order.partials)).toEqual([]);
    await expect(stat(order.target)).rejects.toThrow('ENOENT');
  });

  it('a part that was damaged on the disk between two starts', async () => {
    const { hub, content, client, order, transfer, arrived } = await setUp();
    await leavePartial(order, flipped(content.subarray(0, 100_000)));
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
    expect(hub.downloads.map(({ range }) => range)).toEqual(['bytes=100000-', undefined]);
  });

  it('a part on the disk that is longer than the file', async () => {
    const { content, client, order, transfer, arrived } = await setUp();
    await leavePartial(order, Buffer.concat([content, content]));
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
  });

  it('a truncated one: the storage has less than the hub announced', async () => {
    const { hub, clock, client, order, transfer } = await setUp();
    hub.breakStorage({ content: (content) => content.subarray(0, -1) }, 100);
    const error = await failureOf(downloadFile(order, client, transfer));
    expect(error.code).toBe('HUB_CORRUPT');
    expect(error.message).toContain(`announced ${SIZE} bytes`);
    expect(clock.waits).toHaveLength(7);
    await expect(stat(order.target)).rejects.toThrow('ENOENT');
  });

  it('one that breaks off although its length was announced', async () => {
    const { hub, client, order, transfer, arrived } = await setUp();
    hub.breakStorage({
      headers: { 'content-length': undefined },
      content: (content) => content.subarray(0, 9999),
    });
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
    expect(hub.downloads.map(({ range }) => range)).toEqual([undefined, 'bytes=9999-']);
  });

  it('one that goes on behind its end', async () => {
    const { hub, client, order, transfer, arrived } = await setUp();
    const content = (whole: Buffer) => Buffer.concat([whole, whole]);
    hub.breakStorage({ headers: { 'content-length': undefined }, content });
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
  });

  it('an answer whose length header is wrong', async () => {
    const { hub, client, order, transfer, arrived } = await setUp();
    hub.breakStorage({ headers: { 'content-length': String(SIZE + 1) } });
    hub.breakStorage({ headers: { 'content-length': String(SIZE - 1) } });
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
  });

  it('another part than the one that was asked for', async () => {
    const { hub, content, client, order, transfer, arrived } = await setUp();
    await leavePartial(order, content.subarray(0, 1000));
    hub.breakStorage({ headers: { 'content-range': `bytes 2000-${SIZE - 1}/${SIZE}` } });
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
  });

  it('a file that changed on the hub since it was looked up', async () => {
    const { client, order, transfer, repository } = await setUp();
    const changed = repository.commit({ weights: 'new' });
    const etag = repository.resolve(changed)?.files.get('weights')?.etag ?? '';
    for (const metadata of [
      { ...order.metadata, etag },
      { ...order.metadata, commit: changed },
    ]) {
      const error = await failureOf(downloadFile({ ...order, metadata }, client, transfer));
      expect(error.code).toBe('HUB_CHANGED');
    }
  });
});

describe('the disk', () => {
  const withFree = (bytes: number | undefined): Disk => ({ ...systemDisk, freeBytes: async () => bytes });

  it('that is too small is said before a byte is fetched', async () => {
    const { hub, client, order, transfer } = await setUp();
    const error = await failureOf(downloadFile(order, client, { ...transfer, disk: withFree(64_100_000) }));
    expect(error.code).toBe('HUB_NO_SPACE');
    expect(error.message).toContain(
      `needs 300 kB in ${dirname(order.target)} (and 64 MB to spare), and 64.1 MB are free. Free 200 kB more`,
    );
    expect(hub.downloads).toEqual([]);
  });

  it('needs room only for what is missing, and is trusted where the system does not know', async () => {
    const { content, client, order, transfer, arrived } = await setUp();
    await leavePartial(order, content.subarray(0, 250_000));
    await downloadFile(order, client, { ...transfer, disk: withFree(64_050_000) });
    expect(await arrived()).toBe(true);
    const other = await setUp();
    await downloadFile(other.order, other.client, { ...other.transfer, disk: withFree(undefined) });
    expect(await other.arrived()).toBe(true);
  });

  it('that becomes full in the middle keeps what arrived, and the download goes on from there', async () => {
    const { hub, client, order, transfer, arrived } = await setUp();
    const error = await failureOf(downloadFile(order, client, { ...transfer, disk: fullAfter(100_000) }));
    expect(error.code).toBe('HUB_DISK_FULL');
    expect(error.message).toMatch(
      /the disk is full\. What has arrived is kept\. Free some space and start again/,
    );
    expect((await stat(partialPath(order))).size).toBe(100_000);
    await downloadFile(order, client, transfer);
    expect(await arrived()).toBe(true);
    expect(hub.downloads.map(({ range }) => range)).toEqual([undefined, 'bytes=100000-']);
  });

  it('that cannot be written is said with the folder', async () => {
    const { client, order, transfer } = await setUp();
    await writeFile(order.partials, 'a file where the folder should be');
    const error = await failureOf(downloadFile(order, client, transfer));
    expect(error.code).toBe('HUB_CACHE_UNWRITABLE');
    expect(error.message).toContain(order.partials);
  });
});

/** A disk on which files open as usual and whose writes fail, as the system's do, when `bytes` are used up. */
function fullAfter(bytes: number): Disk {
  return {
    freeBytes: async () => undefined,
    async open(path, flags) {
      const file = await open(path, flags);
      const write = file.write.bind(file);
      let left = bytes;
      Object.assign(file, {
        async write(buffer: Uint8Array, offset: number, length: number, position: number) {
          if (left === 0)
            throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
          const result = await write(buffer, offset, Math.min(length, left), position);
          left -= result.bytesWritten;
          return result;
        },
      });
      return file;
    },
  };
}
