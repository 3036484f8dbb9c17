import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WordWrap } from '../../../adapters/terminal/word-wrap.ts';

/** What stands on a terminal of so many columns, line by line, after the pieces were written. */
function screen(columns: number, ...pieces: string[]): string[] {
  const wrap = new WordWrap(() => columns);
  const lines: string[] = [''];
  const [first = '', ...sequences] = pieces
    .map((piece) => wrap.add(piece))
    .join('')
    .split('\x1b[');
  const print = (text: string) => {
    for (const sign of text) {
      if (sign === '\n' || lines.at(-1)?.length === columns) lines.push('');
      if (sign !== '\n') lines[lines.length - 1] += sign;
    }
  };
  print(first);
  for (const sequence of sequences) {
    const [, back, text = ''] = /^(?:(\d+)D|K)(.*)$/su.exec(sequence) ?? [];
    if (back !== undefined) lines[lines.length - 1] = (lines.at(-1) ?? '').slice(0, -Number(back));
    print(text);
  }
  return lines.map((line) => line.trimEnd());
}

describe('a text that grows on a terminal', () => {
  test('is broken between words', () => {
    expect(screen(12, 'one two three four')).toEqual(['one two', 'three four']);
  });

  test('takes a word back that turns out to be too long for its line', () => {
    expect(screen(12, 'one two th', 'ree', ' four')).toEqual(['one two', 'three four']);
  });

  test('keeps its own lines, and the indentation of each', () => {
    expect(screen(13, 'one\n\n  - two three four\nfive')).toEqual([
      'one',
      '',
      '  - two',
      '  three four',
      'five',
    ]);
  });

  test('leaves a word to the terminal that fits into no line', () => {
    expect(screen(6, 'a', 'bcdefghijkl', ' m')).toEqual(
      ['abcdef', 'ghijkl', ' m'].map((line) => line.trimEnd()),
    );
  });

  test('leaves lines to the terminal where it is not certain how wide their signs are', () => {
    const wrap = new WordWrap(() => 10);
    expect(wrap.add('日本語 one two three\nfour five six')).toBe('日本語 one two three\nfour five\nsix');
  });

  test('goes on by itself when the width changes, and is broken again from the next line on', () => {
    let columns = 20;
    const wrap = new WordWrap(() => columns);
    expect(wrap.add('one two three')).toBe('one two three');
    columns = 10;
    wrap.lose();
    expect(wrap.add(' four\nfive six seven')).toBe(' four\nfive six\nseven');
  });
});

test('nothing is lost but blanks, wherever the pieces end, and no line is too long if its words are not', () => {
  const word = fc.constantFrom('a', 'of', 'the', 'word', 'longer', 'é');
  const line = fc.array(word).map((words) => words.join(' '));
  const text = fc.array(line).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, fc.array(fc.nat(60)), fc.integer({ min: 8, max: 20 }), (whole, cuts, columns) => {
      const borders = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
      const pieces = borders.slice(1).map((end, index) => whole.slice(borders[index], end));
      const lines = screen(columns, ...pieces);
      expect(lines.join(' ').replace(/\s+/gu, ' ').trim()).toBe(whole.replace(/\s+/gu, ' ').trim());
      for (const line of lines) expect(line.length).toBeLessThan(columns);
      expect(lines).toEqual(screen(columns, whole));
    }),
  );
});
