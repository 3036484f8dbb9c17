import { Announcement, lengthIn } from './announcement.ts';
import { type Clock, systemClock } from './clock.ts';
import { HubError } from './hub-error.ts';
import type { FileMetadata, HubFile } from './hub-file.ts';
import { IdleWatch } from './idle-watch.ts';
import { networkFailure } from './network-failure.ts';
import { refusal } from './refusal.ts';

export const DEFAULT_HOST = 'https://huggingface.co';

/** The hub answers in well under a second; slow lines and busy storage are given time before a connection counts as dead. */
const IDLE_TIMEOUT_MS = 30_000;

/** One for a renamed repository, one to the hub's own cache, one to the storage, and room for a mirror in front. */
const MOST_REDIRECTS = 8;

export interface HubClientOptions {
  /** The hub or a mirror of it, with its path if it has one (default `https://huggingface.co`). */
  readonly host?: string | undefined;
  /** Sent to `host` and to no other. */
  readonly token?: string | undefined;
  /** For proxies and tests; redirects are followed here, never in there. */
  readonly fetch?: typeof fetch | undefined;
  readonly clock?: Clock | undefined;
  /** A connection on which nothing arrives for so long is given up (default 30 s). A whole download has no limit. */
  readonly idleTimeoutMs?: number | undefined;
}

/** A file's content as it arrives. */
export interface Content {
  readonly metadata: FileMetadata;
  /** Where in the file the body begins: as asked, or 0 from a server that knows no ranges. */
  readonly start: number;
  /** The whole file's length as this very answer has it; absent where it is compressed. */
  readonly length: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

interface Arrival {
  readonly response: Response;
  readonly url: URL;
  readonly announced: Announcement;
}

/**
 * Asks a hub for files: `GET {host}/{id}/resolve/{revision}/{path}`. Small files come from the hub itself, sometimes by a
 * relative redirect; large ones by a redirect to storage on another host, with size, hash and commit in the headers of
 * the redirect answer (`X-Linked-Size`, `X-Linked-Etag`, `X-Repo-Commit`), which is why redirects are followed by hand.
 * One call is one attempt; see `retry.ts`. Source: huggingface_hub, `file_download.py`.
 */
export class HubClient {
  /** The host as people know it. */
  readonly hostName: string;
  readonly #base: URL;
  readonly #token: string | undefined;
  readonly #fetch: typeof fetch;
  readonly #clock: Clock;
  readonly #idleTimeoutMs: number;

  /** @throws HubError `HUB_HOST_INVALID` */
  constructor(options: HubClientOptions) {
    this.#base = parseHost(options.host ?? DEFAULT_HOST);
    this.hostName = this.#base.host;
    this.#token = options.token || undefined;
    this.#fetch = options.fetch ?? fetch;
    this.#clock = options.clock ?? systemClock;
    this.#idleTimeoutMs = options.idleTimeoutMs ?? IDLE_TIMEOUT_MS;
  }

  /** @throws HubError */
  metadata(file: HubFile, signal?: AbortSignal): Promise<FileMetadata> {
    return this.#guarded(signal, async (watch) => {
      const { announced, response } = await this.#follow('HEAD', file, {}, watch);
      await discard(response);
      return announced.metadata(file, this.hostName);
    });
  }

  /**
   * Opens a file at `from` and lets `use` read it; the connection ends with `use`.
   *
   * @throws HubError, or what `use` throws
   */
  read<T>(
    file: HubFile,
    from: number,
    signal: AbortSignal | undefined,
    use: (content: Content) => Promise<T>,
  ): Promise<T> {
    return this.#guarded(signal, async (watch) => {
      const range: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
      let arrival = await this.#follow('GET', file, range, watch);
      if (arrival.response.status === 416) {
        // The server has less than we do. What is on the disk cannot be this file's beginning: all of it, then.
        await discard(arrival.response);
        arrival = await this.#follow('GET', file, {}, watch);
      }
      const { response, url, announced } = arrival;
      try {
        const metadata = announced.metadata(file, this.hostName);
        const start = response.status === 206 ? beginningOf(response, from, url.host) : 0;
        return await use({
          metadata,
          start,
          length: lengthIn(response),
          body: bodyOf(response, watch, url.host),
        });
      } finally {
        await discard(response);
      }
    });
  }

  /** Runs one exchange with its idle watch; the watch's reason wins over the error that its abort causes. */
  async #guarded<T>(signal: AbortSignal | undefined, exchange: (watch: IdleWatch) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    const watch = new IdleWatch(this.#clock, this.#idleTimeoutMs, this.hostName, signal);
    try {
      return await exchange(watch);
    } catch (error) {
      if (watch.signal.aborted) throw watch.signal.reason;
      throw error;
    } finally {
      watch.stop();
    }
  }

  async #follow(
    method: 'HEAD' | 'GET',
    file: HubFile,
    headers: Readonly<Record<string, string>>,
    watch: IdleWatch,
  ): Promise<Arrival> {
    const announced = new Announcement();
    let url = this.#addressOf(file);
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      watch.host = url.host;
      const response = await this.#ask(method, url, headers, watch.signal);
      watch.touch();
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) {
        announced.readFinal(response);
        const expected = response.ok || (response.status === 416 && headers.range !== undefined);
        if (expected) return { response, url, announced };
        await discard(response);
        throw refusal(response, {
          file,
          host: url.host,
          elsewhere: url.origin !== this.#base.origin,
          hasToken: this.#token !== undefined,
          now: this.#clock.now(),
        });
      }
      announced.readRedirect(response);
      await discard(response);
      const next = redirectTarget(location, url);
      // Links to the storage are signed for GET, and the hub has announced what there is to know.
      const leaves = next.origin !== this.#base.origin;
      if (method === 'HEAD' && leaves && announced.identifies) return { response, url, announced };
      url = next;
    }
    throw new HubError(
      'HUB_UNEXPECTED',
      `${this.hostName} redirects ${file.id}/${file.path} more than ${MOST_REDIRECTS} times. Check MODEL_HOST.`,
    );
  }

  async #ask(
    method: string,
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Response> {
    const all: Record<string, string> = {
      'user-agent': 'parley',
      // A compressed answer would hide the file's length and forbid ranges.
      'accept-encoding': 'identity',
      ...headers,
    };
    // The links to storage are signed for one file; the token opens everything its owner has.
    if (this.#token !== undefined && url.origin === this.#base.origin) {
      all.authorization = `Bearer ${this.#token}`;
    }
    try {
      return await this.#fetch(url, { method, headers: all, redirect: 'manual', signal });
    } catch (error) {
      throw networkFailure(error, url.host);
    }
  }

  #addressOf(file: HubFile): URL {
    const path = file.path.split('/').map(encodeURIComponent).join('/');
    const prefix = this.#base.pathname.replace(/\/+$/, '');
    return new URL(`${prefix}/${file.id}/resolve/${encodeURIComponent(file.revision)}/${path}`, this.#base);
  }
}

async function* bodyOf(response: Response, watch: IdleWatch, host: string): AsyncGenerator<Uint8Array> {
  if (!response.body) return;
  try {
    for await (const chunk of response.body) {
      watch.touch();
      yield chunk;
      // The time that the reader took is not the server's.
      watch.touch();
    }
  } catch (error) {
    throw networkFailure(error, host);
  }
}

/** @throws HubError when the server sends another part than the one that was asked for */
function beginningOf(response: Response, from: number, host: string): number {
  const range = response.headers.get('content-range') ?? '';
  const begin = /^bytes (\d+)-/.exec(range)?.[1];
  if (begin !== undefined && Number(begin) === from) return from;
  throw new HubError(
    'HUB_UNEXPECTED',
    `${host} was asked for the bytes from ${from} and sent ${range === '' ? 'a part without its place' : range}.`,
    { retry: 'yes' },
  );
}

/** An unread body keeps its connection busy. */
async function discard(response: Response): Promise<void> {
  if (response.body && !response.body.locked) await response.body.cancel().catch(() => undefined);
}

function redirectTarget(location: string, base: URL): URL {
  const target = URL.canParse(location, base.href) ? new URL(location, base) : undefined;
  if (target && /^https?:$/.test(target.protocol)) return target;
  throw new HubError(
    'HUB_UNEXPECTED',
    `${base.host} redirects to an address that is none. Check MODEL_HOST.`,
  );
}

function parseHost(host: string): URL {
  const url = URL.canParse(host) ? new URL(host) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url;
  throw new HubError(
    'HUB_HOST_INVALID',
    'MODEL_HOST is not the address of a hub. It looks like https://huggingface.co, without a user name or a password.',
  );
}
