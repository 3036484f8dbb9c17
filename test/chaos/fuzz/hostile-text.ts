import fc from 'fast-check';

/** Characters that are not seen, that turn the direction, or that join what stands beside them. */
const unseen = fc.constantFrom(
  ...['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u034f', '\u180e', '\ufe0f'],
  ...[
    '\u202a',
    '\u202b',
    '\u202c',
    '\u202d',
    '\u202e',
    '\u2066',
    '\u2067',
    '\u2068',
    '\u2069',
    '\u200e',
    '\u061c',
  ],
  ...['\u{e0041}', '\u{e0100}', '\u2028', '\u2029', '\u0085', '\u00a0', '\u3000'],
);

const control = fc.integer({ min: 0, max: 0x1f }).map((code) => String.fromCharCode(code));
const loneSurrogate = fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code));

/** One class of Unicode's each: letters of several scripts, marks, digits, signs, emoji, private use, unassigned. */
const unicode = fc.constantFrom(
  ...['e\u0301\u0302\u0303', 'क्षि', 'ﷺ', 'שלום', 'مرحبا', '你好', '한국어', '각', 'ẞ', 'ǆ', '٣', '½', '₿'],
  ...['👩‍👩‍👧‍👦', '🇩🇪🇫🇷', '👍🏽', '𝔘𝔫𝔦', '\ue000', '\u{10ffff}', '\u{50000}', 'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢'],
);

/** Whom a text could call, on either platform, and what else is more than text there. */
const reference = fc.constantFrom(
  ...['@everyone', '@here', '<@123456789012345678>', '<@!123456789012345678>', '<@&123456789012345678>'],
  ...[
    '<#123456789012345678>',
    '</ask:123456789012345678>',
    '<:smile:123456789012345678>',
    '<t:1700000000:R>',
  ],
  ...['<!channel>', '<!here|here>', '<!everyone>', '<!subteam^S0123456>', '<@U0123456>', '<@U0123456|ann>'],
  ...[
    '<#C0123456|general>',
    '<https://evil.example/a|click>',
    '<mailto:a@b.example>',
    '&lt;!channel&gt;',
    '&amp;',
  ],
  ...[
    '[click](https://evil.example)',
    '![x](https://evil.example/a.png)',
    'https://evil.example',
    '](',
    '<',
    '>',
    '&',
  ],
);

/** What has a meaning in the model's prompts, or for the bot. */
const form = fc.constantFrom(
  ...[
    '<|endoftext|>',
    '<|im_start|>',
    '[INST]',
    '</s>',
    '\nQ:',
    '\nA:',
    '\nTL;DR:',
    '\n q :',
    '\nQ\u200b:',
    ' = ',
    '\n=',
  ],
  ...[
    '___',
    ' | ',
    'to english:',
    'likelihoods:',
    'private: ',
    'seed 42',
    '/reset',
    'summarize',
    'help',
    '/quit',
  ],
);

const markdown = fc.constantFrom(
  ...[
    '```',
    '````js\n',
    '\n```\n',
    '~~~',
    '`',
    '``',
    '**',
    '__',
    '*',
    '_',
    '~~',
    '***',
    '||',
    '\\',
    '\n> ',
    '\n- ',
  ],
  ...[
    '\n1. ',
    '\n# ',
    '-# ',
    '\n\n',
    '\n',
    '\r\n',
    '\r',
    '\t',
    '    ',
    '| a | b |\n|---|---|\n',
    '<b>',
    '<!--',
  ],
);

const word = fc.constantFrom(
  'what',
  'is',
  'a',
  'glacier',
  'The',
  'Old',
  'Lighthouse',
  'tell',
  'me',
  'ask',
  'write',
);
const words = fc.array(word, { minLength: 1, maxLength: 6 }).map((some) => `${some.join(' ')} `);

const piece = fc.oneof(
  { weight: 6, arbitrary: words },
  { weight: 3, arbitrary: markdown },
  { weight: 3, arbitrary: reference },
  { weight: 3, arbitrary: form },
  { weight: 2, arbitrary: unseen },
  { weight: 2, arbitrary: unicode },
  { weight: 1, arbitrary: control },
  { weight: 1, arbitrary: loneSurrogate },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);

const usual = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''));

/** A few pieces over and over: what is nested deeply, and what fills many messages. */
const huge = fc
  .tuple(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.integer({ min: 50, max: 2_000 }))
  .map(([pieces, times]) => pieces.join('').repeat(times).slice(0, 30_000));

/** Whatever people, and other people's bots, may send; one in two hundred is huge. */
export const hostileText = fc.oneof({ weight: 199, arbitrary: usual }, { weight: 1, arbitrary: huge });
