import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS, commandsFor, findCommand, usage } from '../../bot/commands.ts';
import { commandsMarkdown, generatedParts } from '../../bot/commands-docs.ts';
import { help } from '../../bot/help.ts';
import { staleFiles } from '../../config/generated-docs.ts';

describe('the table of commands', () => {
  test('keeps the limits that Discord and Slack have for names and descriptions', () => {
    for (const { name, description, options } of COMMANDS) {
      for (const named of [{ name, description }, ...options]) {
        expect(named.name).toMatch(/^[a-z][a-z0-9-]{0,31}$/);
        expect(named.description.length, named.name).toBeLessThanOrEqual(100);
      }
      // Discord refuses a command whose required options do not come first.
      const required = options.map((option) => option.required);
      expect(required, name).toEqual(required.toSorted((a, b) => Number(b) - Number(a)));
    }
  });

  test('has no word that means two commands', () => {
    const words = COMMANDS.flatMap((command) => [command.name, ...command.alsoCalled]);
    expect(new Set(words).size).toBe(words.length);
  });

  test('gives the text behind a command to an option that there is', () => {
    for (const { name, text, options } of COMMANDS) {
      if (text !== undefined)
        expect(
          options.map((option) => option.name),
          name,
        ).toContain(text);
    }
  });

  test('is found by any of its words, in any case, where it is offered', () => {
    expect(findCommand('TL;DR', 'slack')?.name).toBe('summarize');
    expect(findCommand('exit', 'terminal')?.name).toBe('quit');
    expect(findCommand('quit', 'discord')).toBeUndefined();
  });
});

test('a usage shows what may follow', () => {
  expect(commandsFor('terminal').map(usage)).toEqual([
    '/ask [FILE] QUESTION',
    '/summarize [TEXT or FILE]',
    '/translate [to english:] TEXT',
    '/write OPENING',
    '/more',
    '/fill [likelihoods:] TEXT WITH ___',
    '/choose [likelihoods:] TEXT WITH ___ | OPTION | OPTION',
    '/again',
    '/seed [NUMBER [next] or off]',
    '/reset',
    '/forget',
    '/privacy',
    '/status',
    '/model [NAME]',
    '/help',
    '/quit',
  ]);
});

test('help shows every command of its platform and no other', () => {
  for (const platform of ['discord', 'slack', 'terminal'] as const) {
    for (const command of COMMANDS) {
      const entries = help(platform).split(/ {2,}|\n/u);
      expect(entries.includes(usage(command))).toBe(command.platforms.includes(platform));
    }
  }
});

test('help fits onto a screen of 80 columns, the last one left free', () => {
  for (const line of help('terminal').split('\n')) expect(line.length).toBeLessThan(80);
});

test("the README's commands are what the table says (otherwise: npm run docs)", () => {
  expect(staleFiles(generatedParts, path.resolve(import.meta.dirname, '../..'))).toEqual([]);
});

test('the docs show a column of platforms only where there are several', () => {
  expect(commandsMarkdown(['terminal'])).toMatch(
    /^\| Command \| What it does \|\n\| --- \| --- \|\n\| `\/ask \[FILE\] QUESTION` \|/,
  );
  expect(commandsMarkdown(['discord', 'terminal'])).toContain('| `/quit` | Leave. | terminal |');
  expect(commandsMarkdown(['discord'])).not.toContain('/quit');
});
