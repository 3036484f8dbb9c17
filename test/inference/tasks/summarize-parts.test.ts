import { beforeAll, describe, expect, it } from 'vitest';
import type { Tokens } from '../../../inference/engine/engine.ts';
import { InferenceError } from '../../../inference/errors.ts';
import { runTask, type TaskEvent } from '../../../inference/tasks/run.ts';
import { summarizeIn } from '../../../inference/tasks/summarize.ts';
import { type Asked, collect, finalOf, joined, ofType, scriptedModel } from './scripted-model.ts';
import { starterTokens } from './starter-tokens.ts';

let tokens: Tokens;
beforeAll(async () => {
  tokens = await starterTokens();
});

const paragraph = (n: number) => `Chapter ${n} tells of a journey over the sea, and of a storm in the night.`;
const book = (chapters: number) => Array.from({ length: chapters }, (_, i) => paragraph(i)).join('\n\n');

/** A model that says of a prompt which chapter it begins with; of summaries, that they are summaries. */
const chapterOf = ({ prompt }: Asked) => {
  if (prompt.startsWith('About')) return ' All of it.';
  return ` About ${/Chapter (\d+)/.exec(prompt)?.[1]}. More. And more. Too much.`;
};

interface Changes {
  readonly says?: (asked: Asked, nth: number) => string;
  readonly speed?: number;
  readonly mostParts?: number;
  readonly signal?: AbortSignal;
  readonly seed?: number;
}

function summarize(text: string, { says = chapterOf, speed, mostParts = 12, signal, seed }: Changes = {}) {
  const model = scriptedModel(tokens, { says, ...(speed !== undefined && { speed }) });
  let time = 0;
  // Every look at the clock is a second later than the one before.
  const now = () => {
    time += 1000;
    return time;
  };
  const options = { conversation: 'c', now, ...(seed !== undefined && { seed }) };
  return { ...model, events: runTask(summarizeIn(mostParts), { text }, model.engine, options, signal) };
}

describe('a text that is longer than the model can read', () => {
  it('is summed up part by part, unseen but for the progress, and then together', async () => {
    const { asked, events } = summarize(book(60));
    const all = await collect(events);
    const parts = asked.length - 1;
    expect(parts).toBeGreaterThan(2);
    expect(asked.slice(0, -1).every(({ prompt }) => /^Chapter .*\n\nTL;DR:$/s.test(prompt))).toBe(true);
    expect(asked.at(-1)?.prompt).toMatch(/^About 0\. More\. And more\.\nAbout \d+\. .*\n\nTL;DR:$/s);
    expect(ofType(all, 'progress').map(({ text }) => text.replace(/, about.*/, ''))).toEqual([
      ...Array.from({ length: parts }, (_, i) => `part ${i + 1} of ${parts}`),
      `all ${parts} parts together`,
    ]);
    expect(joined(ofType(all, 'delta'))).toBe('All of it.');
    expect(finalOf(all)).toMatchObject({ text: 'All of it.', result: { reason: 'eos' } });
  });

  it('says in how many parts, and how long it takes, before it begins', async () => {
    const { events } = summarize(book(60), { speed: 100 });
    const [note, first] = await collect(events);
    expect(note).toEqual({
      type: 'note',
      text: expect.stringMatching(
        /^The text is longer than this model can read at once: it is read in \d parts\. They are summed up one by one, and then together, which takes about \d+ s\.$/,
      ),
    });
    expect(first).toMatchObject({
      type: 'progress',
      text: expect.stringMatching(/^part 1 of \d, about \d+ s left$/),
    });
  });

  it('tries how fast the model is where the engine has not read anything yet', async () => {
    const { asked, events } = summarize(book(60), { speed: 0 });
    const [note] = await collect(events);
    expect(asked[0]).toMatchObject({ prompt: book(60).slice(0, 400), options: { maxNewTokens: 6 } });
    // This engine learns nothing from it, so nothing is promised.
    expect(note).toMatchObject({ text: expect.stringMatching(/and then together\.$/) });
  });

  it('learns from the parts how long the others take', async () => {
    const { events } = summarize(book(60));
    const remaining = ofType(await collect(events), 'progress').map(({ remainingMs = 0 }) => remainingMs);
    expect(remaining.slice(1)).toEqual(remaining.slice(1).toSorted((a, b) => b - a));
  });

  it('is read at even distances when it is far longer, which is said with the share', async () => {
    const { asked, events } = summarize(book(2000), { mostParts: 4 });
    const [note] = await collect(events);
    expect(note).toMatchObject({
      text: expect.stringMatching(
        /^The text is far longer than this model can read at once: only 4 parts spread evenly over it \(\d+ %\) are read\. /,
      ),
    });
    const chapters = asked.slice(0, 4).map(({ prompt }) => Number(/Chapter (\d+)/.exec(prompt)?.[1]));
    for (const [i, chapter] of chapters.entries()) expect(Math.abs(chapter - i * 662)).toBeLessThan(15);
  });

  it('has summaries of its parts that fit together into one prompt, however many they are', async () => {
    const long = Array.from({ length: 200 }, (_, i) => `word${i}`).join(' ');
    const { asked, events } = summarize(book(400), { says: () => ` ${long}.`, mostParts: 12 });
    await collect(events);
    expect(asked).toHaveLength(13);
    for (const { prompt } of asked) expect(await tokens.count(prompt)).toBeLessThanOrEqual(512 - 1 - 100);
  });

  it('is told with the figures of all its parts, and under one seed', async () => {
    const { asked, events } = summarize(book(60), { seed: 5 });
    const { result } = finalOf(await collect(events));
    expect(result).toMatchObject({ seed: 5, promptTokens: asked.length * 10, queuedMs: asked.length });
    expect(asked[0]?.options.seed).toBe(5);
    expect(new Set(asked.map(({ options }) => options.seed)).size).toBe(asked.length);
    expect(result.totalMs).toBeGreaterThanOrEqual(result.firstTokenMs);
  });

  it('draws every part anew from the seed that the engine has drawn for the first', async () => {
    const { asked, events } = summarize(book(60));
    await collect(events);
    expect(asked.map(({ options }) => options.seed === undefined)).toEqual(asked.map((_, i) => i === 0));
  });

  it('leaves out parts of which nothing could be said, after a second try', async () => {
    const says = (asked: Asked, nth: number) => (nth === 2 || nth === 3 ? '' : chapterOf(asked));
    const { asked, events } = summarize(book(60), { says });
    expect(finalOf(await collect(events)).text).toBe('All of it.');
    expect(asked[2]?.prompt).toBe(asked[3]?.prompt);
  });
});

describe('what there is of it is kept', () => {
  it('when somebody stops it between the parts', async () => {
    const stop = new AbortController();
    const { asked, events } = summarize(book(60), { signal: stop.signal });
    const all: TaskEvent[] = [];
    for await (const event of events) {
      all.push(event);
      if (event.type === 'progress' && event.text.startsWith('part 3')) stop.abort();
    }
    expect(asked).toHaveLength(3);
    const text = /^About 0\. More\. And more\.\n\nAbout \d+\. More\. And more\.$/;
    expect(joined(ofType(all, 'delta'))).toMatch(text);
    expect(finalOf(all)).toMatchObject({ text: expect.stringMatching(text), result: { reason: 'aborted' } });
    expect(ofType(all, 'note').at(-1)?.text).toMatch(
      /^Only the first 2 of \d parts were read and summed up\.$/,
    );
  });

  it('with parts of which nothing could be said counted as read', async () => {
    const stop = new AbortController();
    const says = (asked: Asked, nth: number) => (nth < 2 ? '' : chapterOf(asked));
    const { events } = summarize(book(60), { says, signal: stop.signal });
    const all: TaskEvent[] = [];
    for await (const event of events) {
      all.push(event);
      if (event.type === 'progress' && event.text.startsWith('part 3')) stop.abort();
    }
    expect(finalOf(all).text).toMatch(/^About \d+\. More\. And more\.$/);
    expect(ofType(all, 'note').at(-1)?.text).toMatch(
      /^Only the first 2 of \d parts were read and summed up\.$/,
    );
  });

  it('when somebody stops it as everything is summed up together', async () => {
    const stop = new AbortController();
    const { events } = summarize(book(60), { signal: stop.signal });
    const all: TaskEvent[] = [];
    for await (const event of events) {
      all.push(event);
      if (event.type === 'progress' && event.text.startsWith('all ')) stop.abort();
    }
    expect(finalOf(all).text).toMatch(/^About 0\. More\. And more\.\n\nAbout /);
    expect(ofType(all, 'note').at(-1)?.text).toMatch(
      /^All \d parts were summed up one by one, but not together\.$/,
    );
  });

  it('when nothing could be said of all parts but one, which is told', async () => {
    const says = (asked: Asked) => (asked.prompt.includes('Chapter 0 ') ? chapterOf(asked) : '');
    const all = await collect(summarize(book(60), { says }).events);
    expect(finalOf(all).text).toBe('About 0. More. And more.');
    expect(ofType(all, 'note').at(-1)?.text).toMatch(/^The model could sum up only one of the \d parts, /);
  });

  it('when somebody stops it before the first part is done: nothing', async () => {
    const stop = new AbortController();
    const { events } = summarize(book(60), { signal: stop.signal });
    const all: TaskEvent[] = [];
    for await (const event of events) {
      all.push(event);
      if (event.type === 'progress') stop.abort();
    }
    expect(finalOf(all)).toMatchObject({ text: '', result: { reason: 'aborted' } });
  });

  it('when the last step comes to nothing, which is said', async () => {
    const says = (asked: Asked) => (asked.prompt.startsWith('About') ? '' : chapterOf(asked));
    const all = await collect(summarize(book(60), { says }).events);
    expect(finalOf(all).text).toMatch(/^About 0\. More\. And more\.\n\nAbout /);
    expect(joined(ofType(all, 'delta'))).toBe(finalOf(all).text);
    expect(ofType(all, 'note').at(-1)?.text).toMatch(/could not sum up the parts together/);
  });

  it('when the engine fails, and then the failure is told', async () => {
    const says = (asked: Asked, nth: number) => {
      if (nth === 2) throw new InferenceError('QUEUE_FULL', 'Ask again later.');
      return chapterOf(asked);
    };
    const all: TaskEvent[] = [];
    const run = async () => {
      for await (const event of summarize(book(60), { says }).events) all.push(event);
    };
    await expect(run()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(joined(ofType(all, 'delta'))).toMatch(/^About 0\. .*About \d+\. More\. And more\.$/s);
  });

  it('and where the model has nothing to say of any part, that is said', async () => {
    const all = await collect(summarize(book(60), { says: () => '' }).events);
    expect(finalOf(all).text).toBe('');
    expect(ofType(all, 'note').at(-1)?.text).toMatch(/nothing to say/);
  });
});

it('an interruption of the last step goes on with that step alone', async () => {
  const { events } = summarize(book(60), { seed: 5 });
  const all = await collect(events);
  const [prompt] = ofType(all, 'prompt');
  const [first] = ofType(all, 'delta');
  if (!prompt || !first) throw new Error('an event is missing');
  expect(prompt.steps).toBeGreaterThan(2);
  const { engine, asked } = scriptedModel(tokens, { says: chapterOf });
  const options = {
    conversation: 'c',
    ...(prompt.seed !== undefined && { seed: prompt.seed }),
    interrupted: { prompt, text: first.text, tokens: first.tokens, written: first.written },
  };
  const resumed = await collect(runTask(summarizeIn(12), { text: '' }, engine, options));
  expect(asked).toHaveLength(1);
  expect(finalOf(resumed).text).toBe(finalOf(all).text);
});
