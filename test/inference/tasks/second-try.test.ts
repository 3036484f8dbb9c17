import { beforeAll, describe, expect, it } from 'vitest';
import type { Tokens } from '../../../inference/engine/engine.ts';
import { runTask } from '../../../inference/tasks/run.ts';
import { furtherSeed } from '../../../inference/tasks/seeds.ts';
import type { TaskInput, TaskName } from '../../../inference/tasks/task.ts';
import { tasks } from '../../../inference/tasks/tasks.ts';
import { collect, DRAWN_SEED, finalOf, joined, ofType, scriptedModel } from './scripted-model.ts';
import { starterTokens } from './starter-tokens.ts';

let tokens: Tokens;
beforeAll(async () => {
  tokens = await starterTokens();
});

/** What becomes of a request to a model that gives these answers, one after the other. */
async function answered(name: TaskName, input: TaskInput, ...answers: readonly string[]) {
  const { engine, asked } = scriptedModel(tokens, { says: (_, nth) => answers[nth] ?? 'More.' });
  const events = await collect(runTask(tasks[name], input, engine, { conversation: 'c' }));
  return {
    asked,
    prompts: ofType(events, 'prompt'),
    deltas: ofType(events, 'delta'),
    notes: ofType(events, 'note').map(({ text }) => text),
    final: finalOf(events),
  };
}

const question: TaskInput = { text: 'What is the capital of France?' };

describe('an answer that is no good is tried once more with another seed', () => {
  it.each([
    ['is empty', ' A: '],
    ['is the question again', ' What is the capital of France?'],
  ])('when it %s, before anything is shown', async (_, first) => {
    const { asked, prompts, deltas, notes, final } = await answered('chat', question, first, ' It is Paris.');
    expect(joined(deltas)).toBe('It is Paris.');
    expect(final).toMatchObject({ text: 'It is Paris.', result: { reason: 'eos' } });
    expect(notes).toEqual([]);
    expect(asked.map(({ prompt }) => prompt)).toEqual([prompts[0]?.text, prompts[0]?.text]);
    expect(asked.map(({ options }) => options.seed)).toEqual([undefined, furtherSeed(DRAWN_SEED, 1)]);
  });

  it('says which prompt and seed the second try has, so that a journal can go on with it', async () => {
    const { prompts, final } = await answered('chat', question, '', ' Paris.');
    expect(prompts.map(({ seed }) => seed)).toEqual([undefined, furtherSeed(DRAWN_SEED, 1)]);
    // The request's own seed leads to both tries, and so to the same answer again.
    expect(final.result.seed).toBe(DRAWN_SEED);
  });

  it('draws the second one where the first was the likeliest', async () => {
    const { asked, prompts } = await answered('translate', { text: 'The cat sleeps.' }, '', ' Le chat dort.');
    expect(asked.map(({ options }) => options.sampling.temperature)).toEqual([0, 0.7]);
    expect(prompts[1]?.decoding.sampling.temperature).toBe(0.7);
  });

  it('tells the times as people had them', async () => {
    const { final } = await answered('chat', question, '', ' Paris.');
    expect(final.result).toMatchObject({ queuedMs: 2, firstTokenMs: 12, totalMs: 20 });
  });
});

describe('when the second try is no better, what is said is why, and what to do', () => {
  it.each([
    ['nothing', '', '', /nothing to say.*second try.*other words.*larger model/],
    ['only the question', '', ' What is the capital of France?', /only repeated.*other words.*larger model/],
  ])('%s', async (_, first, second, words) => {
    const { asked, deltas, notes, final } = await answered('chat', question, first, second);
    expect(asked).toHaveLength(2);
    expect(deltas).toEqual([]);
    expect(final.text).toBe('');
    expect(notes).toEqual([expect.stringMatching(words)]);
  });
});

it('an answer that goes in circles is cut where they begin, which is said; what was shown stays', async () => {
  const { asked, deltas, notes, final } = await answered(
    'chat',
    question,
    ` It is Paris.${' I love it.'.repeat(9)}`,
  );
  expect(asked).toHaveLength(1);
  expect(joined(deltas)).toBe('It is Paris. I love it.');
  expect(final).toMatchObject({ text: 'It is Paris. I love it.', result: { reason: 'stop' } });
  expect(notes).toEqual([expect.stringMatching(/round in circles.*cut there.*again/)]);
});

it('nobody who stopped an answer gets another one', async () => {
  const { engine, asked } = scriptedModel(tokens, { says: ' ' });
  const stop = new AbortController();
  stop.abort();
  const events = await collect(runTask(tasks.chat, question, engine, { conversation: 'c' }, stop.signal));
  expect(asked).toHaveLength(1);
  expect(finalOf(events)).toMatchObject({ text: '', result: { reason: 'aborted' } });
  expect(ofType(events, 'note')).toEqual([]);
});

it('a summary may begin as its text does, but a short text is not its own summary', async () => {
  const text = 'Bees fly from flower to flower. They make honey.';
  const same = await answered('summarize', { text }, ` ${text}`, ' Bees make honey.');
  expect(same.final.text).toBe('Bees make honey.');
  const quoted = await answered('summarize', { text }, ' Bees fly from flower to flower.');
  expect(quoted.final.text).toBe('Bees fly from flower to flower.');
  const long = `${text} ${'And many other things are said of them here. '.repeat(20)}`;
  expect((await answered('summarize', { text: long }, ` ${text}`)).final.text).toBe(text);
});
