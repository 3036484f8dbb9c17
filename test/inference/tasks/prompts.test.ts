import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, askWith } from '../../../inference/tasks/ask.ts';
import { promptTokens } from '../../../inference/tasks/budget.ts';
import { chat } from '../../../inference/tasks/chat.ts';
import type { AnyTask } from '../../../inference/tasks/procedure.ts';
import { runTask } from '../../../inference/tasks/run.ts';
import { SUMMARY_DECODING, summarize } from '../../../inference/tasks/summarize.ts';
import type { Budget, Exchange, Task, TaskInput } from '../../../inference/tasks/task.ts';
import { TaskInputError } from '../../../inference/tasks/task.ts';
import { tasks } from '../../../inference/tasks/tasks.ts';
import { translate } from '../../../inference/tasks/translate.ts';
import { write } from '../../../inference/tasks/write.ts';
import { collect, ofType, scriptedModel } from './scripted-model.ts';
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

  it('reads the beginning of a context that is too long and seems to be about something else, and says so', async () => {
    const prompt = await ask.prompt(
      { text: 'Who sleeps?', context: long, history: [paris, rome] },
      budget(200),
    );
    expect(prompt.text.startsWith('The quick brown fox')).toBe(true);
    expect(prompt.text.endsWith('\n\nQ: And of Italy?\nA: Rome.\nQ: Who sleeps?\nA:')).toBe(true);
    expect(prompt.text).not.toContain('France');
    expect(prompt.tokens).toBeGreaterThan(180);
    expect(prompt.tokens).toBeLessThanOrEqual(200);
    expect(prompt.note).toMatch(
      /^The text is longer than this model can read at once: only its beginning \(\d+ %\) was read\.$/,
    );
    const read = prompt.text.indexOf('\n\nQ:') / long.length;
    expect(prompt.note).toContain(`(${Math.floor(read * 100)} %)`);
  });

  it('reads the passages of a long context that are closest to the question, in reading order, and says so', async () => {
    const context = `${long}\n\nThe owl is called Tom.\n\n${long}\n\nTom likes cheese.\n\n${long}`;
    const prompt = await ask.prompt({ text: 'What does Tom like?', context }, budget(250));
    expect(prompt.text).toMatch(
      /The owl is called Tom\..*\n\n.*Tom likes cheese\..*\n\nQ: What does Tom like\?\nA:$/s,
    );
    expect(prompt.tokens).toBeGreaterThan(225);
    expect(prompt.tokens).toBeLessThanOrEqual(250);
    expect(prompt.note).toMatch(
      /^The text is longer than this model can read at once: only the passages closest to the question \(\d %\) were read\.$/,
    );
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

/** The prompts of a procedure, in order, and how they are decoded. */
async function promptsOf(name: keyof typeof tasks, input: TaskInput, says = 'Something.') {
  const { engine, asked, scored } = scriptedModel(tokens, { says });
  const events = await collect(runTask(tasks[name], input, engine, { conversation: 'c', seed: 1 }));
  return { asked, scored, notes: ofType(events, 'note').map((note) => note.text) };
}

describe('summarize', () => {
  const prompts = async (input: TaskInput) =>
    (await promptsOf('summarize', input)).asked.map(({ prompt }) => prompt);

  it('writes the mark behind the text, paragraphs kept', async () => {
    expect(await prompts({ text: '\nOne.\n\nTwo.\r\n' })).toEqual(['One.\n\nTwo.\n\nTL;DR:']);
  });

  it('sums up the context where the person wrote nothing else', async () => {
    expect(await prompts({ text: '', context: 'A thread.' })).toEqual(['A thread.\n\nTL;DR:']);
  });

  it('decodes as the paper does: 100 tokens, top-k 2, three sentences', async () => {
    const { asked } = await promptsOf('summarize', { text: 'A text.' });
    expect(asked[0]?.options).toMatchObject({ maxNewTokens: 100, sampling: { topK: 2, temperature: 1 } });
    expect(SUMMARY_DECODING.form).toEqual({ sentences: 3 });
  });

  it('reads a text that just fits at once, and one token more in parts', async () => {
    const room = promptTokens(512, 100);
    const words = await wordsOf(room - (await tokens.count('\n\nTL;DR:')));
    expect(await prompts({ text: words })).toEqual([`${words}\n\nTL;DR:`]);
    expect((await prompts({ text: `${words} fox` })).length).toBeGreaterThan(1);
  });
});

/** A text of exactly so many tokens. */
async function wordsOf(count: number): Promise<string> {
  let text = 'fox';
  while ((await tokens.count(text)) < count) text += ' fox';
  return text;
}

describe('translate', () => {
  const examples = [
    'Good morning, how are you? = Bonjour, comment allez-vous ?',
    "I do not have any money. = Je n'ai pas d'argent.",
    'Where is the train station? = Où est la gare ?',
    'The children are playing in the garden. = Les enfants jouent dans le jardin.',
    "Please close the door. = Fermez la porte, s'il vous plaît.",
    "She bought a new house last year. = Elle a acheté une nouvelle maison l'année dernière.",
    'We will go to the sea tomorrow. = Nous irons à la mer demain.',
  ];

  it('writes example pairs, and the sentence with its equals sign and no blank behind it', async () => {
    expect(await text(translate, { text: ' The cat\nsleeps. ' })).toBe(
      `${examples.join('\n')}\nThe cat sleeps. =`,
    );
  });

  it('exchanges the sides for the other direction', async () => {
    const prompt = await text(translate, { text: 'Le chat dort.', to: 'english' });
    expect(prompt.split('\n').slice(-2)).toEqual([
      'Nous irons à la mer demain. = We will go to the sea tomorrow.',
      'Le chat dort. =',
    ]);
  });

  it('is greedy and ends with the line', () => {
    expect(translate).toMatchObject({ sampling: { temperature: 0 }, stop: ['\n', ' ='] });
  });

  it('drops examples that do not fit, the first ones first', async () => {
    const room = await tokens.count(`${examples.slice(-2).join('\n')}\nThe cat sleeps. =`);
    expect(await text(translate, { text: 'The cat sleeps.' }, room)).toBe(
      `${examples.slice(-2).join('\n')}\nThe cat sleeps. =`,
    );
  });

  it('keeps one example, and the beginning of a text that is too long beside it', async () => {
    const prompt = await translate.prompt({ text: long }, budget(150));
    expect(prompt.text.startsWith(`${examples.at(-1)}\nThe quick brown fox`)).toBe(true);
    expect(prompt.text.endsWith(' =')).toBe(true);
    expect(prompt.tokens).toBeLessThanOrEqual(150);
    expect(prompt.note).toMatch(/^Your text is longer .* only its beginning \(\d+ %\) was read\.$/);
  });
});

describe('write', () => {
  it('takes the title or opening as it is, but for the blanks around it', async () => {
    expect(await text(write, { text: '\n The Bees\n\n  A: once upon ' })).toBe('The Bees\n\n  A: once upon');
  });

  it('goes on behind what was written', async () => {
    expect(await text(write, { text: 'The Bees', written: '\n\nBees fly.' })).toBe('The Bees\n\nBees fly.');
  });

  it('keeps the end of what no longer fits, and says so', async () => {
    const prompt = await write.prompt({ text: 'The Fox', written: `\n\n${long} And so` }, budget(100));
    expect(prompt.text).toMatch(/^The quick .*river\. And so$/s);
    expect(prompt.tokens).toBeLessThanOrEqual(100);
    expect(prompt.note).toMatch(/^The text so far is longer .* only its end \(\d+ %\) was read\.$/);
  });

  it('draws with top-k 40 at temperature 0.8', () => {
    expect(write).toMatchObject({ sampling: { topK: 40, temperature: 0.8 } });
  });

  it('ends where a line begins like those of other tasks, unless the opening has such lines', async () => {
    const stop = async (opening: string) => (await write.prompt({ text: opening }, budget())).decoding?.stop;
    expect(await stop('The Bees')).toEqual(['\nQ:', '\nA:', '\nTL;DR:']);
    expect(await stop('An interview.\nQ: Who are you?\nA: Bob.')).toEqual(['\nTL;DR:']);
  });
});

describe('fill', () => {
  it('samples from the text before the gap, without the blank at its end, and scores with the text behind it', async () => {
    const { asked, scored } = await promptsOf('fill', { text: 'The quick brown ___ jumps.' }, ' fox.');
    expect(new Set(asked.map(({ prompt }) => prompt))).toEqual(new Set(['The quick brown']));
    expect(asked[0]?.options).toMatchObject({ sampling: { topK: 40, temperature: 1 }, stop: ['\n'] });
    expect(scored).toEqual([{ prompt: 'The quick brown', continuations: [' fox jumps.'] }]);
  });

  it('takes the sentence to end at a gap with nothing behind it', async () => {
    const { scored } = await promptsOf('fill', { text: 'The fox is ___' }, ' red and fast.');
    expect(scored).toEqual([
      { prompt: 'The fox is', continuations: [' red.', ' red and.', ' red and fast.'] },
    ]);
  });
});

describe('choose', () => {
  it('scores the whole text with each option, and what follows behind each', async () => {
    const input = { text: 'The cup broke because ___ was hard.', choices: ['the floor', 'the cup'] };
    const { asked, scored } = await promptsOf('choose', input);
    expect(asked).toEqual([]);
    expect(scored).toEqual([
      { prompt: 'The cup broke because', continuations: [' the floor was hard.', ' the cup was hard.'] },
      { prompt: 'The cup broke because the floor', continuations: [' was hard.'] },
      { prompt: 'The cup broke because the cup', continuations: [' was hard.'] },
    ]);
  });

  it('scores the whole alone where nothing follows', async () => {
    const { scored } = await promptsOf('choose', { text: 'Bees make ___', choices: ['honey', 'beer'] });
    expect(scored).toEqual([{ prompt: 'Bees make', continuations: [' honey', ' beer'] }]);
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

  it('then cuts the message to its end, says so, and what would read more of it', async () => {
    const prompt = await chat.prompt({ text: `${long} What jumps?`, history: [paris] }, budget(100));
    expect(prompt.text).toMatch(/^Q: .*What jumps\?\nA:$/);
    expect(prompt.note).toMatch(
      /^Your message is longer .* only its end \(\d+ %\) was read\. Ask for a summary to have more of it read\.$/,
    );
  });

  it('leaves out exchanges of which one side is empty', async () => {
    const history = [{ question: 'Are you there?', answer: ' ' }, paris];
    expect(await text(chat, { text: 'Hi', history })).toBe(
      'Q: What is the capital of France?\nA: Paris.\nQ: Hi\nA:',
    );
  });
});

describe('every task', () => {
  const run = (task: AnyTask, input: TaskInput) =>
    collect(runTask(task, input, scriptedModel(tokens, { says: 'Yes.' }).engine, { conversation: 'c' }));
  const simple = Object.values(tasks).filter((task): task is Task => 'prompt' in task);

  it('answers empty input with what to do', async () => {
    for (const task of Object.values(tasks)) {
      for (const nothing of ['', ' \t\r\n ', '\u200b\u2060', '\u0000']) {
        const refusal = run(task, { text: nothing, context: nothing });
        await expect(refusal).rejects.toThrow(TaskInputError);
        await expect(refusal).rejects.toThrow(/^There is n.*\. (Write|Give) /);
      }
    }
  });

  it('asks the tokenizer once when everything fits', async () => {
    await chat.prompt({ text: 'Hi', history: [paris, rome] }, budget());
    await ask.prompt({ text: 'Hi', context: 'Some.', history: [paris, rome] }, budget());
    await translate.prompt({ text: 'Some.' }, budget());
    await write.prompt({ text: 'Some.' }, budget());
    await run(summarize, { text: 'Some.' });
    expect(tokens.trips).toBe(5);
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
    for (const task of simple.filter((one) => one !== write)) {
      await expect(task.prompt({ text: 'Hello there', context: 'Some.' }, budget(3))).rejects.toMatchObject({
        code: 'PROMPT_TOO_LONG',
      });
    }
  });
});
