import { isBlank } from '../inference/tasks/delimiters.ts';
import { AttachmentError } from './attachment-error.ts';

/** Of a file's beginning, this much is enough to tell text from anything else. */
const PROBE_BYTES = 64 * 1024;

/** Text has hardly any control characters besides tabs and line ends; a terminal recording has some. */
const MOST_CONTROLS = 0.1;

/**
 * The text in a file's bytes: UTF-8, or UTF-16 with a byte order mark.
 *
 * @param name is what people call the file.
 * @throws AttachmentError `EMPTY`, `BINARY` or `ENCODING`.
 */
export function decodeTextFile(bytes: Uint8Array, name: string): string {
  const encoding = markedEncoding(bytes) ?? 'utf-8';
  if (encoding === 'utf-8' && looksBinary(bytes)) {
    throw new AttachmentError(
      'BINARY',
      `${name} is not a text file. Give a plain text file, or paste the text.`,
    );
  }
  const text = decode(bytes, encoding, name);
  if (isBlank(text)) throw new AttachmentError('EMPTY', `${name} has no text in it.`);
  return text;
}

function decode(bytes: Uint8Array, encoding: string, name: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AttachmentError(
      'ENCODING',
      `${name} is in an encoding that I cannot read for certain. Save it as UTF-8, or paste the text.`,
      { cause },
    );
  }
}

function markedEncoding(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

function looksBinary(bytes: Uint8Array): boolean {
  const probe = bytes.subarray(0, PROBE_BYTES);
  let controls = 0;
  for (const byte of probe) {
    if (byte === 0) return true;
    const isControl = byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d);
    if (isControl || byte === 0x7f) controls++;
  }
  return controls > probe.length * MOST_CONTROLS;
}
