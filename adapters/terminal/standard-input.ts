import type { Readable } from 'node:stream';
import { AttachmentError } from '../../bot/attachment-error.ts';
import type { AttachmentRef } from '../../bot/request.ts';
import { LARGEST, LARGEST_MB } from './local-file.ts';

/** What came through standard input, where a file is meant. No path is resolved to this location. */
export const STANDARD_INPUT = { name: 'Standard input', location: '-' } as const satisfies AttachmentRef;

/**
 * All of it, as a file would be read.
 *
 * @throws AttachmentError `TOO_LARGE` or `UNREADABLE`
 */
export async function readStandardInput(input: Readable): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const { name } = STANDARD_INPUT;
  try {
    for await (const part of input as AsyncIterable<Uint8Array>) {
      parts.push(part);
      length += part.length;
      if (length > LARGEST) {
        throw new AttachmentError('TOO_LARGE', `${name} is larger than ${LARGEST_MB} MB. Give a part of it.`);
      }
    }
  } catch (error) {
    if (error instanceof AttachmentError) throw error;
    // Destroyed under us: that is how stopping ends the wait.
    if (input.destroyed && input.errored === null) return new Uint8Array();
    const reason = error instanceof Error ? error.message : String(error);
    throw new AttachmentError('UNREADABLE', `${name} could not be read (${reason}).`, { cause: error });
  }
  return Buffer.concat(parts);
}
