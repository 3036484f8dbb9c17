import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, secretsOf } from '../../config/config.ts';
import { readModelName } from '../../config/model-kind.ts';
import { settings } from '../../config/settings.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'parley-model-kind-'));
  mkdirSync(path.join(directory, 'models', 'mine'), { recursive: true });
  mkdirSync(path.join(directory, 'gpt2'));
  writeFileSync(path.join(directory, 'notes.txt'), '');
});
afterEach(() => rmSync(directory, { recursive: true }));

const folders = {
  home: path.resolve('/home/ada'),
  cache: path.resolve('/cache'),
  data: path.resolve('/data'),
  state: path.resolve('/state'),
};
const load = (env: Record<string, string>) => loadConfig({ env, directory, folders }).config;
const modelOf = (MODEL: string) => load({ MODEL }).model;

describe('MODEL', () => {
  it.each(['auto', 'starter'])('knows the word %s, in any case', (word) => {
    expect(modelOf(word)).toBe(word);
    expect(modelOf(word.toUpperCase())).toBe(word);
  });

  it.each(['openai-community/gpt2', 'distilbert/distilgpt2', 'me/My_Model-1.5'])(
    'takes %s for an id',
    (id) => {
      expect(modelOf(id)).toBe(id);
    },
  );

  it.each(['models/mine', 'gpt2'])('takes %s for a folder, because it is there', (written) => {
    expect(modelOf(written)).toBe(path.join(directory, written));
  });

  it.each(['./gone', '../gone', 'gone/', 'a/b/c', './auto', '/srv/gpt2'])(
    'takes %s for a path by its look, so that a wrong one is told as a folder that is missing',
    (written) => {
      expect(modelOf(written)).toBe(path.resolve(directory, written));
    },
  );

  it('takes what only Windows would write for a path, everywhere', () => {
    for (const written of ['C:\\models\\gpt2', 'models\\gpt2', 'D:']) {
      expect(modelOf(written)).toBe(path.resolve(directory, written));
    }
  });

  it('starts ~ at the home folder', () => {
    expect(modelOf('~/gpt2')).toBe(path.join(folders.home, 'gpt2'));
  });

  it('takes a file for a path too: that it is no folder is said when it is opened', () => {
    expect(modelOf('notes.txt')).toBe(path.join(directory, 'notes.txt'));
  });

  it.each([
    'gpt3',
    'my model',
    'https://huggingface.co/openai-community/gpt2',
    'a--b/c',
    'owner/name with spaces',
    `${'x'.repeat(95)}/y`,
  ])('says what it wants when it is given %s', (written) => {
    expect(() => modelOf(written)).toThrow(
      'wants auto, starter, a folder with a GPT-2 checkpoint, or a hub id such as openai-community/gpt2',
    );
  });

  it('is read in the same way where somebody types it', () => {
    const exists = () => false;
    expect(readModelName('~', { directory, home: folders.home, exists })).toBe(folders.home);
    expect(readModelName('nothing', { directory, home: folders.home, exists })).toBeUndefined();
  });
});

describe('MODEL_HOST', () => {
  it.each(['https://hub.example', 'http://localhost:8080', 'https://hub.example/mirror/'])(
    'may be %s',
    (host) => {
      expect(load({ MODEL_HOST: host }).modelHost).toBe(host);
    },
  );

  it.each(['hub.example', 'ftp://hub.example', 'https://ada:secret@hub.example', 'https://'])(
    'may not be %s',
    (host) => {
      expect(() => load({ MODEL_HOST: host })).toThrow('MODEL_HOST');
    },
  );
});

describe('HF_TOKEN', () => {
  it('is a secret: no error shows it, and the log masks it', () => {
    expect(() => load({ HF_TOKEN: 'hf_broken token' })).toThrow('got a secret of 15 characters');
    expect(secretsOf(load({ HF_TOKEN: 'hf_0123456789' }), settings)).toContain('hf_0123456789');
  });
});
