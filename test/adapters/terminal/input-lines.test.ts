import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type InputLine, inputLines } from '../../../adapters/terminal/input-lines.ts';

async function linesOf(...chunks: readonly (string | Uint8Array)[]): Promise<InputLine[]> {
  async function* bytes() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const lines: InputLine[] = [];
  for await (const line of inputLines(bytes())) lines.push(line);
  return lines;
}

const texts = (lines: readonly InputLine[]) =>
  lines.map((line) => ('text' in line ? line.text : line.problem.code));

describe('lines of bytes', () => {
  test('are numbered, empty ones too, and the last needs no end', async () => {
    expect(await linesOf('one\n\nthree')).toEqual([
      { number: 1, text: 'one' },
      { number: 2, text: '' },
      { number: 3, text: 'three' },
    ]);
  });

  test('end as on Unix or as on Windows', async () => {
    expect(texts(await linesOf('one\r\ntwo\n'))).toEqual(['one', 'two']);
  });

  test('of an empty input are none', async () => {
    expect(await linesOf('')).toEqual([]);
  });

  test('lose the byte order mark', async () => {
    expect(texts(await linesOf('\ufeffone'))).toEqual(['one']);
  });
});

describe('a line that is no text is named with its number, and the next one is read', () => {
  test.each([
    ['bytes that are no UTF-8', [0xff, 0xfe, 0x80], 'ENCODING'],
    ['a lone surrogate', [0xed, 0xa0, 0x80], 'ENCODING'],
    ['a NUL', [0x61, 0x00, 0x62], 'NOT_TEXT'],
    ['more than 1 MB', new Uint8Array(1024 * 1024 + 1).fill(0x61), 'LINE_TOO_LONG'],
  ])('%s', async (_, bytes, code) => {
    const [first, second] = await linesOf(Uint8Array.from(bytes), '\nnext\n');
    expect(first).toEqual({ number: 1, problem: { code, message: expect.stringContaining('Line 1') } });
    expect(second).toEqual({ number: 2, text: 'next' });
  });
});

test('it makes no difference where the chunks end', async () => {
  const input = fc
    .uint8Array({ maxLength: 60 })
    .map((bytes) => bytes.map((byte) => (byte % 5 === 0 ? 0x0a : byte)));
  await fc.assert(
    fc.asyncProperty(input, fc.array(fc.nat(60)), async (bytes, cuts) => {
      const borders = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const chunks = borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
      expect(await linesOf(...chunks)).toEqual(await linesOf(bytes));
    }),
  );
});
