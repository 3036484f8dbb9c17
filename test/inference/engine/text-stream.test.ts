import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextStream } from '../../../inference/engine/text-stream.ts';

/** A stream whose tokens are these pieces of bytes: token i is piece i. */
function streamOf(pieces: readonly Uint8Array[], stop: readonly string[] = []): TextStream {
  return new TextStream((id) => pieces[id]!, stop);
}

/** What leaves the stream, piece by piece, and at the end. */
function show(pieces: readonly (string | readonly number[])[], ...stop: string[]): string[] {
  const bytes = pieces.map((piece) =>
    typeof piece === 'string' ? Buffer.from(piece) : Uint8Array.from(piece),
  );
  const stream = streamOf(bytes, stop);
  return [...bytes.keys()].map((id) => stream.push(id)).concat(stream.end());
}

/** Any splitting of bytes into tokens, empty ones included, at any place in a character. */
function split(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i] ?? bytes.length));
}

function cutBeforeFirst(text: string, stop: readonly string[]): string {
  const found = stop.map((one) => text.indexOf(one)).filter((at) => at >= 0);
  return found.length === 0 ? text : text.slice(0, Math.min(...found));
}

// A small alphabet makes stop strings overlap with the text, with themselves and with each other.
const closeTexts = fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é', '€', '😀'), maxLength: 40 });
const closeStops = fc.array(
  fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é', '😀'), minLength: 1, maxLength: 5 }),
  { maxLength: 4 },
);
const anyTexts = fc.string({ unit: 'binary', maxLength: 40 });
const places = fc.array(fc.nat(400), { maxLength: 30 });

describe('the text that leaves', () => {
  it('is the text before the first stop string, for any text, any stop strings and any tokens', () => {
    fc.assert(
      fc.property(fc.oneof(closeTexts, anyTexts), closeStops, places, (text, stop, cuts) => {
        const pieces = split(Buffer.from(text), cuts);
        const stream = streamOf(pieces, stop);
        const left = [...pieces.keys()].map((id) => stream.push(id)).concat(stream.end());
        expect(left.join('')).toBe(cutBeforeFirst(text, stop));
        expect(stream.stopped).toBe(stop.some((one) => text.includes(one)));
      }),
      { numRuns: 2000 },
    );
  });

  it('is whole characters each time: never half of a surrogate pair', () => {
    fc.assert(
      fc.property(fc.oneof(closeTexts, anyTexts), closeStops, places, (text, stop, cuts) => {
        const pieces = split(Buffer.from(text), cuts);
        const stream = streamOf(pieces, stop);
        for (const left of [...pieces.keys()].map((id) => stream.push(id)).concat(stream.end())) {
          expect(left).not.toMatch(/\p{Surrogate}/u);
        }
      }),
    );
  });

  it('does not depend on where tokens end, also for bytes that are not UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), places, (bytes, cuts) => {
        const whole = streamOf([bytes]);
        const pieces = split(bytes, cuts);
        const stream = streamOf(pieces);
        expect([...pieces.keys()].map((id) => stream.push(id)).join('') + stream.end()).toBe(
          whole.push(0) + whole.end(),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('is the same again when the tokens are replayed, so that a resumed reply goes on behind what was shown', () => {
    fc.assert(
      fc.property(closeTexts, closeStops, places, fc.nat(30), (text, stop, cuts, shown) => {
        const pieces = split(Buffer.from(text), cuts);
        const first = streamOf(pieces, stop);
        const left = [...pieces.keys()].map((id) => first.push(id));
        const resumed = streamOf(pieces, stop);
        const replayed = [...pieces.keys()].slice(0, shown).map((id) => resumed.push(id));
        expect(replayed).toEqual(left.slice(0, shown));
        expect([...pieces.keys()].slice(shown).map((id) => resumed.push(id))).toEqual(left.slice(shown));
      }),
    );
  });
});

describe('characters', () => {
  it('wait until all of their bytes are there', () => {
    expect(show([[0xf0, 0x9f], [0x98], [0x80, 0x21]])).toEqual(['', '', '😀!', '']);
  });

  it('become U+FFFD when their bytes are no UTF-8', () => {
    expect(show(['a', [0xff], 'b', [0xc3], 'c'])).toEqual(['a', '\uFFFD', 'b', '', '\uFFFDc', '']);
  });

  it('are dropped when the text ends inside one: half an emoji is nothing to show', () => {
    expect(show(['a', [0xf0, 0x9f, 0x98]])).toEqual(['a', '', '']);
  });

  it('include the byte order mark, which a decoder would swallow at the beginning', () => {
    expect(show(['\uFEFFa'])).toEqual(['\uFEFFa', '']);
  });
});

describe('a stop string', () => {
  it('is found across tokens, and nothing leaves after it', () => {
    expect(show(['Rome.', '\n', 'Q', ': And', ' then?'], '\nQ:')).toEqual(['Rome.', '', '', '', '', '']);
  });

  it('lets text go as soon as it can no longer be its beginning', () => {
    expect(show(['one\n', 'Quite', ' two'], '\nQ:')).toEqual(['one', '\nQuite', ' two', '']);
  });

  it('holds back no more than may be its beginning', () => {
    expect(show(['one \n'], '\nQ:')).toEqual(['one ', '\n']);
  });

  it('that may yet begin earlier is waited for: where the cut is must not depend on where tokens end', () => {
    expect(show(['xab', 'c'], 'b', 'abc')).toEqual(['x', '', '']);
    expect(show(['xab', 'd'], 'b', 'abc')).toEqual(['x', 'a', '']);
    expect(show(['xab'], 'b', 'abc')).toEqual(['x', 'a']);
  });

  it('tells that the text has stopped', () => {
    const stream = streamOf([Buffer.from('a'), Buffer.from('\n')], ['\n']);
    stream.push(0);
    expect(stream.stopped).toBe(false);
    stream.push(1);
    expect(stream.stopped).toBe(true);
  });

  it('cannot cut a character in two, though it may be half of one', () => {
    expect(show(['😀'], '\ude00')).toEqual(['😀', '']);
  });

  it('must not be empty', () => {
    expect(() => streamOf([], ['\n', ''])).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }));
  });
});
