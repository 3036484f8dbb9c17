import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AttachmentError } from '../../bot/attachment-error.ts';
import { decodeTextFile } from '../../bot/text-file.ts';

const TEXT = 'Grüße, 世界 😀\n';

function utf16(text: string, order: 'le' | 'be'): Buffer {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
}

function codeOf(bytes: Uint8Array, charset?: string): string {
  try {
    decodeTextFile(bytes, 'notes.txt', charset);
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

  test.each([
    ['shift_jis', Buffer.from([0x90, 0xa2, 0x8a, 0x45, 0x0a]), '世界\n'],
    ['Shift_JIS', Buffer.from([0x90, 0xa2, 0x8a, 0x45, 0x0a]), '世界\n'],
    ['windows-1251', Buffer.from([0xcc, 0xe8, 0xf0, 0x21]), 'Мир!'],
    ['euc-kr', Buffer.from([0xbc, 0xbc, 0xb0, 0xe8]), '세계'],
    ['gb18030', Buffer.from([0xca, 0xc0, 0xbd, 0xe7]), '世界'],
    ['iso-2022-jp', Buffer.from('\x1b$B@$3&\x1b(B'), '世界'],
    ['utf-16le', Buffer.from('no mark', 'utf16le'), 'no mark'],
    ['iso-8859-1', Buffer.from([0x93, 0x48, 0x69, 0x94]), '“Hi”'],
  ])('in the encoding that was announced: %s', (charset, bytes, text) => {
    expect(decodeTextFile(bytes, 'notes.txt', charset)).toBe(text);
  });

  test('in UTF-8 although another encoding was announced: nothing else looks like it by accident', () => {
    expect(decodeTextFile(Buffer.from(TEXT), 'notes.txt', 'windows-1252')).toBe(TEXT);
  });

  test.each([
    ['<!doctype html><meta charset="windows-1251"><p>', [0xcc, 0xe8, 0xf0], 'Мир'],
    ['<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">', [0xed, 0xc9, 0xd2], 'Мир'],
    ['<?xml version="1.0" encoding="Shift_JIS"?>', [0x90, 0xa2], '世'],
    ['# -*- coding: big5 -*-', [0xa5, 0x40], '世'],
  ])('in the encoding that it declares: %s', (head, bytes, text) => {
    expect(decodeTextFile(Buffer.concat([Buffer.from(head), Buffer.from(bytes)]), 'notes.html')).toBe(
      head + text,
    );
  });

  test('in windows-1252, undeclared, when it looks like a Western language', () => {
    const bytes = Buffer.from('Gr\xfc\xdfe aus K\xf6ln \x96 \x84sch\xf6n\x93', 'latin1');
    expect(decodeTextFile(bytes, 'notes.txt')).toBe('Grüße aus Köln – „schön“');
    expect(decodeTextFile(bytes, 'notes.txt', 'no-such-encoding')).toContain('Köln');
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
    ['ENCODING', Buffer.from([0xcc, 0xe8, 0xf0, 0x21, 0x20, 0xcc, 0xe8, 0xf0])],
    ['ENCODING', Buffer.from('undefined in windows-1252: \x81', 'latin1')],
    ['ENCODING', Buffer.concat([utf16('broken', 'le'), Buffer.from([0x00, 0xd8])])],
    ['EMPTY', Buffer.from('')],
    ['EMPTY', Buffer.from(' \n\u200b\n')],
  ])('%s', (code, bytes) => {
    expect(codeOf(bytes)).toBe(code);
  });
});

test('any bytes are either text or refused with a code', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(undefined, 'big5', 'utf-16'),
      (bytes, charset) => {
        expect(['text', 'BINARY', 'ENCODING', 'EMPTY']).toContain(codeOf(bytes, charset));
      },
    ),
  );
});
