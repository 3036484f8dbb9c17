import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Checksum, gitBlobId } from './checksum.ts';
import { type Disk, diskFailure } from './disk.ts';

const READ_BYTES = 1 << 20;

/**
 * A file on its way: what has arrived of one version of it, kept across attempts and restarts, with its SHA-256 so far.
 * Chunks go to explicit positions: should a process that was believed dead write once more, it writes the same bytes.
 */
export class PartialFile {
  readonly #path: string;
  readonly #file: FileHandle;
  #hash: Hash = createHash('sha256');
  #size = 0;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Opens or creates it; what is there already is read once, for the hash. */
  static async open(path: string, disk: Disk, signal: AbortSignal | undefined): Promise<PartialFile> {
    return onDisk(path, async () => {
      await mkdir(dirname(path), { recursive: true });
      const file = await disk.open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return disk.open(path, 'wx+');
      });
      const partial = new PartialFile(path, file);
      try {
        await partial.#readBack(signal);
        return partial;
      } catch (error) {
        await file.close();
        throw error;
      }
    });
  }

  /** Bytes that have arrived. */
  get size(): number {
    return this.#size;
  }

  async append(chunk: Uint8Array): Promise<void> {
    await onDisk(this.#path, async () => {
      for (let done = 0; done < chunk.length; ) {
        const rest = chunk.length - done;
        const { bytesWritten } = await this.#file.write(chunk, done, rest, this.#size + done);
        done += bytesWritten;
      }
    });
    this.#hash.update(chunk);
    this.#size += chunk.length;
  }

  /** Forgets everything that has arrived. */
  async clear(): Promise<void> {
    await onDisk(this.#path, () => this.#file.truncate(0));
    this.#hash = createHash('sha256');
    this.#size = 0;
  }

  async matches(checksum: Checksum): Promise<boolean> {
    const digest =
      checksum.algorithm === 'sha256' ? this.#hash.copy().digest('hex') : await gitBlobId(this.#path);
    return digest === checksum.digest;
  }

  /** Makes the whole file durable and gives it its name, in one step that either happens or does not. */
  async moveTo(target: string): Promise<void> {
    await onDisk(target, async () => {
      await mkdir(dirname(target), { recursive: true });
      await this.#file.sync();
      // Windows does not rename an open file.
      await this.#file.close();
      await rename(this.#path, target);
    });
  }

  async discard(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #readBack(signal: AbortSignal | undefined): Promise<void> {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, this.#size);
      if (bytesRead === 0) return;
      this.#hash.update(buffer.subarray(0, bytesRead));
      this.#size += bytesRead;
    }
  }
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskFailure(error, dirname(path));
  }
}
