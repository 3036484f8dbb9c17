import { cp, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKPOINT_FILES } from '../../../inference/graph/checkpoint.ts';
import { fingerprint } from '../../../inference/model/fingerprint.ts';
import { writeRandomCheckpoint } from '../../fixtures/random-checkpoint.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

describe('The fingerprint of a checkpoint', () => {
  it('is the same for the same content in another place', async () => {
    const { checkpoint, folder, memory } = await place();
    await cp(checkpoint, join(folder, 'copy'), { recursive: true });
    const first = await fingerprint(checkpoint, memory);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(await fingerprint(join(folder, 'copy'), memory)).toBe(first);
  });

  it.each(CHECKPOINT_FILES)(
    'changes with one byte of %s, though size and modification time stay',
    async (name) => {
      const { checkpoint, memory } = await place();
      const before = await fingerprint(checkpoint, memory);
      const path = join(checkpoint, name);
      const { atime, mtime } = await stat(path);
      const bytes = await readFile(path);
      bytes[bytes.length - 1]! ^= 1;
      await writeUntilNoticed(path, bytes);
      await utimes(path, atime, mtime);
      expect(await fingerprint(checkpoint, memory)).not.toBe(before);
    },
  );

  it('is remembered, because hashing gigabytes takes seconds: the note is believed while the files stay as they are', async () => {
    const { checkpoint, memory } = await place();
    await fingerprint(checkpoint, memory);
    const [note] = await readdir(memory);
    const other = 'f'.repeat(32);
    await writeFile(join(memory, note!), other);
    expect(await fingerprint(checkpoint, memory)).toBe(other);
  });

  it.each(['', 'half a finge', '../../etc'])('does not believe a note that says %j', async (text) => {
    const { checkpoint, memory } = await place();
    const before = await fingerprint(checkpoint, memory);
    const [note] = await readdir(memory);
    await writeFile(join(memory, note!), text);
    expect(await fingerprint(checkpoint, memory)).toBe(before);
    expect(await readFile(join(memory, note!), 'utf8')).toBe(before);
  });

  it('needs no memory: where none can be written it is computed each time', async () => {
    const { checkpoint, folder, memory } = await place();
    const expected = await fingerprint(checkpoint, memory);
    await writeFile(join(folder, 'file'), '');
    expect(await fingerprint(checkpoint, join(folder, 'file', 'memory'))).toBe(expected);
  });
});

async function place() {
  const folder = await temporaryFolder();
  const checkpoint = join(folder, 'checkpoint');
  await writeRandomCheckpoint(checkpoint, { layers: 1, heads: 1, width: 8, positions: 16, vocabulary: 300 });
  return { folder, checkpoint, memory: join(folder, 'memory') };
}

/** The time stamps of a file system tick more slowly than this test writes: it writes until one of them has moved on. */
async function writeUntilNoticed(path: string, bytes: Uint8Array): Promise<void> {
  const { ctimeMs } = await stat(path);
  do await writeFile(path, bytes);
  while ((await stat(path)).ctimeMs === ctimeMs);
}
