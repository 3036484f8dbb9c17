import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../inference/engine/engine.ts';
import { starterEngine } from '../fixtures/starter-engine.ts';
import type { Answer } from './answering.ts';
import { readData } from './data.ts';
import { evaluate, SECTIONS, type SectionName } from './evaluate.ts';
import { measureForm } from './form.ts';
import { scoreOf } from './row.ts';

const data = readData();
const silent = () => undefined;

describe('the starter is evaluated', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await starterEngine({ maxRows: 1, maxQueue: 4, kvBytes: 64 * 2 ** 20 });
  });
  afterAll(() => engine.close());

  const run = (names: readonly SectionName[], limit = 2) =>
    evaluate(engine, data, { names, limit, log: silent });

  it('in every row, and in the same way each time', async () => {
    const { rows, answers } = await run(SECTIONS);
    const scores = rows.map(scoreOf);
    for (const word of ['held-out', 'exact match', 'F1', 'ROUGE-L', 'partial', 'full', 'form']) {
      expect(scores.some(({ what }) => what.includes(word))).toBe(true);
    }
    for (const { what, unit, score } of scores) {
      expect(score, what).toBeGreaterThanOrEqual(0);
      if (unit === '%') expect(score, what).toBeLessThanOrEqual(100);
    }
    const again = await run(SECTIONS);
    expect(again.rows.map(scoreOf)).toEqual(scores);
    expect(again.answers).toEqual(answers);
  });

  it('in one section alone', async () => {
    const { rows, answers } = await run(['choose']);
    expect(rows.map(({ what }) => what.split(',')[0])).toEqual(['choose', 'choose']);
    expect(rows[0]?.items).toHaveLength(4);
    expect(answers).toEqual([]);
  });

  it('a text longer than its context is read in parts', async () => {
    const long = 'The library keeps its books in a cool, dark room. '.repeat(100);
    const [section] = data.sections;
    const sections = [{ ...section!, text: long }];
    const { rows } = await evaluate(
      engine,
      { ...data, sections },
      { names: ['perplexity'], limit: 1, log: silent },
    );
    const tokens = rows.find(({ ownVocabulary }) => ownVocabulary)?.items[0]?.weight;
    expect(tokens).toBeGreaterThan(engine.model.contextLength);
    expect(rows[0]?.items[0]?.weight).toBe(long.length);
  });
});

describe('the form of an answer', () => {
  const good: Answer = {
    task: 'chat',
    input: { text: 'Hello!' },
    text: 'Hello, how are you?',
    reason: 'eos',
    circled: false,
  };
  const failed = (answer: Partial<Answer>) =>
    measureForm([{ ...good, ...answer }])
      .filter(({ items }) => items[0]?.value === 0)
      .map(({ what }) => what.replace('form: ', ''));

  it.each<[string, Partial<Answer>, readonly string[]]>([
    ['good', {}, []],
    ['closed by a quote', { text: 'He said “No.”' }, []],
    ['empty', { text: '' }, ['not empty', 'in whole sentences']],
    ['too long', { reason: 'length' }, ['ends by itself']],
    ['broken off', { text: 'And then I…', reason: 'length' }, ['ends by itself', 'in whole sentences']],
    ['a delimiter', { text: 'Yes. TL;DR: Yes.' }, ['no delimiter in it']],
    ['a circle', { circled: true }, ['not in circles']],
    ['half a sentence', { text: 'The' }, ['in whole sentences']],
  ])('%s', (_, answer, checks) => {
    const all = checks.length > 0 ? ['all of these, chat'] : [];
    expect(failed(answer)).toEqual([...checks, ...all]);
  });

  it('a phrase of the text is a whole answer to a question about it', () => {
    const input = { text: 'Who made it?', context: 'It was made by Mozilla in 2019.' };
    expect(failed({ task: 'ask', input, text: 'Mozilla' })).toEqual([]);
    expect(failed({ task: 'ask', input, text: 'Google' })).toContain('in whole sentences');
  });
});

describe('npm run eval', () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const fails = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', main, ...args], {
      env: { ...process.env, ...env },
    }).then(
      () => undefined,
      ({ code, stderr }: { readonly code: number; readonly stderr: string }) => ({ code, stderr }),
    );

  it.each([
    [['perplexety'], 2, 'Nothing to evaluate by the name of perplexety. There is: perplexity, ask,'],
    [['--limit', 'ten'], 2, '--limit wants a whole number of at least 1, and got "ten".'],
    [['--fast'], 2, "Unknown option '--fast'"],
  ])('%j is refused with what to do instead', async (args, code, message) => {
    const failure = await fails(args);
    expect(failure?.code).toBe(code);
    expect(failure?.stderr).toContain(message);
    expect(failure?.stderr).toContain('Usage: npm run eval');
  });

  it('a model that is not there is named', async () => {
    const failure = await fails(['--limit', '1'], { MODEL: './no-such-folder/', OFFLINE: 'true' });
    expect(failure?.code).toBe(1);
    expect(failure?.stderr).toContain('no-such-folder');
  });

  it('a second model that cannot be one is refused before the first is evaluated', async () => {
    const failure = await fails(['--compare', 'not a model'], { MODEL: 'starter' });
    expect(failure?.code).toBe(78);
    expect(failure?.stderr).toContain('MODEL');
    expect(failure?.stderr).not.toContain('reading');
  });
});
