import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KeyToken, KeyTokenizer } from '../../../adapters/terminal/key-tokens.ts';

function tokensOf(...chunks: readonly string[]): readonly KeyToken[] {
  const tokenizer = new KeyTokenizer();
  return [...chunks.flatMap((chunk) => tokenizer.feed(chunk)), ...tokenizer.settle()];
}

const keys = (text: string): KeyToken => ({ kind: 'keys', text });
const paste = (text: string): KeyToken => ({ kind: 'paste', text });
const marked = (text: string) => `\x1b[200~${text}\x1b[201~`;

describe('what comes from a keyboard', () => {
  test('is keys, of which a line end or Tab is the last', () => {
    expect(tokensOf('one\rtwo\tth')).toEqual([keys('one\r'), keys('two\t'), keys('th')]);
    expect(tokensOf('one\r\ntwo')).toEqual([keys('one\r\n'), keys('two')]);
  });

  test('is Ctrl-C or Ctrl-Z on its own', () => {
    expect(tokensOf('ab\x03cd\x1a')).toEqual([
      keys('ab'),
      { kind: 'interrupt' },
      keys('cd'),
      { kind: 'suspend' },
    ]);
  });

  test('is a paste, whole, between its marks', () => {
    expect(tokensOf(`see ${marked('one\rtwo\x03')}\r`)).toEqual([
      keys('see '),
      paste('one\rtwo\x03'),
      keys('\r'),
    ]);
  });

  test('is a paste also where the terminal does not mark it: nobody types so much at once', () => {
    const long = 'word '.repeat(2000);
    expect(tokensOf('/summarize ', long.slice(0, 4096), long.slice(4096), '\r')).toEqual([
      keys('/summarize '),
      paste(long),
      keys('\r'),
    ]);
  });

  test('is keys again when Escape stays alone', () => {
    expect(tokensOf('\x1b')).toEqual([keys('\x1b')]);
    expect(tokensOf('\x1b[A', '\x1b[', 'B')).toEqual([keys('\x1b[A'), keys('\x1b[B')]);
  });
});

test('pastes and line ends are found wherever the chunks end', () => {
  const piece = fc.constantFrom(
    'a',
    'é',
    '\r',
    '\t',
    '\x03',
    '\x1a',
    '\x1b[A',
    marked('x\ry'),
    marked(''),
    marked('\x1b[20'),
  );
  const joined = (tokens: readonly KeyToken[]) =>
    tokens
      .map((token) =>
        token.kind === 'keys'
          ? token.text
          : token.kind === 'paste'
            ? marked(token.text)
            : token.kind === 'interrupt'
              ? '\x03'
              : '\x1a',
      )
      .join('');
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(80)), (pieces, cuts) => {
      const input = pieces.join('');
      const borders = [0, ...cuts.toSorted((a, b) => a - b), input.length];
      const chunks = borders.slice(1).map((end, index) => input.slice(borders[index], end));
      const tokens = tokensOf(...chunks);
      expect(joined(tokens)).toBe(input);
      const whole = tokensOf(input);
      expect(tokens.filter((token) => token.kind === 'paste')).toEqual(
        whole.filter((token) => token.kind === 'paste'),
      );
    }),
  );
});
