import type { Attachment, Client } from 'discord.js';
import { AttachmentError } from '../../bot/attachment-error.ts';
import type { AttachmentRef } from '../../bot/request.ts';
import { linkedMessage, readLinked } from './message-links.ts';

/** A text of so many bytes is far more than any model reads. */
const LARGEST_BYTES = 2 ** 20;

const TIMEOUT_MS = 15_000;

/** Where Discord keeps files; nothing else is ever fetched, whatever a message says. */
const HOSTS = ['cdn.discordapp.com', 'media.discordapp.net'];

/** A file that came with a message, read when a task needs it. */
export function attachmentRef({ name, url, size, contentType }: Attachment): AttachmentRef {
  const charset = /;\s*charset="?([\w.:-]+)/iu.exec(contentType ?? '')?.[1];
  return { name, location: url, size, ...(charset !== undefined && { charset }) };
}

/** Reads files and linked messages. */
export class Attachments {
  readonly #client: Client<true>;
  readonly #hosts: readonly string[];

  /** @param apiUrl a server that is not Discord's keeps its files itself. */
  constructor(client: Client<true>, apiUrl: string) {
    this.#client = client;
    const { hostname, host } = new URL(apiUrl);
    this.#hosts = hostname === 'discord.com' ? HOSTS : [...HOSTS, host];
  }

  /** @throws AttachmentError */
  async read({ location, name, size = 0 }: AttachmentRef): Promise<Uint8Array> {
    const linked = linkedMessage(location);
    if (linked) return Buffer.from(await readLinked(this.#client, linked, name));
    if (!this.#hosts.includes(new URL(location).host)) throw unreadable(name);
    if (size > LARGEST_BYTES) throw tooLarge(name);
    try {
      return await download(location, name);
    } catch (error) {
      throw error instanceof AttachmentError ? error : unreadable(name, error);
    }
  }
}

async function download(location: string, name: string): Promise<Uint8Array> {
  const answer = await fetch(location, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (answer.status === 403 || answer.status === 404) {
    throw new AttachmentError('NOT_FOUND', `${name} is not there any more. Send it again.`);
  }
  if (!answer.ok || !answer.body) throw unreadable(name, new Error(`the server answered ${answer.status}`));
  const chunks: Uint8Array[] = [];
  let length = 0;
  // What is announced may be wrong: the bytes that come are what counts.
  for await (const chunk of answer.body) {
    length += chunk.byteLength;
    if (length > LARGEST_BYTES) throw tooLarge(name);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
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
