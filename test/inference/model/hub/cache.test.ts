import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCached, listCached, removeCached } from '../../../../inference/model/hub/cache.ts';
import { downloadCheckpoint } from '../../../../inference/model/hub/checkpoint-download.ts';
import { addCheckpoint, failureOf, startHub, temporaryFolder } from './hub-fixture.ts';
import { ManualClock } from './manual-clock.ts';

describe('the cache', () => {
  it('is empty where nothing was fetched, and where there is no folder', async () => {
    const cacheDir = join(await temporaryFolder(), 'not', 'there');
    expect(await listCached(cacheDir)).toEqual([]);
    expect(await findCached(cacheDir, 'openai-community/gpt2')).toBeUndefined();
    expect(await removeCached(cacheDir, 'openai-community/gpt2')).toBe(false);
  });

  it('lists what is whole and what is only begun, with the room it takes; and removes it', async () => {
    const hub = await startHub();
    const cacheDir = await temporaryFolder();
    const clock = new ManualClock();
    const options = { cacheDir, host: hub.url, clock, random: () => 1, onRetry: clock.passWaits };
    await addCheckpoint(hub, { id: 'openai-community/gpt2' });
    await addCheckpoint(hub, { id: 'distilbert/distilgpt2', weights: randomBytes(50_000) });
    (await addCheckpoint(hub, { id: 'a/llama' })).commit({ 'config.json': '{"model_type":"llama"}' });
    const whole = await downloadCheckpoint('openai-community/gpt2', options);
    hub.breakStorage({ cutAfter: 10_000, noRange: true }, 100);
    await failureOf(downloadCheckpoint('distilbert/distilgpt2', options));
    await failureOf(downloadCheckpoint('a/llama', options));

    const [begun, gpt2, ...more] = await listCached(cacheDir);
    expect(more).toEqual([]);
    expect(begun).toMatchObject({ id: 'distilbert/distilgpt2', checkpoint: undefined });
    expect(gpt2).toMatchObject({ id: 'openai-community/gpt2', checkpoint: whole });
    expect(whole.bytes).toBeGreaterThan(300_000);
    expect(gpt2?.bytesOnDisk).toBeGreaterThanOrEqual(whole.bytes);

    expect(await removeCached(cacheDir, 'openai-community/gpt2')).toBe(true);
    expect(await findCached(cacheDir, 'openai-community/gpt2')).toBeUndefined();
    expect(await listCached(cacheDir)).toEqual([begun]);
    expect((await readdir(join(cacheDir, 'hub'))).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  it('does not believe a folder that somebody else put there', async () => {
    const cacheDir = await temporaryFolder();
    const folder = join(cacheDir, 'hub', 'a--b');
    await mkdir(join(folder, 'refs'), { recursive: true });
    for (const ref of ['', '../../..', 'f'.repeat(40)]) {
      await writeFile(join(folder, 'refs', 'main'), ref);
      expect(await findCached(cacheDir, 'a/b')).toBeUndefined();
    }
    await rm(folder, { recursive: true });
  });
});
