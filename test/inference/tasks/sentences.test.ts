import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sentenceEnd } from '../../../inference/tasks/sentences.ts';

/** Every sentence of the text, without the blanks between; what has no end is the last. */
function split(text: string): string[] {
  const sentences: string[] = [];
  let from = 0;
  for (;;) {
    const end = sentenceEnd(text, from, true);
    sentences.push(text.slice(from, end).trim());
    if (end === undefined) return sentences.filter((sentence) => sentence !== '');
    from = end;
  }
}

/** Written as one line, with a bar where a sentence ends. */
const expectSplit = (marked: string) =>
  expect(split(marked.replaceAll(' | ', ' '))).toEqual(marked.split(' | '));

describe('a sentence ends', () => {
  it('behind a full stop, a question or an exclamation mark', () => {
    expectSplit('One. | Two! | Three? | Really?! | Four');
  });

  it('behind the quotes and brackets that close with it', () => {
    expectSplit('He said "No." | Then he left. | (It was late.) | *All of it.* | So “they say.” | Yes.');
  });

  it('at a blank line, also without a mark', () => {
    expect(split('A heading\n\nText. More')).toEqual(['A heading', 'Text.', 'More']);
    expect(split('Wait...\n \nThen')).toEqual(['Wait...', 'Then']);
    expect(split('\n\n\nText')).toEqual(['Text']);
  });

  it('behind a mark at the end of a line, whatever the next one begins with', () => {
    expect(split('One.\ntwo. three')).toEqual(['One.', 'two. three']);
  });

  it('behind a year or a letter that only looks like the mark of a list', () => {
    expectSplit('It was 1990. | We won. | Solve for x. | So do I. | Done.');
  });
});

describe('a sentence does not end', () => {
  it('behind abbreviations, titles and initials', () => {
    expectSplit(
      'Mr. Smith met Dr. Who, e.g. in the U.S. Army, cf. J. K. Rowling vs. Prof. X et al. 2019. | Yes.',
    );
  });

  it('inside numbers, versions, names of files and addresses', () => {
    expectSplit('It is 3.5 of v1.2.3 in Node.js or index.ts at example.com. | Yes.');
  });

  it('behind an abbreviation that a number follows, though the same word may end one', () => {
    expectSplit('See Fig. 3 and No. 5 of p. 12. | No. | Never.');
  });

  it('behind an ellipsis', () => {
    expectSplit('Wait... The end. | Well… Yes. | What…? | So.');
  });

  it('where the next word goes on in lower case', () => {
    expectSplit('Apples, pears, etc. and so on. | "Really?" he asked. | Really? | yes.');
  });

  it('behind the number of a list', () => {
    expectSplit('1. First item. | 2. Second item. | It ends.');
    expect(split('a. First.\nb. Second.')).toEqual(['a. First.', 'b. Second.']);
    expect(split('Do this:\n1. Stop.\n2. Go.')).toEqual(['Do this:\n1. Stop.', '2. Go.']);
  });

  it('at a line break alone', () => {
    expect(split('a line\nthat goes on. Yes')).toEqual(['a line\nthat goes on.', 'Yes']);
  });
});

describe('while the text still grows', () => {
  it('no end is certain before the next word has begun', () => {
    expect(sentenceEnd('One.', 0, false)).toBeUndefined();
    expect(sentenceEnd('One. ', 0, false)).toBeUndefined();
    expect(sentenceEnd('One. T', 0, false)).toBe(4);
    expect(sentenceEnd('One.\n', 0, false)).toBe(4);
    expect(sentenceEnd('3.', 0, false)).toBeUndefined();
  });

  it('what was certain of a beginning is true of the whole', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '.',
        '..',
        '?',
        '…',
        ' ',
        '\n',
        '\n\n',
        'a',
        'B',
        'Mr',
        'e.g',
        'I',
        '3',
        'No',
        '"',
        ')',
        '𝒜',
        '*',
        '(',
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(pieces, fc.nat(40), (words, cut) => {
        const text = words.join('');
        const certain = sentenceEnd(text.slice(0, cut), 0, false);
        return certain === undefined || certain === sentenceEnd(text, 0, true);
      }),
      { numRuns: 1000 },
    );
  });
});
