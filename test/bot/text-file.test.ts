import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AttachmentError } from '../../bot/attachment-error.ts';
import { decodeTextFile } from '../../bot/text-file.ts';

const TEXT = 'Grüße, 世界 😀\n';

function utf16(text: string, order: 'le' | 'be'): Buffer {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
}

function codeOf(bytes: Uint8Array): string {
  try {
    decodeTextFile(bytes, 'notes.txt');
    return 'text';
  } catch (error) {
    if (!(error instanceof AttachmentError)) throw error;
    expect(error.message).toContain('notes.txt');
    return error.code;
  }
}

describe('a file is text', () => {
  test.each([
    ['in UTF-8', Buffer.from(TEXT)],
    ['in UTF-8 with a byte order mark', Buffer.from(`\ufeff${TEXT}`)],
    ['in UTF-16, little end first', utf16(TEXT, 'le')],
    ['in UTF-16, big end first', utf16(TEXT, 'be')],
  ])('%s', (_, bytes) => {
    expect(decodeTextFile(bytes, 'notes.txt')).toBe(TEXT);
  });

  test('when some control characters are in it, as in a recording of a terminal', () => {
    expect(codeOf(Buffer.from(`\x1b[1mbold\x1b[0m and a lot of ordinary text behind it`))).toBe('text');
  });
});

describe('a file is refused, with the reason', () => {
  test.each([
    ['BINARY', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0])],
    ['BINARY', Buffer.from(Array.from({ length: 100 }, (_, index) => index % 32))],
    ['BINARY', Buffer.from('UTF-16 without a mark', 'utf16le')],
    ['ENCODING', Buffer.from('Gr\xfc\xdfe aus K\xf6ln', 'latin1')],
    ['ENCODING', Buffer.concat([utf16('broken', 'le'), Buffer.from([0x00, 0xd8])])],
    ['EMPTY', Buffer.from('')],
    ['EMPTY', Buffer.from(' \n\u200b\n')],
  ])('%s', (code, bytes) => {
    expect(codeOf(bytes)).toBe(code);
  });
});

test('any bytes are either text or refused with a code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(['text', 'BINARY', 'ENCODING', 'EMPTY']).toContain(codeOf(bytes));
    }),
  );
});
