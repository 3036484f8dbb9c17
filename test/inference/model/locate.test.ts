import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { CHECKPOINT_FILES } from '../../../inference/graph/checkpoint.ts';
import { locateModel } from '../../../inference/model/locate.ts';

it('starter is the checkpoint that ships with the project', async () => {
  const { name, folder } = locateModel('starter');
  expect(name).toBe('starter');
  for (const file of CHECKPOINT_FILES) expect((await stat(join(folder, file))).isFile()).toBe(true);
});

it.each([
  ['./models/mine', 'mine'],
  ['models/mine/', 'mine'],
  ['../starter', 'starter'],
])('%s is a folder, seen from the working directory, called by its own name', (setting, name) => {
  expect(locateModel(setting)).toEqual({ name, folder: resolve(setting) });
});
