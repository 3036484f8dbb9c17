import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { commandsFor } from '../../bot/commands.ts';
import { staleFiles } from '../../config/generated-docs.ts';
import { settings } from '../../config/settings.ts';
import { chapters } from './chapters.ts';
import { commandsChapter } from './command-rows.ts';
import { generatedParts } from './document.ts';
import { settingsChapter } from './settings-rows.ts';
import { Trial } from './trial.ts';

const trial = new Trial();
trial.file('notes.txt', 'Ann came late.');
trial.file('docs/plan.md', '# Plan');
afterAll(() => trial.close());

for (const { title, rows } of chapters) {
  describe(title, () => {
    // What this machine cannot show is told in the document all the same.
    const shown = rows.filter(({ possible = true }) => possible);
    test.each(shown.map((row) => [row.given, row] as const))('%s', async (_, { gets, got }) => {
      const said = await got(trial);
      if (gets === '') expect(said).toBe('');
      else expect(said.slice(0, gets.length)).toBe(gets);
    });
  });
}

test('every setting has a wrong value here, and every command a wrong use', () => {
  const given = settingsChapter.rows.map((row) => row.given);
  for (const name of Object.keys(settings)) {
    expect(
      given.filter((each) => each.startsWith(`\`${name}=`) && each !== `\`${name}=\``),
      name,
    ).not.toEqual([]);
  }
  const typed = commandsChapter.rows.map((row) => row.given);
  for (const { name } of commandsFor('terminal')) {
    expect(
      typed.filter((each) => each.startsWith(`\`/${name}`)),
      name,
    ).not.toEqual([]);
  }
});

test('no two rows are the same', () => {
  for (const { rows } of chapters) {
    const given = rows.map((row) => row.given);
    expect(new Set(given).size).toBe(given.length);
  }
});

test('the document is what the rows say (otherwise: npm run docs)', () => {
  expect(staleFiles(generatedParts, path.resolve(import.meta.dirname, '../..'))).toEqual([]);
});
