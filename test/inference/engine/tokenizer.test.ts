import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTokenizer, Tokenizer } from '../../../inference/engine/tokenizer.ts';
import { starterTokenizer } from '../../fixtures/starter-tokenizer.ts';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await starterTokenizer();
});

const utf8 = (text: string) => [...Buffer.from(text)];
const bytesOf = (ids: readonly number[]) => ids.flatMap((id) => [...tokenizer.bytes(id)]);

// Any UTF-16, lone surrogates included; and what people really paste.
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((units) => String.fromCharCode(...units)),
  fc
    .array(
      fc.constantFrom(' ', '\n', '\t', "'s", "don't", 'word', '42', '…', 'é', '😀', '<|endoftext|>', 'A:'),
      {
        maxLength: 40,
      },
    )
    .map((parts) => parts.join('')),
);
const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\uFFFD');

describe('encoding', () => {
  it('loses nothing: any text comes back, with U+FFFD for half a character', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(wellFormed(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('uses the merges of the vocabulary', () => {
    const ids = tokenizer.encode(' approaches');
    expect(ids).toHaveLength(1);
    expect(tokenizer.decode(ids)).toBe(' approaches');
  });

  it('gives an empty text no tokens', () => {
    expect(tokenizer.encode('')).toEqual([]);
    expect(tokenizer.decode([])).toBe('');
  });

  it('never makes a special token of what a person typed', () => {
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        expect(tokenizer.encode(`${before}<|endoftext|>${after}`)).not.toContain(tokenizer.endOfText);
      }),
    );
  });

  // A quadratic tokenizer would take minutes for these: the test would run into its time limit.
  it.each([
    ['spaces', ' '.repeat(100_000)],
    ['spaces before a word', `${' '.repeat(100_000)}x`],
    ['one letter', 'a'.repeat(100_000)],
    ['one word of mixed letters', 'etaoinshrdlu'.repeat(8_334)],
    ['quotes', "'".repeat(100_000)],
    ['family emoji', '👩‍👩‍👧‍👦'.repeat(9_000)],
  ])('comes through 100,000 characters on one line: %s', (_, text) => {
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });
});

describe('bytes', () => {
  it('of the tokens of a text, joined, are the text in UTF-8', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(bytesOf(tokenizer.encode(text))).toEqual(utf8(wellFormed(text)));
      }),
    );
  });

  it('may be part of a character', () => {
    const [first] = tokenizer.encode('漢');
    expect(tokenizer.encode('漢').length).toBeGreaterThan(1);
    expect(tokenizer.decode([first!])).toBe('\uFFFD');
  });

  it('are none for end-of-text and for ids without an entry, so that neither ever shows', () => {
    expect(tokenizer.bytes(tokenizer.endOfText)).toHaveLength(0);
    expect(tokenizer.bytes(1_000_000)).toHaveLength(0);
    expect(tokenizer.bytes(-1)).toHaveLength(0);
  });
});

describe('counting', () => {
  it('is exact', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(tokenizer.count(text)).toBe(tokenizer.encode(text).length);
      }),
    );
  });

  it('tells whether a text fits without reading all of it', () => {
    fc.assert(
      fc.property(texts, fc.nat(60), (text, limit) => {
        expect(tokenizer.fits(text, limit)).toBe(tokenizer.count(text) <= limit);
      }),
    );
  });
});

describe('loading', () => {
  async function inFolder(files: Readonly<Record<string, string>>): Promise<unknown> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-tokenizer-'));
    try {
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
      return await loadTokenizer(folder, 0).catch((error: unknown) => error);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it('names the file that is missing', async () => {
    expect(await inFolder({})).toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('tokenizer.json cannot be read'),
    });
    expect(await inFolder({ 'tokenizer.json': '{}' })).toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('tokenizer_config.json cannot be read'),
    });
  });

  it('refuses files that are no tokenizer', async () => {
    const broken = { 'tokenizer.json': '{"version": ', 'tokenizer_config.json': '{}' };
    expect(await inFolder(broken)).toMatchObject({ code: 'CHECKPOINT_INVALID' });
  });

  it('refuses a vocabulary that cannot write every byte, with which some texts would lose characters', () => {
    const words = { encode: () => [0], get_vocab: () => new Map([['hello', 0]]) };
    expect(() => new Tokenizer(words, 0)).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_UNSUPPORTED' }),
    );
  });
});
