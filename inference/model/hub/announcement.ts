import { HubError } from './hub-error.ts';
import type { FileMetadata, HubFile } from './hub-file.ts';

const COMMIT = /^[0-9a-f]{40}$/;

/**
 * Collects what the answers on the way to a file announce about it. The first to name the commit or the linked file wins,
 * so that the storage at the end of the way cannot overrule the hub; a plain `ETag` counts on the last answer only,
 * because on a redirect it would be the redirect's own.
 */
export class Announcement {
  #commit: string | undefined;
  #etag: string | undefined;
  #size: number | undefined;

  readRedirect({ headers }: Response): void {
    this.#commit ??= headers.get('x-repo-commit') ?? undefined;
    this.#etag ??= unquoted(headers.get('x-linked-etag'));
    this.#size ??= sizeIn(headers.get('x-linked-size'));
  }

  readFinal(response: Response): void {
    this.readRedirect(response);
    this.#etag ??= unquoted(response.headers.get('etag'));
    this.#size ??= lengthIn(response);
  }

  /** Whether it is known by now which file it is. */
  get identifies(): boolean {
    return this.#commit !== undefined && this.#etag !== undefined;
  }

  /** @throws HubError `HUB_UNEXPECTED` when it is not a hub that answered */
  metadata(file: HubFile, host: string): FileMetadata {
    if (this.#commit !== undefined && COMMIT.test(this.#commit) && this.#etag) {
      return { commit: this.#commit, etag: this.#etag, size: this.#size };
    }
    throw new HubError(
      'HUB_UNEXPECTED',
      `${host} answered for ${file.id}/${file.path} without X-Repo-Commit and ETag, as no hub does. A proxy or a login page may be in between; otherwise check MODEL_HOST.`,
    );
  }
}

/** The whole file's length, from an answer that carries all of it or a part. */
export function lengthIn({ headers, status }: Response): number | undefined {
  // The length of a compressed body is not the file's.
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity') return undefined;
  if (status === 206) return sizeIn(headers.get('content-range')?.split('/')[1] ?? null);
  return status === 200 ? sizeIn(headers.get('content-length')) : undefined;
}

/** `"abc"` and `W/"abc"` are `abc`. */
function unquoted(etag: string | null): string | undefined {
  return etag?.replace(/^W\//, '').replace(/^"(.*)"$/, '$1');
}

function sizeIn(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}
