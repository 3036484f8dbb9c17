import fc from 'fast-check';

/** Any UTF-16 at all: lone surrogates, controls, unassigned characters. */
export const anyUtf16 = fc
  .array(fc.oneof(fc.nat({ max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff }), fc.nat({ max: 0x7f })), {
    maxLength: 300,
  })
  .map((units) => String.fromCharCode(...units));

const word = fc.stringMatching(/^[a-z]{1,9}[,.;:!?]?$/);
const space = fc.constantFrom(' ', ' ', ' ', '  ', '\t', '\u00a0');
const lineEnd = fc.constantFrom('\n', '\n', '\n\n', '\r\n', '\r\n\r\n', '\r', '\n\n\n', ' \n');
const fence = fc.constantFrom('```', '````', '~~~', '~~~~', '`````');
const fenceLine = fc
  .tuple(
    fc.constantFrom('', '', ' ', '   ', '    '),
    fence,
    fc.constantFrom('', '', 'js', ' ts x', 'a`b', ' '),
  )
  .map(([indent, marker, info]) => `\n${indent}${marker}${info}\n`);
const odd = fc.constantFrom(
  ...[
    '`',
    '``',
    '~',
    '```',
    '~~~ ',
    '\n    ',
    '\n  ',
    '- ',
    '1. ',
    '## ',
    '\u200b',
    'e\u0301',
    '👩‍👩‍👧‍👦',
    '🇩🇪🇫🇷',
    '👍🏽',
  ],
  ...['a < b && c > d', '&amp;', '<<<<<<<<'],
  ...['שלום עולם ', '\u202b', '你好。', '春はあけぼの。', '<@123>', '**bold', '\u2028', 'क्षि', '각'],
);
const longWord = fc
  .tuple(fc.constantFrom('a', 'ß', '漢', '😀'), fc.integer({ min: 1, max: 90 }))
  .map(([c, n]) => c.repeat(n));

/** Text as models write it, and a little worse: words, lines and paragraphs, fences whole, nested, broken, unclosed. */
export const markdownText = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: word },
      { weight: 8, arbitrary: space },
      { weight: 3, arbitrary: lineEnd },
      { weight: 2, arbitrary: fenceLine },
      { weight: 2, arbitrary: odd },
      { weight: 1, arbitrary: longWord },
    ),
    { maxLength: 150, size: 'max' },
  )
  .map((pieces) => pieces.join(''));

/** Little but fence characters, blanks and line ends, to find every way in which lines can look like fences. */
export const fenceText = fc.string({
  unit: fc.constantFrom(
    ...'``````~~aaab  \n\n\r\t\u00a0',
    '```',
    '\n```',
    '\n````\n',
    ' ~~~',
    '\r\n',
    '- ',
    '. ',
  ),
  maxLength: 120,
  size: 'max',
});

/** Characters of every plane; no lone surrogates. */
export const unicodeText = fc.string({ unit: 'binary', maxLength: 300, size: 'max' });

export const anyText = fc.oneof(
  markdownText,
  fenceText,
  anyUtf16,
  unicodeText,
  fc.string({ unit: 'grapheme', maxLength: 200, size: 'max' }),
);

/** The text in pieces as it might arrive, cut anywhere, also within a surrogate pair or a CRLF. */
export const inSteps = (text: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> =>
  fc.tuple(text, fc.array(fc.nat({ max: 40 }), { maxLength: 60, size: 'max' })).map(([whole, sizes]) => {
    const steps: string[] = [];
    let at = 0;
    for (const size of sizes) {
      steps.push(whole.slice(at, at + size));
      at += size;
    }
    return [...steps, whole.slice(at)];
  });
