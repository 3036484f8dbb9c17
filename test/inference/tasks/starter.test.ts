import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../inference/engine/engine.ts';
import { type RunOptions, runTask, type TaskEvent } from '../../../inference/tasks/run.ts';
import { sentenceEnd } from '../../../inference/tasks/sentences.ts';
import type { TaskInput, TaskName } from '../../../inference/tasks/task.ts';
import { tasks } from '../../../inference/tasks/tasks.ts';
import { starterEngine } from '../../fixtures/starter-engine.ts';
import { STARTER_SIZES } from '../../fixtures/starter-sizes.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await starterEngine({ maxRows: 1, maxQueue: 4, kvBytes: 64 * 2 ** 20 });
});
afterAll(() => engine.close());

const passage =
  'The scheduler assigns pods to nodes. It watches for new pods that have no node. For every pod that it discovers, ' +
  'it finds the best node to run on. Resources, hardware and affinity are taken into account. ';
const inputs: readonly [TaskName, TaskInput][] = [
  ['ask', { text: 'What is a web server?' }],
  ['ask', { text: 'What does the scheduler do?', context: passage }],
  ['summarize', { text: passage }],
  ['translate', { text: 'The cat sleeps.' }],
  ['write', { text: 'The Scheduler' }],
  ['chat', { text: 'And cats?', history: [{ question: 'I like dogs.', answer: 'Dogs are nice.' }] }],
];
const seeded: RunOptions = { conversation: 'c', seed: 3 };

async function collect(name: TaskName, input: TaskInput, options = seeded, signal?: AbortSignal) {
  const events: TaskEvent[] = [];
  for await (const event of runTask(tasks[name], input, engine, options, signal)) events.push(event);
  const deltas = events.filter((event) => event.type === 'delta');
  const [prompt] = events;
  const final = events.at(-1);
  if (prompt?.type !== 'prompt' || final?.type !== 'final') throw new Error('an event is missing');
  return { prompt, deltas, final };
}
const joined = (deltas: readonly { readonly text: string }[]) => deltas.map(({ text }) => text).join('');

describe('on the model that ships with the project', () => {
  it.each(inputs)('%s answers in its form, and what was shown is the answer', async (name, input) => {
    const { prompt, deltas, final } = await collect(name, input);
    expect(joined(deltas)).toBe(final.text);
    expect(final.text).toMatch(/^\S.*\S$/s);
    expect(final.text).not.toMatch(/^(?:Q|A|TL;DR):/m);
    expect(final.result.promptTokens).toBe(prompt.tokens + 1);
    expect(final.result.seed).toBe(3);
  });

  it.each(inputs)('%s goes on after an interruption with the very same words', async (name, input) => {
    const { prompt, deltas, final } = await collect(name, input);
    for (const seen of [0, 1, Math.floor(deltas.length / 2), deltas.length - 1, deltas.length]) {
      const before = deltas.slice(0, seen);
      const resumed = await collect(name, input, {
        ...seeded,
        interrupted: {
          prompt,
          text: joined(before),
          tokens: before.flatMap((delta) => delta.tokens),
          written: before.map((delta) => delta.written).join(''),
        },
      });
      expect(joined([...before, ...resumed.deltas])).toBe(final.text);
      expect(resumed.final.text).toBe(final.text);
      expect(resumed.final.result.reason).toBe(final.result.reason);
    }
  });

  it('a text of any length is read as far as the model can, and leaves room for the answer', async () => {
    const { prompt, final } = await collect('ask', {
      text: 'What does the scheduler do?',
      context: passage.repeat(500),
    });
    expect(prompt.note).toMatch(/only the passages closest to the question \(\d %\)/);
    expect(prompt.tokens).toBeLessThanOrEqual(STARTER_SIZES.context - 1 - 64);
    expect(final.result.contextFull).toBe(false);
  });

  it('an answer cut by the limit ends with a whole sentence, or says that it does not', async () => {
    const endings: string[] = [];
    for (let seed = 0; seed < 10; seed += 1) {
      const { final } = await collect(
        'chat',
        { text: 'Tell me a story.' },
        { ...seeded, seed, maxNewTokens: 12 },
      );
      if (final.result.reason === 'length') endings.push(final.text);
    }
    expect(endings.length).toBeGreaterThan(0);
    for (const text of endings) expect(text.endsWith('…') || endsWhole(text)).toBe(true);
  });

  it('a stop keeps what is there', async () => {
    const stop = new AbortController();
    const events = runTask(tasks.ask, { text: 'What is a web server?' }, engine, seeded, stop.signal);
    let shown = '';
    for await (const event of events) {
      if (event.type === 'delta') shown += event.text;
      if (shown.length > 10) stop.abort();
      if (event.type === 'final') expect(event).toMatchObject({ text: shown, result: { reason: 'aborted' } });
    }
    expect(shown.length).toBeGreaterThan(10);
  });
});

function endsWhole(text: string): boolean {
  let end = 0;
  for (let next = sentenceEnd(text, 0, true); next !== undefined; next = sentenceEnd(text, next, true))
    end = next;
  return end === text.length;
}
