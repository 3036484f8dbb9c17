import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { generatedParts } from '../../../adapters/slack/slack-docs.ts';
import { staleFiles } from '../../../config/generated-docs.ts';
import { slackSettings } from '../../../config/slack-settings.ts';

const project = path.resolve(import.meta.dirname, '../../..');
const page = readFileSync(path.join(project, 'docs/slack.md'), 'utf8');

test('the page about Slack is what the code says (otherwise: npm run docs)', () => {
  expect(staleFiles(generatedParts, project)).toEqual([]);
});

test('it tells what every setting is for, except those that are for tests', () => {
  for (const name of Object.keys(slackSettings)) expect(page).toContain(name);
});
