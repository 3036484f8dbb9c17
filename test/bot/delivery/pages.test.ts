import { describe, expect, it } from 'vitest';
import { type Page, PageLimitError, Pager, paginate } from '../../../bot/delivery/pages.ts';

const texts = (text: string, maxLength = 40): string[] =>
  paginate(text, { maxLength }).map((page) => page.text);

describe('pages', () => {
  it('are one page while the text fits', () => {
    expect(texts('Short and whole.')).toEqual(['Short and whole.']);
  });

  it('are none for an empty text', () => {
    expect(texts('')).toEqual([]);
  });

  it('have nothing to post while the text is only blanks, but lose none of them', () => {
    const blanks = ' \n\t'.repeat(100);
    expect(paginate(blanks, { maxLength: 40 })).toEqual([
      { source: blanks, text: '', reopening: '', closing: '' },
    ]);
  });

  it('fill a message to its last character', () => {
    expect(texts('a'.repeat(80))).toEqual(['a'.repeat(40), 'a'.repeat(40)]);
  });

  it('keep in the source the blanks that they do not show', () => {
    const pages = paginate('The first paragraph is here.  \n\n\nThe second one follows.\n', {
      maxLength: 40,
    });
    expect(pages.map((page) => page.source)).toEqual([
      'The first paragraph is here.  \n\n\n',
      'The second one follows.\n',
    ]);
    expect(pages.map((page) => page.text)).toEqual([
      'The first paragraph is here.',
      'The second one follows.',
    ]);
  });

  it('keep the indentation of their first line', () => {
    expect(texts('- a list with one item of this width\n  - and one below it')).toEqual([
      '- a list with one item of this width',
      '  - and one below it',
    ]);
  });

  it('cut an indentation that would fill the page', () => {
    expect(texts(`${' '.repeat(500)}far`)).toEqual([`${' '.repeat(10)}far`]);
  });
});

describe('a page ends', () => {
  it('at a paragraph rather than a line', () => {
    expect(texts('One paragraph, long\nenough.\n\nTwo.\nThree, and so on.')).toEqual([
      'One paragraph, long\nenough.',
      'Two.\nThree, and so on.',
    ]);
  });

  it('at a paragraph in a text with CRLF too, which ends one line, not two', () => {
    expect(texts('One paragraph, long\r\nenough.\r\n\r\nTwo.\r\nThree, and so on.')).toEqual([
      'One paragraph, long\r\nenough.',
      'Two.\r\nThree, and so on.',
    ]);
  });

  it('at a line rather than a sentence', () => {
    expect(texts('A line that is long enough\nOne. Two. Three. Four.')).toEqual([
      'A line that is long enough',
      'One. Two. Three. Four.',
    ]);
  });

  it('at a sentence rather than a word', () => {
    expect(texts('This sentence ends in time. This one does not any more.')).toEqual([
      'This sentence ends in time.',
      'This one does not any more.',
    ]);
  });

  it('at a word rather than within one', () => {
    expect(texts('words and words and words and words and words')).toEqual([
      'words and words and words and words and',
      'words',
    ]);
  });

  it('anywhere in an endless word', () => {
    expect(texts(`see ${'x'.repeat(60)}`)).toEqual([`see ${'x'.repeat(36)}`, 'x'.repeat(24)]);
  });

  it('at a lesser border when the better one would leave the page nearly empty', () => {
    expect(texts('Yes.\n\nBut words and words and words and words and words')).toEqual([
      'Yes.\n\nBut words and words and words and',
      'words and words',
    ]);
  });

  it('behind the full stop of languages that put no space there', () => {
    expect(texts(`${'春はあけぼの。'.repeat(6)}終わり`)).toEqual([
      '春はあけぼの。'.repeat(5),
      '春はあけぼの。終わり',
    ]);
  });

  it('not behind an abbreviation that the sentence goes on after', () => {
    expect(texts('Something is like this, e.g. the page which ends')).toEqual([
      'Something is like this, e.g. the page',
      'which ends',
    ]);
  });

  it('not between a bullet or a number and what it marks', () => {
    expect(texts(`The list:\n12. ${'x'.repeat(40)}`)).toEqual([
      `The list:\n12. ${'x'.repeat(26)}`,
      'x'.repeat(14),
    ]);
  });

  it('not at a space that does not break', () => {
    expect(texts('it is about this far to the town: 1000\u00a0miles')).toEqual([
      'it is about this far to the town:',
      '1000\u00a0miles',
    ]);
  });

  it('never within an emoji, a flag, an accent or a line end', () => {
    const family = '👩‍👩‍👧‍👦';
    expect(texts(`${'x'.repeat(30)}${family}`)).toEqual(['x'.repeat(30), family]);
    expect(texts(`${'x'.repeat(38)}🇩🇪`)).toEqual(['x'.repeat(38), '🇩🇪']);
    expect(texts(`${'x'.repeat(39)}e\u0301`)).toEqual(['x'.repeat(39), 'e\u0301']);
    expect(paginate(`${'x'.repeat(40)}\r\ny`, { maxLength: 40 }).map((page) => page.source)).toEqual([
      `${'x'.repeat(40)}\r\n`,
      'y',
    ]);
  });

  it('within a cluster only if that is larger than a page, and then between characters', () => {
    const zalgo = `e${'\u0301'.repeat(60)}`;
    expect(texts(zalgo).join('')).toBe(zalgo);
    const chain = '👩\u200d'.repeat(30);
    for (const text of texts(chain, 41)) expect(text.startsWith('👩')).toBe(true);
  });

  it('in a text of lone surrogates like in any other', () => {
    expect(texts(`${'\ud83d'.repeat(100)}.`).join('')).toBe(`${'\ud83d'.repeat(100)}.`);
    expect(texts('\ude00'.repeat(100)).join('')).toBe('\ude00'.repeat(100));
  });
});

describe('a code block that is longer than its page', () => {
  it('is closed there and opened again on the next page', () => {
    expect(texts('```js\nconst first = 1;\nconst second = 2;\nconst third = 3;\n```\nDone.')).toEqual([
      '```js\nconst first = 1;\n```',
      '```js\nconst second = 2;\n```',
      '```js\nconst third = 3;\n```\nDone.',
    ]);
  });

  it('keeps its own fence and its whole info string', () => {
    expect(texts('~~~~ md key=1 \nThe first line.\nThe second line.\n~~~~')).toEqual([
      '~~~~ md key=1 \nThe first line.\n~~~~',
      '~~~~ md key=1\nThe second line.\n~~~~',
    ]);
  });

  it('says on each page what was added, so that it can be taken away', () => {
    const pages = paginate('```js\nconst first = 1;\nconst second = 2;\n```', { maxLength: 40 });
    expect(pages).toEqual([
      {
        source: '```js\nconst first = 1;\n',
        text: '```js\nconst first = 1;\n```',
        reopening: '',
        closing: '\n```',
      },
      {
        source: 'const second = 2;\n```',
        text: '```js\nconst second = 2;\n```',
        reopening: '```js\n',
        closing: '',
      },
    ] satisfies Page[]);
  });

  it('is closed only by its own kind of fence, at least as long', () => {
    const [first, second] = texts('````\n```\nstill code\n~~~~\n and more and more and more\n````\nprose');
    expect(first).toBe('````\n```\nstill code\n~~~~\n````');
    expect(second).toBe('````\n and more and more and more\n````');
  });

  it('goes to the next page as a whole if it begins late enough and fits there', () => {
    expect(texts('Here is an introduction:\n```\nx = 1;\ny = 2;\n```')).toEqual([
      'Here is an introduction:',
      '```\nx = 1;\ny = 2;\n```',
    ]);
  });

  it('leaves no empty block behind', () => {
    // Behind the opening line and before the closing one there are line ends, but no borders to choose.
    expect(texts(`\`\`\`js\n${'x'.repeat(60)}\n\`\`\``)).toEqual([
      `\`\`\`js\n${'x'.repeat(30)}\n\`\`\``,
      `\`\`\`js\n${'x'.repeat(30)}\n\`\`\``,
    ]);
    expect(texts('```js\nconst numbers = [1, 2, 3, 4];\n\n\n```')).toEqual([
      '```js\nconst numbers = [1, 2, 3,\n```',
      '```js\n4];\n\n\n```',
    ]);
  });

  it('shows a closing fence that has only begun as a whole one', () => {
    expect(texts('```\ncode\n`')).toEqual(['```\ncode\n```']);
  });

  it('is left alone when its fence would fill the page again and again', () => {
    const opener = `\`\`\`${'x'.repeat(20)}`;
    expect(texts(`${opener}\nsome words of code\nmore words of code`)).toEqual([
      `${opener}\nsome words of`,
      'code\nmore words of code',
    ]);
    const endless = '`'.repeat(100);
    expect(texts(endless).join('')).toBe(endless);
  });

  it('is none if the line only looks like a fence', () => {
    // Four spaces make it indented code, a backtick in the info string makes it inline code.
    for (const line of ['    ```js', '```js```', 'see ```js']) {
      for (const { reopening, closing } of paginate(`${line}\n${'words '.repeat(20)}`, { maxLength: 40 })) {
        expect({ reopening, closing }).toEqual({ reopening: '', closing: '' });
      }
    }
  });

  it('is not opened by backticks that a border within a line would put at the begin of a page', () => {
    expect(texts(`${'x'.repeat(28)} and \`\`\`inline code\`\`\``)).toEqual([
      'x'.repeat(28),
      'and ```inline code```',
    ]);
    expect(texts(`${'x'.repeat(40)}\`\`\`inline code\`\`\``)).toEqual(['x'.repeat(39), 'x```inline code```']);
  });

  it('is not closed by a line that would look like its end if it were cut', () => {
    expect(texts(`\`\`\`\ncode\n\`\`\` ${'x'.repeat(40)}`)).toEqual([
      '```\ncode\n```',
      `\`\`\`\n\`\`\` ${'x'.repeat(28)}\n\`\`\``,
      `\`\`\`\n${'x'.repeat(12)}\n\`\`\``,
    ]);
    // Only spaces and tabs may follow a closing fence: this blank keeps the block open, so it is shown.
    expect(texts(`\`\`\`\n${'x'.repeat(20)}\n\`\`\`\u00a0\nstill code`)[0]).toBe(
      `\`\`\`\n${'x'.repeat(20)}\n\`\`\`\u00a0\n\`\`\``,
    );
  });

  it('does not lose words of its info string to the next page', () => {
    expect(texts(`Hm:\n~~~ a b c d e\n${'x'.repeat(30)}`)).toEqual([
      `Hm:\n~~~ a b c d e\n${'x'.repeat(18)}\n~~~`,
      `~~~ a b c d e\n${'x'.repeat(12)}\n~~~`,
    ]);
  });

  it('takes a shorter fence within for the code that it is', () => {
    expect(texts('````\nfirst line\n```\nsecond one\nthird one\n````')).toEqual([
      '````\nfirst line\n```\nsecond one\n````',
      '````\nthird one\n````',
    ]);
  });
});

describe('a growing text', () => {
  it('leaves finished pages as they are, as the very same objects', () => {
    const pager = new Pager({ maxLength: 40 });
    const seen: Page[] = [];
    for (let i = 0; i < 2000; i++) {
      pager.append(i % 7 === 0 ? 'word.\n' : 'word ');
      for (const page of pager.finished.slice(seen.length)) seen.push(page);
    }
    expect(seen.length).toBeGreaterThan(100);
    pager.finished.forEach((page, index) => {
      expect(page).toBe(seen[index]);
    });
  });

  it('shows its last page as it grows, and takes back words only to begin a page with them', () => {
    const pager = new Pager({ maxLength: 32 });
    pager.append('The first thirty-two characters.');
    expect(pager.growing?.text).toBe('The first thirty-two characters.');
    pager.append('.');
    expect(pager.pages.map((page) => page.text)).toEqual(['The first thirty-two', 'characters..']);
  });

  it('may arrive in the middle of a character', () => {
    const pager = new Pager({ maxLength: 32 });
    const [high, low] = ['\ud83d', '\ude00'];
    pager.append(`${'x'.repeat(31)}${high}`);
    // Nobody is shown half a character, but it is not lost.
    expect(pager.pages).toMatchObject([{ source: `${'x'.repeat(31)}${high}`, text: 'x'.repeat(31) }]);
    pager.append(low);
    expect(pager.pages.map((page) => page.text)).toEqual(['x'.repeat(31), '😀']);
  });

  it('has no growing page before its first character', () => {
    const pager = new Pager({ maxLength: 40 });
    pager.append('');
    expect(pager.growing).toBeUndefined();
    expect(pager.pages).toEqual([]);
  });
});

describe('a page limit', () => {
  it('counts UTF-16 code units, code points or bytes', () => {
    const count = (measure: 'utf16' | 'codePoints' | 'utf8'): number =>
      paginate('😀'.repeat(64), { maxLength: 32, measure }).length;
    expect([count('utf16'), count('codePoints'), count('utf8')]).toEqual([4, 2, 8]);
  });

  it('below which no text fits beside a fence is refused with the reason', () => {
    for (const maxLength of [31, 0, -1, 32.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const make = (): Pager => new Pager({ maxLength });
      expect(make).toThrow(PageLimitError);
      expect(make).toThrow(RangeError);
      expect(make).toThrow(`is ${maxLength}, but it must be an integer of at least 32`);
    }
  });
});
