import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../inference/engine/engine.ts';
import { type RunOptions, runTask } from '../../../inference/tasks/run.ts';
import type { TaskInput, TaskName } from '../../../inference/tasks/task.ts';
import { tasks } from '../../../inference/tasks/tasks.ts';
import { starterEngine } from '../../fixtures/starter-engine.ts';
import { collect, finalOf, joined, ofType } from './scripted-model.ts';

let starter: Engine;
/** The same, remembering the longest text that it was ever given. */
let engine: Engine;
let longest = 0;
beforeAll(async () => {
  starter = await starterEngine({ maxRows: 4, maxQueue: 16, kvBytes: 64 * 2 ** 20 });
  const see = (text: string) => {
    longest = Math.max(longest, text.length);
    return text;
  };
  engine = {
    model: starter.model,
    count: (text) => starter.count(see(text)),
    fit: (text, limit, keep) => starter.fit(see(text), limit, keep),
    generate: (prompt, options, signal) => starter.generate(see(prompt), options, signal),
    score: (prompt, continuations, conversation) =>
      starter.score(see(prompt), continuations.map(see), conversation),
    stats: () => starter.stats(),
    close: () => starter.close(),
  };
});
afterAll(() => starter.close());

const seeded: RunOptions = { conversation: 'c', seed: 3 };

async function done(name: TaskName, input: TaskInput, options = seeded, signal?: AbortSignal) {
  const events = await collect(runTask(tasks[name], input, engine, options, signal));
  const final = finalOf(events);
  expect(joined(ofType(events, 'delta'))).toBe(final.text);
  return { events, final, notes: ofType(events, 'note').map(({ text }) => text) };
}

const paragraphs = [
  'The scheduler assigns pods to nodes. It watches for new pods that have no node. For every pod that it discovers, it finds the best node to run on.',
  'A container image is a ready-to-run software package. It contains everything needed to run an application: the code, any runtime, and the libraries.',
  'The old man walked down to the harbour every morning. He looked at the ships, and spoke to nobody. In the evening he went home again.',
  'A web server listens on a port and answers requests. When a request comes in, the server reads the path and sends back a file or an error.',
  'Variables declared with const cannot be changed. Those declared with let can be, and they live in the block in which they were declared.',
  'There was once a king who had three daughters. The youngest of them was so beautiful that the sun itself wondered at her.',
];
const pages = Array.from({ length: 10 }, () => paragraphs)
  .flat()
  .join('\n\n');

describe('on the model that ships with the project', () => {
  it('a text of several pages is summed up in parts, and then together', async () => {
    const { events, final, notes } = await done('summarize', { text: pages });
    expect(notes[0]).toMatch(/it is read in \d parts\. .* which takes about (?:a second|\d+ s)\.$/);
    expect(ofType(events, 'progress').length).toBeGreaterThan(3);
    expect(final.text).toMatch(/^\S.*\S$/s);
    expect(final.result.newTokens).toBeGreaterThan(30);
  });

  it('the same seed gives the same summary of them', async () => {
    const texts = [await done('summarize', { text: pages }), await done('summarize', { text: pages })];
    expect(texts[0]?.final.text).toBe(texts[1]?.final.text);
  });

  it('two megabytes are summed up from twelve parts, and never tokenised as a whole', async () => {
    longest = 0;
    const { events, final, notes } = await done('summarize', { text: `${pages}\n\n`.repeat(140) });
    expect(notes[0]).toMatch(/only 12 parts spread evenly over it \(\d %\) are read\./);
    expect(ofType(events, 'progress').map(({ text }) => text.split(',')[0])).toEqual([
      ...Array.from({ length: 12 }, (_, i) => `part ${i + 1} of 12`),
      'all 12 parts together',
    ]);
    expect(final.text).toMatch(/^\S.*\S$/s);
    expect(longest).toBeLessThan(64 * 1024);
  });

  it('a question about two megabytes is answered from the passages closest to it', async () => {
    longest = 0;
    const secret = 'The kettle of the harbour master is blue.';
    const context = `${`${pages}\n\n`.repeat(70)}${secret}\n\n${`${pages}\n\n`.repeat(70)}`;
    const { events, notes } = await done('ask', {
      text: 'Which colour has the kettle of the harbour master?',
      context,
    });
    const [prompt] = ofType(events, 'prompt');
    expect(prompt?.text).toContain(secret);
    expect(prompt?.note).toContain('only the passages closest to the question (less than 1 %)');
    expect(notes).toEqual([]);
    expect(longest).toBeLessThan(64 * 1024);
  });

  it('a stop between the parts keeps the summaries so far', async () => {
    const stop = new AbortController();
    const shown: string[] = [];
    for await (const event of runTask(tasks.summarize, { text: pages }, engine, seeded, stop.signal)) {
      if (event.type === 'progress' && event.text.startsWith('part 3')) stop.abort();
      if (event.type === 'delta') shown.push(event.text);
      if (event.type === 'final')
        expect(event).toMatchObject({ text: shown.join(''), result: { reason: 'aborted' } });
    }
    expect(shown.join('').split('\n\n').length).toBeGreaterThan(0);
    expect(shown.join('')).toMatch(/\S/);
  });

  it('a gap is filled, the same with the same seed, and likelihoods are shown on request', async () => {
    const input = { text: 'The scheduler finds the best ___ to run on.', likelihoods: true };
    const [first, second] = [await done('fill', input), await done('fill', input)];
    expect(first.final.text).toMatch(
      /^The scheduler finds the best \*\*[^*]+\*\* to run on\.\n\nHow likely .*\n- .*: \d+ %/s,
    );
    expect(second.final.text).toBe(first.final.text);
    expect(first.final.result.seed).toBe(3);
  });

  it.each([
    '___ is a web server.',
    'A web server is ___',
    'Say (___) and go.',
    'The server reads a file.\n___\nThe file is sent.',
    'un___able',
  ])('a gap may stand anywhere: %j', async (text) => {
    const { final } = await done('fill', { text });
    expect(final.text.replace(/\*\*[^*]+\*\*/, '___')).toBe(text);
  });

  it('the likelier of two words is chosen, whatever their order', async () => {
    for (const choices of [
      ['node', 'banana'],
      ['banana', 'node'],
    ]) {
      const { final, notes } = await done('choose', {
        text: 'The pod runs on a ___ in the cluster.',
        choices,
      });
      expect(final.text).toBe('The pod runs on a **node** in the cluster.');
      expect(notes[0]).toMatch(/^Chosen with \d+ % of the likelihood, by partial scoring/);
    }
  });

  it('a choice is scored at the beginning and at the end of a text, too', async () => {
    const start = await done('choose', { text: '___ is a web server.', choices: ['Apache', 'Yesterday'] });
    expect(start.final.text).toMatch(/^\*\*\w+\*\* is a web server\.$/);
    const end = await done('choose', { text: 'It runs on a', choices: ['x', 'y'] }).catch((error) => error);
    expect(end).toMatchObject({ code: 'TASK_INPUT' });
  });

  it('a text goes on where it was left', async () => {
    const { final } = await done('write', { text: 'The scheduler' });
    const more = await done('write', { text: 'The scheduler', written: final.written });
    const [prompt] = ofType(more.events, 'prompt');
    expect(prompt?.text).toBe(`The scheduler${final.written}`);
    expect(final.written.trimStart().length).toBeGreaterThan(0);
  });
});
