import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tokens } from '../../../inference/engine/engine.ts';
import { ask } from '../../../inference/tasks/ask.ts';
import { chat } from '../../../inference/tasks/chat.ts';
import { isBlank, washLine, washPhrase, washText } from '../../../inference/tasks/delimiters.ts';
import { runTask } from '../../../inference/tasks/run.ts';
import { summarize, summaryPrompt } from '../../../inference/tasks/summarize.ts';
import type { Exchange } from '../../../inference/tasks/task.ts';
import { translate } from '../../../inference/tasks/translate.ts';
import { TRANSLATION_EXAMPLES } from '../../../inference/tasks/translation-examples.ts';
import { collect, scriptedModel } from './scripted-model.ts';
import { starterTokens } from './starter-tokens.ts';

let tokens: Tokens;
beforeAll(async () => {
  tokens = await starterTokens();
});

/** Text made to break out: marks, breaks, blanks that cannot be seen, halves of characters, and anything else. */
const hostile = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('Q:', 'A:', 'TL;DR:', 'q:', 'tl;dr:', 'Q', ':', 'T', 'L;DR:') },
      {
        weight: 3,
        arbitrary: fc.constantFrom('\n', '\r', '\r\n', '\v', '\f', '\u0085', '\u2028', '\u2029', '\n\n'),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom(' ', '\t', '\u00a0', '\u3000', '\u200b', '\ufeff', '\u2060', '\u00ad'),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom('\0', '\b', '\x1b', '\x7f', '\ud83d', '\ude00', '<|endoftext|>', '___'),
      },
      { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) },
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(''));
const readable = hostile.filter((text) => !isBlank(text));
const hostileEquations = fc
  .array(fc.oneof(fc.constantFrom('=', ' = ', '= ', ' =', '\n=', '\u200b=\u00a0', '\t=\t'), readable), {
    minLength: 1,
    maxLength: 8,
  })
  .map((pieces) => pieces.join(''))
  .filter((text) => !isBlank(text));
const exchanges = fc.array(fc.record({ question: readable, answer: readable }), { maxLength: 4 });

/** Reads a prompt by its form alone: what stands before the first mark at a line's start, then the marked lines. */
function parse(prompt: string): { before: string; lines: [mark: string, text: string][] } {
  const before: string[] = [];
  const lines: [string, string][] = [];
  for (const line of prompt.split('\n')) {
    const mark = /^(Q:|A:|TL;DR:) ?(.*)$/is.exec(line);
    if (mark) lines.push([mark[1] ?? '', mark[2] ?? '']);
    else if (lines.length === 0) before.push(line);
    else throw new Error(`A line without a mark behind the first mark: ${JSON.stringify(line)}`);
  }
  return { before: before.join('\n'), lines };
}

const marked = (history: readonly Exchange[], question: string) => [
  ...history.flatMap((exchange) => [
    ['Q:', washLine(exchange.question)],
    ['A:', washLine(exchange.answer)],
  ]),
  ['Q:', washLine(question)],
  ['A:', ''],
];

describe('a text of several lines', () => {
  it('has its line breaks, of any kind, made newlines', () => {
    expect(washText('a\rb\r\nc\u2028d\u2029e\u0085f\vg\fh')).toBe('a\nb\nc\nd\ne\nf\ng\nh');
  });

  it('has lines that begin with a mark indented, however the mark is written or preceded', () => {
    expect(washText('Q: x\n a: y\n\u200b\tTl;Dr: z\nA : w\nQ\u200b: v\nno Q: here')).toBe(
      '    Q: x\n    a: y\n    Tl;Dr: z\n    A : w\n    Q\u200b: v\nno Q: here',
    );
  });

  it('loses what is no text: control characters, halves of characters, blanks around it', () => {
    expect(washText('  a\u0000\u001b[31m\tb\ud83d \u007f\n')).toBe('a[31m\tb\ufffd');
    expect(washText('a Q\0:\nQ\0: b')).toBe('a Q:\n    Q: b');
  });

  it('keeps emoji, words of any script, and end-of-text as the letters it is made of', () => {
    const kept = '👩‍👩‍👧 سلام میخواهم 日本語 <|endoftext|>';
    expect(washText(kept)).toBe(kept);
    expect(washLine(kept)).toBe(kept);
  });

  it('is not changed by a second washing', () => {
    fc.assert(fc.property(hostile, (text) => washText(washText(text)) === washText(text)));
    fc.assert(fc.property(hostile, (text) => washLine(washLine(text)) === washLine(text)));
  });

  it('is washed in time that grows with its length alone', () => {
    for (const unit of [' ', '\n', '\u200b', 'Q', ' \n', 'T\u200b', '\t:']) washText(unit.repeat(500_000));
    for (const unit of [' ', '\n', '\u200b', ' \n']) isBlank(unit.repeat(500_000));
  });
});

describe('a text on a line of its own', () => {
  it('has line breaks and the blanks around them made one space', () => {
    expect(washLine(' Who \r\n\r\n\tare\u2028you?\n')).toBe('Who are you?');
  });
});

describe('nobody forges the form of a prompt', () => {
  const budget = () => ({ tokens, promptTokens: 100_000 });

  it('of chat: the same marks and texts are read out of it that were put in', async () => {
    await fc.assert(
      fc.asyncProperty(readable, exchanges, async (text, history) => {
        const prompt = await chat.prompt({ text, history }, budget());
        expect(parse(prompt.text)).toEqual({ before: '', lines: marked(history, text) });
      }),
    );
  });

  it('of ask: context, earlier questions and the new one stay apart', async () => {
    await fc.assert(
      fc.asyncProperty(readable, readable, exchanges, async (text, context, history) => {
        const prompt = await ask.prompt({ text, context, history }, budget());
        expect(parse(prompt.text)).toEqual({
          before: `${washText(context)}\n`,
          lines: marked(history, text),
        });
      }),
    );
  });

  it('of summarize: the one mark is the last line', async () => {
    await fc.assert(
      fc.asyncProperty(readable, async (text) => {
        const prompt = summaryPrompt(text);
        expect(parse(prompt)).toEqual({ before: `${washText(text)}\n`, lines: [['TL;DR:', '']] });
      }),
    );
  });

  it('nor breaks out of it where the text must be cut; and no prompt is over its budget', async () => {
    const lengthy = fc.array(readable, { minLength: 1, maxLength: 12 }).map((texts) => texts.join('\n'));
    await fc.assert(
      fc.asyncProperty(
        lengthy,
        lengthy,
        exchanges,
        fc.integer({ min: 60, max: 250 }),
        async (text, context, history, promptTokens) => {
          for (const task of [chat, ask]) {
            const prompt = await task.prompt({ text, context, history }, { tokens, promptTokens });
            expect(prompt.tokens).toBe(await tokens.count(prompt.text));
            expect(prompt.tokens).toBeLessThanOrEqual(promptTokens);
            const { before, lines } = parse(prompt.text);
            expect(lines.map(([mark]) => mark).join('')).toMatch(/^(Q:A:)+$/);
            expect(lines.slice(0, -2)).toEqual(marked(history, '').slice(-lines.length, -2));
            expect(before.endsWith('\n')).toBe(task !== chat);
          }
          const into = text.length % 2 === 0 ? 'french' : 'english';
          const prompt = await translate.prompt({ text, to: into }, { tokens, promptTokens });
          expect(prompt.tokens).toBe(await tokens.count(prompt.text));
          expect(prompt.tokens).toBeLessThanOrEqual(promptTokens);
          const { pairs, open } = parsePairs(prompt.text);
          expect(
            TRANSLATION_EXAMPLES.slice(TRANSLATION_EXAMPLES.length - pairs.length).map((pair) => pair.french),
          ).toEqual(pairs.map((sides) => sides[into === 'french' ? 1 : 0]));
          expect(washPhrase(text).startsWith(open)).toBe(true);
        },
      ),
    );
  });

  it('of a part of a long text: the one mark is the last line, and no part is over its budget', async () => {
    const lengthy = fc.array(readable, { minLength: 30, maxLength: 60 }).map((texts) => texts.join('\n'));
    await fc.assert(
      fc.asyncProperty(lengthy, async (text) => {
        const contextLength = 64;
        const { engine, asked } = scriptedModel(tokens, { says: 'Some words.', contextLength });
        await collect(runTask(summarize, { text }, engine, { conversation: 'c' }));
        for (const { prompt, options } of asked) {
          expect(await tokens.count(prompt)).toBeLessThanOrEqual(contextLength - 1 - contextLength / 4);
          expect(options.maxNewTokens).toBeGreaterThan(0);
          const { before, lines } = parse(prompt);
          expect(before.endsWith('\n')).toBe(true);
          expect(lines).toEqual([['TL;DR:', '']]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('of translate: example pairs and one open line, however many equals signs were typed', async () => {
    await fc.assert(
      fc.asyncProperty(hostileEquations, async (text) => {
        const { text: prompt } = await translate.prompt({ text }, budget());
        const { pairs, open } = parsePairs(prompt);
        expect(pairs).toEqual(TRANSLATION_EXAMPLES.map(({ english, french }) => [english, french]));
        expect(open).toBe(washPhrase(text));
      }),
    );
  });
});

describe('a phrase on one side of an equals sign', () => {
  it('has no blank beside an equals sign of its own', () => {
    expect(washPhrase(' a = b\t=\u200bc\n== d =')).toBe('a=b=c==d=');
  });

  it('is washed in time that grows with its length alone, and not changed by a second washing', () => {
    for (const unit of ['=', ' =', '= ', ' ', '\u200b', '= =']) washPhrase(unit.repeat(500_000));
    fc.assert(fc.property(hostileEquations, (text) => washPhrase(washPhrase(text)) === washPhrase(text)));
  });
});

/** Reads a translation's prompt by its form alone: a pair a line, and a last line with only one side. */
function parsePairs(prompt: string): { pairs: string[][]; open: string } {
  const lines = prompt.split('\n').map((line) => line.split(' = '));
  const last = lines.pop() ?? [];
  for (const sides of lines) if (sides.length !== 2) throw new Error(`No pair: ${JSON.stringify(sides)}`);
  const [open = '', ...more] = last;
  if (more.length > 0 || !open.endsWith(' =')) throw new Error(`No open line: ${JSON.stringify(last)}`);
  return { pairs: lines, open: open.slice(0, -2) };
}
