import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/**
 * What a file's content must hash to. The hub's etags are hashes: SHA-256 for large files, and git's blob id (SHA-1 over
 * `blob {size}\0` and the content) for small ones. A mirror may have other etags, which prove nothing.
 */
export interface Checksum {
  readonly algorithm: 'sha256' | 'git-blob';
  readonly digest: string;
}

export function checksumOf(etag: string): Checksum | undefined {
  if (/^[0-9a-f]{64}$/.test(etag)) return { algorithm: 'sha256', digest: etag };
  if (/^[0-9a-f]{40}$/.test(etag)) return { algorithm: 'git-blob', digest: etag };
  return undefined;
}

/** Git's id of a file's content, in hex. */
export async function gitBlobId(path: string): Promise<string> {
  const { size } = await stat(path);
  const hash = createHash('sha1').update(`blob ${size}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
