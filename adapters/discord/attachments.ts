import type { Attachment, Client } from 'discord.js';
import { AttachmentError } from '../../bot/attachment-error.ts';
import type { AttachmentRef } from '../../bot/request.ts';
import { boundedDownload } from '../bounded-download.ts';
import { linkedMessage, readLinked } from './message-links.ts';

/** A text of so many bytes is far more than any model reads. */
const LARGEST_BYTES = 2 ** 20;

const TIMEOUT_MS = 15_000;

/** Where Discord keeps files; nothing else is ever fetched, whatever a message says. */
const ORIGINS = ['https://cdn.discordapp.com', 'https://media.discordapp.net'];

/** A file that came with a message, read when a task needs it. */
export function attachmentRef({ name, url, size, contentType }: Attachment): AttachmentRef {
  const charset = /;\s*charset="?([\w.:-]+)/iu.exec(contentType ?? '')?.[1];
  return { name, location: url, size, ...(charset !== undefined && { charset }) };
}

/** Reads files and linked messages. */
export class Attachments {
  readonly #client: Client<true>;
  readonly #origins: readonly string[];
  readonly #timeoutMs: number;

  /** @param apiUrl a server that is not Discord's keeps its files itself. */
  constructor(client: Client<true>, apiUrl: string, timeoutMs = TIMEOUT_MS) {
    this.#client = client;
    const { hostname, origin } = new URL(apiUrl);
    this.#origins = hostname === 'discord.com' ? ORIGINS : [...ORIGINS, origin];
    this.#timeoutMs = timeoutMs;
  }

  /** @throws AttachmentError */
  async read({ location, name, size = 0 }: AttachmentRef): Promise<Uint8Array> {
    const linked = linkedMessage(location);
    if (linked) return Buffer.from(await readLinked(this.#client, linked, name));
    if (!this.#isDiscords(location)) throw unreadable(name);
    if (size > LARGEST_BYTES) throw tooLarge(name);
    const limits = { mostBytes: LARGEST_BYTES, timeoutMs: this.#timeoutMs };
    const downloaded = await boundedDownload(location, {}, limits).catch((cause: unknown) => {
      throw unreadable(name, cause);
    });
    switch (downloaded.kind) {
      case 'whole':
        return downloaded.bytes;
      case 'too large':
        throw tooLarge(name);
      case 'refused': {
        const { status } = downloaded;
        if (status !== 403 && status !== 404)
          throw unreadable(name, new Error(`the server answered ${status}`));
        throw new AttachmentError('NOT_FOUND', `${name} is not there any more. Send it again.`);
      }
    }
  }

  #isDiscords(location: string): boolean {
    return URL.canParse(location) && this.#origins.includes(new URL(location).origin);
  }
}

function tooLarge(name: string): AttachmentError {
  return new AttachmentError('TOO_LARGE', `${name} is larger than 1 MB. Send a part of it.`);
}

function unreadable(name: string, cause?: unknown): AttachmentError {
  return new AttachmentError(
    'UNREADABLE',
    `${name} could not be fetched from Discord. Send it again, or paste the text.`,
    {
      cause,
    },
  );
}
