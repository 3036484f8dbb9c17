import { beforeAll, describe, expect, it } from 'vitest';
import type { EndReason, Tokens } from '../../../inference/engine/engine.ts';
import { ask } from '../../../inference/tasks/ask.ts';
import { chat } from '../../../inference/tasks/chat.ts';
import { promptTokens, type RunOptions, runTask, type TaskEvent } from '../../../inference/tasks/run.ts';
import { summarize } from '../../../inference/tasks/summarize.ts';
import { collect, finalOf, ofType, scriptedModel } from './scripted-model.ts';
import { starterTokens } from './starter-tokens.ts';

let tokens: Tokens;
beforeAll(async () => {
  tokens = await starterTokens();
});

const scripted = (says: string, reason: EndReason = 'eos') => scriptedModel(tokens, { says, reason });
const deltas = (events: readonly TaskEvent[]) => ofType(events, 'delta');
const final = finalOf;
const options: RunOptions = { conversation: 'c', seed: 7 };

describe('running a task', () => {
  it('tells the prompt first, then the wait, the text as it grows, and the whole at the end', async () => {
    const { engine, asked } = scripted(' A: Bees make honey. ');
    const events = await collect(runTask(chat, { text: 'What do bees do?' }, engine, options));
    const prompt = 'Q: What do bees do?\nA:';
    const { sampling, maxNewTokens, stop } = chat;
    const form = { unlike: 'What do bees do?' };
    expect(events.map(({ type }) => type)).toEqual(['prompt', 'queued', 'delta', 'delta', 'delta', 'final']);
    expect(events[0]).toEqual({
      type: 'prompt',
      text: prompt,
      tokens: await tokens.count(prompt),
      decoding: { sampling, maxNewTokens, stop, form },
      seed: 7,
    });
    expect(deltas(events).map(({ text }) => text)).toEqual(['Bees', ' make', ' honey.']);
    expect(deltas(events)[0]).toMatchObject({ tokens: [0, 1], written: ' A: Bees' });
    expect(final(events)).toMatchObject({ text: 'Bees make honey.', result: { reason: 'eos' } });
    expect(asked).toEqual([
      { prompt, options: { sampling, maxNewTokens, stop, conversation: 'c', seed: 7 } },
    ]);
  });

  it('decodes as the prompt asks, within the tokens that the caller allows', async () => {
    const { engine, asked } = scripted(' Bob did it. He told me so. And then', 'length');
    const input = { text: 'Who did it?', context: 'Bob did.' };
    const events = await collect(runTask(ask, input, engine, { ...options, maxNewTokens: 6 }));
    expect(asked[0]?.options).toMatchObject({ maxNewTokens: 6, sampling: { temperature: 0 } });
    expect(final(events)).toMatchObject({ text: 'Bob did it.', result: { reason: 'length', newTokens: 6 } });
  });

  it('ends the work once the answer has its sentences, and calls that a stop', async () => {
    const { engine, state } = scripted(` One. Two. Three. ${'More and more. '.repeat(100)}`);
    const events = await collect(runTask(summarize, { text: 'A text.' }, engine, options));
    expect(final(events)).toMatchObject({ text: 'One. Two. Three.', result: { reason: 'stop' } });
    expect(state.drawn).toBe(4);
  });

  it('keeps what there is when the caller stops it, and says that it was stopped', async () => {
    const { engine } = scripted(' One two three four five.');
    const stop = new AbortController();
    const events: TaskEvent[] = [];
    for await (const event of runTask(chat, { text: 'Count.' }, engine, options, stop.signal)) {
      events.push(event);
      if (event.type === 'delta' && event.text.includes('two')) stop.abort();
    }
    expect(final(events)).toMatchObject({ text: 'One two', result: { reason: 'aborted' } });
  });

  it('ends the work when the caller no longer reads', async () => {
    const { engine, state } = scripted(' One two three');
    for await (const event of runTask(chat, { text: 'Count.' }, engine, options)) {
      if (event.type === 'delta') break;
    }
    expect(state).toEqual({ drawn: 1, closed: true });
  });

  it('is empty in the end when the model has nothing to say', async () => {
    const { engine } = scripted(' A: ');
    const events = await collect(runTask(chat, { text: 'Hello?' }, engine, options));
    expect(deltas(events)).toEqual([]);
    expect(final(events).text).toBe('');
  });

  it('goes on after an interruption, wherever it came: the deltas of both, joined, are the text', async () => {
    const script = ` TL;DR: One. Mr. Two goes on. Three ${'and on '.repeat(60)}`;
    const input = { text: 'A text.' };
    const uninterrupted = await collect(runTask(summarize, input, scripted(script).engine, options));
    const { text } = final(uninterrupted);
    for (let seen = 0; seen <= deltas(uninterrupted).length; seen += 1) {
      const before = deltas(uninterrupted).slice(0, seen);
      const [prompt] = uninterrupted;
      if (prompt?.type !== 'prompt') throw new Error('no prompt');
      const { engine, asked } = scripted(script);
      const events = await collect(
        runTask(summarize, { text: 'Not read again.' }, engine, {
          ...options,
          interrupted: {
            prompt,
            text: before.map((delta) => delta.text).join(''),
            tokens: before.flatMap((delta) => delta.tokens),
            written: before.map((delta) => delta.written).join(''),
          },
        }),
      );
      expect(asked[0]?.prompt).toBe('A text.\n\nTL;DR:');
      expect([...before, ...deltas(events)].map((delta) => delta.text).join('')).toBe(text);
      expect(final(events).text).toBe(text);
    }
  });

  it('refuses what a task cannot work on before anything else happens', async () => {
    const { engine, asked } = scripted('');
    await expect(collect(runTask(ask, { text: ' ' }, engine, options))).rejects.toMatchObject({
      code: 'TASK_INPUT',
    });
    expect(asked).toEqual([]);
  });
});

describe('the room for a prompt', () => {
  it('is what end-of-text and the longest answer leave of the context', () => {
    expect(promptTokens(1024, 100)).toBe(923);
  });

  it('is three quarters of a context too short for that', () => {
    expect(promptTokens(512, 400)).toBe(383);
  });
});
