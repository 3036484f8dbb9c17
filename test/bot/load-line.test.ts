import { expect, it } from 'vitest';
import { loadLine } from '../../bot/load-line.ts';
import { ScriptedEngine } from '../fixtures/scripted-engine.ts';

it.each([
  ['openai-community/gpt2', 3, 2, 'GPT-2 · 2 in the queue'],
  ['openai-community/gpt2-medium', 3, 0, 'GPT-2 medium · answering 3'],
  ['starter', 0, 0, 'starter · ready'],
  ['/models/my-own', 0, 1, 'my-own · 1 in the queue'],
])('a line says which model answers, and how busy it is: %s', async (name, running, queued, line) => {
  const stats = await new ScriptedEngine().stats();
  expect(loadLine({ ...stats, model: { ...stats.model, name }, running, queued })).toBe(line);
});
