import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, askWith } from '../../../inference/tasks/ask.ts';
import { chat } from '../../../inference/tasks/chat.ts';
import { summarize } from '../../../inference/tasks/summarize.ts';
import type { Budget, Exchange, Task, TaskInput } from '../../../inference/tasks/task.ts';
import { TaskInputError } from '../../../inference/tasks/task.ts';
import { tasks } from '../../../inference/tasks/tasks.ts';
import { type CountedTokens, starterTokens } from './starter-tokens.ts';

let tokens: CountedTokens;
beforeAll(async () => {
  tokens = await starterTokens();
});
beforeEach(() => {
  tokens.trips = 0;
});

const budget = (promptTokens = 400): Budget => ({ tokens, promptTokens });
const text = async (task: Task, input: TaskInput, promptTokens?: number) =>
  (await task.prompt(input, budget(promptTokens))).text;

const paris: Exchange = { question: 'What is the capital of France?', answer: 'Paris.' };
const rome: Exchange = { question: 'And of Italy?', answer: 'Rome.' };
const sentence = 'The quick brown fox jumps over the lazy dog near the river. ';
const long = sentence.repeat(100).trim();

describe('ask', () => {
  it('writes a question from memory alone, with no space behind the last mark', async () => {
    expect(await text(ask, { text: ' What is a bee? ' })).toBe('Q: What is a bee?\nA:');
  });

  it('puts example pairs in front where it was made with some', async () => {
    expect(await text(askWith([paris, rome]), { text: 'And of Spain?' })).toBe(
      'Q: What is the capital of France?\nA: Paris.\nQ: And of Italy?\nA: Rome.\nQ: And of Spain?\nA:',
    );
  });

  it('drops example pairs that do not fit, the first ones first', async () => {
    const room = await tokens.count('Q: And of Italy?\nA: Rome.\nQ: And of Spain?\nA:');
    expect(await text(askWith([paris, rome]), { text: 'And of Spain?' }, room)).toBe(
      'Q: And of Italy?\nA: Rome.\nQ: And of Spain?\nA:',
    );
  });

  it('leaves the memory of the conversation out where there is no context to ask about', async () => {
    expect(await text(ask, { text: 'Why?', history: [paris] })).toBe('Q: Why?\nA:');
    expect(await text(ask, { text: 'Why?', context: ' \n\u200b ' })).toBe('Q: Why?\nA:');
  });

  it('puts the context in front, and earlier questions about it between', async () => {
    const context = 'ann: The build is red.\nbob: I broke it.';
    expect(await text(ask, { text: 'Who broke it?', context })).toBe(
      'ann: The build is red.\nbob: I broke it.\n\nQ: Who broke it?\nA:',
    );
    expect(
      await text(ask, {
        text: 'Who broke it?',
        context,
        history: [{ question: 'What is red?', answer: 'The build.' }],
      }),
    ).toBe(
      'ann: The build is red.\nbob: I broke it.\n\nQ: What is red?\nA: The build.\nQ: Who broke it?\nA:',
    );
  });

  it('decodes an answer from a context otherwise than one from memory', async () => {
    const memory = await ask.prompt({ text: 'Who?' }, budget());
    expect(memory.decoding ?? ask).toMatchObject({ stop: ['\n'], sampling: { temperature: 0.3 } });
    const { decoding } = await ask.prompt({ text: 'Who?', context: 'Bob.' }, budget());
    expect(decoding).toMatchObject({ sampling: { temperature: 0, repetitionPenalty: 1 } });
    expect(decoding?.stop).toContain('\nQ:');
  });

  it('keeps as many earlier questions as fit beside the whole context, the latest first', async () => {
    const history = [paris, { question: 'x'.repeat(300), answer: 'y' }, rome];
    const room = 60;
    const prompt = await ask.prompt({ text: 'Where?', context: 'A short one.', history }, budget(room));
    expect(prompt.text).toBe('A short one.\n\nQ: And of Italy?\nA: Rome.\nQ: Where?\nA:');
    expect(prompt.note).toBeUndefined();
  });

  it('cuts a context to what fits beside the question and the latest exchange, and says so', async () => {
    const prompt = await ask.prompt(
      { text: 'Who jumps?', context: long, history: [paris, rome] },
      budget(200),
    );
    expect(prompt.text.startsWith('The quick brown fox')).toBe(true);
    expect(prompt.text.endsWith('\n\nQ: And of Italy?\nA: Rome.\nQ: Who jumps?\nA:')).toBe(true);
    expect(prompt.text).not.toContain('France');
    expect(prompt.tokens).toBeGreaterThan(180);
    expect(prompt.tokens).toBeLessThanOrEqual(200);
    expect(prompt.note).toMatch(
      /^The text is longer than this model can read at once: only its beginning \(\d+ %\) was read\.$/,
    );
    const read = prompt.text.indexOf('\n\nQ:') / long.length;
    expect(prompt.note).toContain(`(${Math.floor(read * 100)} %)`);
  });

  it('gives the context half of the room, to the nearest sentence, however long the question and the latest exchange', async () => {
    const prompt = await ask.prompt(
      { text: `${'why '.repeat(400)}indeed?`, context: long, history: [{ question: long, answer: long }] },
      budget(200),
    );
    const [context = '', question = ''] = prompt.text.split('\n\n');
    expect(await tokens.count(context)).toBeGreaterThanOrEqual(85);
    expect(question).toMatch(/^Q: why .* why indeed\?\nA:$/);
    expect(prompt.tokens).toBeLessThanOrEqual(200);
    expect(prompt.note).toMatch(
      /^The text is longer .* Your question is longer .* only its end \(\d+ %\) was read\.$/,
    );
  });

  it('lets a long question use what a short context leaves free', async () => {
    const prompt = await ask.prompt({ text: 'why '.repeat(400), context: 'Because.' }, budget(200));
    expect(prompt.text.startsWith('Because.\n\nQ: why')).toBe(true);
    expect(prompt.tokens).toBeGreaterThan(190);
    expect(prompt.tokens).toBeLessThanOrEqual(200);
  });
});

describe('summarize', () => {
  it('writes the mark behind the text, paragraphs kept', async () => {
    expect(await text(summarize, { text: '\nOne.\n\nTwo.\r\n' })).toBe('One.\n\nTwo.\n\nTL;DR:');
  });

  it('sums up the context where the person wrote nothing else', async () => {
    expect(await text(summarize, { text: '', context: 'A thread.' })).toBe('A thread.\n\nTL;DR:');
  });

  it('decodes as the paper does: 100 tokens, top-k 2, three sentences', () => {
    expect(summarize).toMatchObject({ maxNewTokens: 100, sampling: { topK: 2 }, form: { sentences: 3 } });
  });

  it('reads the beginning of a text that is too long, and says how much', async () => {
    const prompt = await summarize.prompt({ text: long }, budget(150));
    expect(prompt.text.startsWith('The quick brown fox')).toBe(true);
    expect(prompt.text.endsWith('\n\nTL;DR:')).toBe(true);
    expect(prompt.tokens).toBeGreaterThan(130);
    expect(prompt.tokens).toBeLessThanOrEqual(150);
    expect(prompt.note).toMatch(/only its beginning \(\d+ %\) was read/);
  });

  it('says "less than 1 %" rather than nothing of a very long text', async () => {
    const prompt = await summarize.prompt({ text: sentence.repeat(5000) }, budget(50));
    expect(prompt.note).toContain('(less than 1 %)');
  });
});

describe('chat', () => {
  it('writes the conversation as questions and answers', async () => {
    expect(await text(chat, { text: 'Hello!' })).toBe('Q: Hello!\nA:');
    expect(await text(chat, { text: 'And of Spain?', history: [paris, rome] })).toBe(
      'Q: What is the capital of France?\nA: Paris.\nQ: And of Italy?\nA: Rome.\nQ: And of Spain?\nA:',
    );
  });

  it('forgets the oldest exchanges first, without a note: that is how memory works', async () => {
    const history = Array.from({ length: 40 }, (_, i) => ({ question: `Number ${i}?`, answer: `${i}.` }));
    const prompt = await chat.prompt({ text: 'Next?', history }, budget(100));
    const kept = prompt.text.match(/Number \d+/g) ?? [];
    expect(kept.length).toBeGreaterThan(3);
    expect(prompt.text.endsWith('Q: Number 39?\nA: 39.\nQ: Next?\nA:')).toBe(true);
    const withOneMore = `Q: Number ${39 - kept.length}?\nA: ${39 - kept.length}.\n${prompt.text}`;
    expect(prompt.tokens).toBeLessThanOrEqual(100);
    expect(await tokens.count(withOneMore)).toBeGreaterThan(100);
    expect(prompt.note).toBeUndefined();
  });

  it('then cuts the message to its end, and says so', async () => {
    const prompt = await chat.prompt({ text: `${long} What jumps?`, history: [paris] }, budget(100));
    expect(prompt.text).toMatch(/^Q: .*What jumps\?\nA:$/);
    expect(prompt.note).toMatch(/^Your message is longer .* only its end \(\d+ %\) was read\.$/);
  });

  it('leaves out exchanges of which one side is empty', async () => {
    const history = [{ question: 'Are you there?', answer: ' ' }, paris];
    expect(await text(chat, { text: 'Hi', history })).toBe(
      'Q: What is the capital of France?\nA: Paris.\nQ: Hi\nA:',
    );
  });
});

describe('every task', () => {
  it('answers empty input with what to do', async () => {
    for (const task of Object.values(tasks)) {
      for (const nothing of ['', ' \t\r\n ', '\u200b\u2060', '\u0000']) {
        const refusal = task.prompt({ text: nothing, context: nothing }, budget());
        await expect(refusal).rejects.toThrow(TaskInputError);
        await expect(refusal).rejects.toThrow(/^There is n.*\. (Write|Give) /);
      }
    }
  });

  it('asks the tokenizer once when everything fits', async () => {
    await chat.prompt({ text: 'Hi', history: [paris, rome] }, budget());
    await ask.prompt({ text: 'Hi', context: 'Some.', history: [paris, rome] }, budget());
    await summarize.prompt({ text: 'Some.' }, budget());
    expect(tokens.trips).toBe(3);
  });

  it('asks the tokenizer a few times when the rest must be cut', async () => {
    const history = Array.from({ length: 100 }, () => paris);
    await chat.prompt({ text: 'Hi', history }, budget());
    expect(tokens.trips).toBeLessThan(9);
    tokens.trips = 0;
    await ask.prompt({ text: 'Hi', context: long, history }, budget());
    expect(tokens.trips).toBeLessThan(9);
  });

  it('says so when the budget does not even hold the form of the prompt', async () => {
    for (const task of Object.values(tasks)) {
      await expect(task.prompt({ text: 'Hello there', context: 'Some.' }, budget(3))).rejects.toMatchObject({
        code: 'PROMPT_TOO_LONG',
      });
    }
  });
});
