import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evenly, readData } from './data.ts';
import { canBeSummedUp } from './summaries.ts';

const { sections, questions, schemas, prompts } = readData();
const texts = new Map(sections.map(({ id, text }) => [id, text]));
const file = (path: string) => new URL(`../../${path}`, import.meta.url);

describe('the data of the evaluation', () => {
  it('each section has an id of its own, and is short enough for a context of 512 tokens', () => {
    expect(texts.size).toBe(sections.length);
    expect(Math.max(...sections.map(({ text }) => text.length))).toBeLessThanOrEqual(1200);
  });

  it('the source of each section is named with its licence where the corpus is described', () => {
    const described = readFileSync(file('models/starter/DATA.md'), 'utf8');
    for (const { source } of sections) expect(described).toContain(source);
  });

  it('is small enough to ship', () => {
    const names = ['sections', 'questions', 'schemas', 'prompts'];
    const bytes = names.map((name) => statSync(file(`test/eval/data/${name}.jsonl`)).size);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(500_000);
  });

  it('each answer to a question is in its section word for word', () => {
    for (const { section, answers } of questions)
      for (const answer of answers) expect(texts.get(section)).toContain(answer);
  });

  it('each question is asked of a section that is there, and once', () => {
    const asked = questions.map(({ section, question }) => `${section} ${question}`);
    expect(new Set(asked).size).toBe(questions.length);
    for (const { section, question } of questions) {
      expect(texts.has(section)).toBe(true);
      expect(question).toMatch(/^[A-Z].*\?$/);
    }
  });

  it('has questions of several kinds, some of which the section does not answer', () => {
    const first = (word: string) => questions.filter(({ question }) => question.startsWith(word)).length;
    for (const word of ['What', 'Which', 'How', 'When', 'Where', 'Who']) {
      expect(first(word), word).toBeGreaterThanOrEqual(10);
    }
    expect(questions.filter(({ answers }) => answers.length > 0).length).toBeGreaterThanOrEqual(120);
    expect(questions.filter(({ answers }) => answers.length === 0).length).toBeGreaterThanOrEqual(30);
  });

  it('each schema leaves one gap, behind which words follow, and its two texts begin alike', () => {
    expect(schemas.length).toBeGreaterThanOrEqual(60);
    for (const { options, texts: pair } of schemas) {
      expect(options[0]).not.toBe(options[1]);
      expect(pair[0]).not.toBe(pair[1]);
      const [before, after] = pair.map((text) => text.split('___'));
      expect(before).toHaveLength(2);
      expect(after).toHaveLength(2);
      expect(before?.[0]).toBe(after?.[0]);
      for (const [, rest] of [before ?? [], after ?? []]) expect(rest).toMatch(/\w/);
    }
  });

  it('there are texts to sum up and messages to answer', () => {
    expect(sections.filter(canBeSummedUp).length).toBeGreaterThanOrEqual(100);
    expect(new Set(prompts.map(({ task }) => task))).toEqual(new Set(['ask', 'chat']));
  });
});

describe('a quick run', () => {
  it('sees items from the whole list', () => {
    const items = Array.from({ length: 10 }, (_, i) => i);
    expect(evenly(items, 4)).toEqual([0, 2, 5, 7]);
    expect(evenly(items, 10)).toEqual(items);
    expect(evenly(items, Number.POSITIVE_INFINITY)).toEqual(items);
  });
});
