import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../config/config.ts';
import { fillIn, type GeneratedPart, staleFiles, writeParts } from '../../config/generated-docs.ts';
import { settings } from '../../config/settings.ts';
import { envExample, generatedParts } from '../../config/settings-docs.ts';

const project = path.resolve(import.meta.dirname, '../..');

describe('the documentation of the settings', () => {
  it('is what the table says (otherwise: npm run docs)', () => {
    expect(staleFiles(generatedParts, project)).toEqual([]);
  });

  it('names every setting in .env.example, and setting them all as shown changes nothing', () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'parley-docs-'));
    const folders = {
      home: directory,
      cache: path.join(directory, 'cache'),
      data: path.join(directory, 'data'),
      state: path.join(directory, 'state'),
    };
    const example = envExample(settings).replace(/^# (?=[A-Z_]+=)/gm, '');
    expect(Object.keys(parse(example))).toEqual(Object.keys(settings));
    const defaults = loadConfig({ env: {}, directory, folders });
    writeFileSync(path.join(directory, '.env'), example);
    expect(loadConfig({ env: {}, directory, folders })).toEqual(defaults);
    rmSync(directory, { recursive: true });
  });

  it('sets nothing when .env.example is copied as it is', () => {
    expect(parse(readFileSync(path.join(project, '.env.example'), 'utf8'))).toEqual({});
  });

  it('mentions no path of the machine on which it was made', () => {
    const rendered = generatedParts.map((part) => part.render()).join('\n');
    expect(rendered).not.toContain(os.homedir());
  });

  it('gives every setting one sentence', () => {
    for (const [name, row] of Object.entries(settings)) {
      expect(row.sentence, name).toMatch(/^[A-Z][^.]+\.$/);
    }
  });
});

describe('a generated part', () => {
  const part: GeneratedPart = { file: 'PAGE.md', marker: 'list', render: () => '- one\n- two' };
  const filled =
    'before\n<!-- list:begin (made by npm run docs) -->\n\n- one\n- two\n\n<!-- list:end -->\nafter\n';

  it('replaces what lies between its markers and nothing else', () => {
    const page = 'before\n<!-- list:begin -->\nold\n<!-- list:end -->\nafter\n';
    expect(fillIn(part, page)).toBe(filled);
    expect(fillIn(part, filled)).toBe(filled);
  });

  it('says where its markers are missing', () => {
    for (const page of ['', '<!-- list:begin -->', '<!-- list:end --><!-- list:begin -->']) {
      expect(() => fillIn(part, page)).toThrow('PAGE.md has no place for its list. Add the lines');
    }
  });

  it('is written only when it changed, beside other parts of the same file', () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'parley-docs-'));
    const other: GeneratedPart = { file: 'PAGE.md', marker: 'end', render: () => 'fin' };
    const whole: GeneratedPart = { file: 'whole.txt', render: () => 'all of it' };
    writeFileSync(path.join(directory, 'PAGE.md'), `${filled}<!-- end:begin --><!-- end:end -->\n`);
    const parts = [part, other, whole];
    expect(staleFiles(parts, directory)).toEqual(['PAGE.md', 'whole.txt']);
    expect(writeParts(parts, directory)).toEqual(['PAGE.md', 'whole.txt']);
    expect(writeParts(parts, directory)).toEqual([]);
    expect(staleFiles(parts, directory)).toEqual([]);
    rmSync(directory, { recursive: true });
  });
});
