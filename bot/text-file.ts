import { isBlank } from '../inference/tasks/delimiters.ts';
import { AttachmentError } from './attachment-error.ts';
import { declaredEncoding, decodeAs, looksWestern, markedEncoding } from './text-encoding.ts';

/** Of a file's beginning, this much is enough to tell text from anything else. */
const PROBE_BYTES = 64 * 1024;

/** Text has hardly any control characters besides tabs and line ends; a terminal recording has some. */
const MOST_CONTROLS = 0.1;

/** Encodings whose bytes look like something else: zeros, as in binary files, or control characters among ASCII. */
const UNLIKE_TEXT = /^(?:utf-?16|ucs-?2|iso-2022-)/iu;

/**
 * The text in a file's bytes. Its encoding is, the first that fits: the one of its byte order mark; UTF-8; the one that
 * was announced with it; the one that it declares itself, as HTML and XML do; windows-1252, where the result looks like
 * a text in a Western language.
 *
 * @param name is what people call the file.
 * @param charset announced by the platform: a label of the WHATWG Encoding Standard; others are ignored.
 * @throws AttachmentError `EMPTY`, `BINARY` or `ENCODING`.
 */
export function decodeTextFile(bytes: Uint8Array, name: string, charset?: string): string {
  const text = decode(bytes, name, charset);
  if (isBlank(text))
    throw new AttachmentError('EMPTY', `${name} has no text in it. Give another file, or paste the text.`);
  return text;
}

function decode(bytes: Uint8Array, name: string, charset: string | undefined): string {
  const marked = markedEncoding(bytes);
  if (marked) return decodeAs(marked, bytes) ?? unreadable(name);
  if (charset && UNLIKE_TEXT.test(charset)) {
    const text = decodeAs(charset, bytes);
    if (text !== undefined) return text;
  }
  if (looksBinary(bytes)) {
    throw new AttachmentError(
      'BINARY',
      `${name} is not a text file. Give a plain text file, or paste the text.`,
    );
  }
  for (const candidate of ['utf-8', charset, declaredEncoding(bytes)]) {
    const text = candidate === undefined ? undefined : decodeAs(candidate, bytes);
    if (text !== undefined) return text;
  }
  const western = decodeAs('windows-1252', bytes);
  return western !== undefined && looksWestern(western) ? western : unreadable(name);
}

function unreadable(name: string): never {
  throw new AttachmentError(
    'ENCODING',
    `${name} is in an encoding that I cannot read for certain. Save it as UTF-8, or paste the text.`,
  );
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
