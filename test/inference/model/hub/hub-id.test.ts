import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folderNameOf, idOfFolderName, isHubId } from '../../../../inference/model/hub/hub-id.ts';
import { repositoryPaths } from '../../../../inference/model/hub/snapshot.ts';

describe('a hub id', () => {
  it.each(['openai-community/gpt2', 'distilbert/distilgpt2', 'gpt2', 'a/b', 'Org_1/model.v2-large'])(
    'is %s',
    (id) => {
      expect(isHubId(id)).toBe(true);
    },
  );

  it.each([
    '',
    '/',
    'a/b/c',
    '../gpt2',
    'a/..',
    'a--b/c',
    '.hidden/x',
    'a/b/',
    'a\\b',
    'a b',
    'C:/x',
    './model',
    'a/b.git',
    'é/b',
    `a/${'b'.repeat(96)}`,
  ])('is not %j', (id) => {
    expect(isHubId(id)).toBe(false);
  });

  it('names a folder inside the cache, and comes back from it, whatever people type', () => {
    const typed = fc.oneof(fc.string(), fc.stringMatching(/^[\w./-]{1,30}$/));
    fc.assert(
      fc.property(typed, (id) => {
        if (!isHubId(id)) return;
        expect(idOfFolderName(folderNameOf(id))).toBe(id);
        const { folder } = repositoryPaths('cache', id);
        expect(folder).toBe(join('cache', 'hub', folderNameOf(id)));
        expect(folderNameOf(id)).not.toMatch(/[/\\]|^\.+$/);
      }),
    );
  });
});
