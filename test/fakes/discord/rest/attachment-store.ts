import type { APIAttachment } from 'discord.js';
import { keepText } from '../../confidential.ts';
import type { Snowflakes } from '../snowflakes.ts';

/** Discord signs attachment addresses for 24 hours. */
const addressLifetimeMs = 24 * 60 * 60_000;

export interface AttachmentSpec {
  readonly name: string;
  readonly data: string | Uint8Array;
  /** As Discord guesses it from the name; `null` leaves it out. Default `text/plain; charset=utf-8`. */
  readonly contentType?: string | null;
  /** What the message says, where that should differ from the truth. */
  readonly announcedSize?: number;
}

interface Stored {
  readonly data: Uint8Array;
  readonly contentType: string;
  readonly expiresAt: number;
}

/** Files of messages, served from loopback at addresses with Discord's path and signature parameters. */
export class AttachmentStore {
  readonly #files = new Map<string, Stored>();
  readonly #ids: Snowflakes;
  readonly #now: () => number;
  readonly #origin: () => string;

  constructor(ids: Snowflakes, now: () => number, origin: () => string) {
    this.#ids = ids;
    this.#now = now;
    this.#origin = origin;
  }

  add(channelId: string, spec: AttachmentSpec): APIAttachment {
    if (typeof spec.data === 'string') keepText(spec.data);
    const data = typeof spec.data === 'string' ? new TextEncoder().encode(spec.data) : spec.data;
    const contentType = spec.contentType === undefined ? 'text/plain; charset=utf-8' : spec.contentType;
    const id = this.#ids.next();
    const expiresAt = this.#now() + addressLifetimeMs;
    const ex = Math.floor(expiresAt / 1000).toString(16);
    const address = `/attachments/${channelId}/${id}/${encodeURIComponent(spec.name)}?ex=${ex}&is=${ex}&hm=${id}`;
    this.#files.set(address, { data, contentType: contentType ?? 'application/octet-stream', expiresAt });
    return {
      id,
      filename: spec.name,
      size: spec.announcedSize ?? data.byteLength,
      url: this.#origin() + address,
      proxy_url: this.#origin() + address,
      ...(contentType === null ? {} : { content_type: contentType }),
    };
  }

  /** Undefined for addresses that are unknown, lack their signature, or have expired. */
  find(pathAndQuery: string): Omit<Stored, 'expiresAt'> | undefined {
    const file = this.#files.get(pathAndQuery);
    return file && this.#now() < file.expiresAt ? file : undefined;
  }
}
