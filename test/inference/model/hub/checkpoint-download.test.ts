import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AutoTokenizer } from '@xenova/transformers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCheckpoint } from '../../../../inference/graph/checkpoint.ts';
import { findCached } from '../../../../inference/model/hub/cache.ts';
import {
  type DownloadOptions,
  type DownloadProgress,
  downloadCheckpoint,
} from '../../../../inference/model/hub/checkpoint-download.ts';
import { systemDisk } from '../../../../inference/model/hub/disk.ts';
import type { FakeHub } from '../../../fakes/hub/fake-hub.ts';
import { STARTER_SIZES } from '../../../fixtures/starter-sizes.ts';
import {
  addCheckpoint,
  failureOf,
  ID,
  STARTER,
  startHub,
  temporaryFolder,
  WEIGHTS_BYTES,
} from './hub-fixture.ts';
import { ManualClock } from './manual-clock.ts';

async function setUp(): Promise<{
  hub: FakeHub;
  cacheDir: string;
  clock: ManualClock;
  options: DownloadOptions;
}> {
  const hub = await startHub();
  const cacheDir = await temporaryFolder();
  const clock = new ManualClock();
  const options = { cacheDir, host: hub.url, clock, random: () => 1, onRetry: clock.passWaits };
  return { hub, cacheDir, clock, options };
}

/** GETs of weights, wherever they went. */
const weightsFetched = (hub: FakeHub) => hub.downloads.length;

describe('a checkpoint from the hub', () => {
  it('becomes a folder that the compiler opens, found again without a network', async () => {
    const { hub, cacheDir, options } = await setUp();
    const weights = await readFile(new URL('model.safetensors', STARTER));
    const { head } = await addCheckpoint(hub, { weights });
    const fetched = await downloadCheckpoint(ID, options);
    await hub.close();

    expect(fetched).toMatchObject({ id: ID, commit: head });
    expect(fetched.folder).toBe(join(cacheDir, 'hub', 'openai-community--gpt2', head));
    expect(await findCached(cacheDir, ID)).toEqual(fetched);
    const checkpoint = await openCheckpoint(fetched.folder);
    expect(checkpoint.shape.layers).toBe(STARTER_SIZES.layers);
    await checkpoint.close();
  });

  it('reports each file, the weights last', async () => {
    const { hub, options } = await setUp();
    await addCheckpoint(hub);
    const seen: DownloadProgress[] = [];
    await downloadCheckpoint(ID, { ...options, onProgress: (progress) => seen.push(progress) });
    const files = [...new Set(seen.map(({ file }) => file))];
    expect(files).toEqual(['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors']);
    expect(seen.at(-1)).toMatchObject({ bytes: 300_000, total: 300_000, elsewhere: false });
  });

  it('is fetched once', async () => {
    const { hub, options } = await setUp();
    await addCheckpoint(hub);
    const first = await downloadCheckpoint(ID, options);
    const second = await downloadCheckpoint(ID, options);
    expect(second).toEqual(first);
    expect(weightsFetched(hub)).toBe(1);
  });

  it('is pinned to one commit, even if the repository moves on in the middle', async () => {
    const { hub, options } = await setUp();
    const repository = await addCheckpoint(hub);
    const { head } = repository;
    const onProgress = ({ file, bytes }: DownloadProgress) => {
      if (file === 'tokenizer.json' && bytes === 0) {
        repository.commit({ 'tokenizer.json': '{}', 'model.safetensors': randomBytes(10) });
      }
    };
    const { commit, folder } = await downloadCheckpoint(ID, { ...options, onProgress });
    expect(commit).toBe(head);
    expect((await stat(join(folder, 'model.safetensors'))).size).toBe(300_000);
  });

  it('of a newer commit reuses the weights that did not change', async () => {
    const { hub, options } = await setUp();
    const repository = await addCheckpoint(hub);
    const old = await downloadCheckpoint(ID, options);
    const newer = repository.commit({ 'README.md': 'better words', 'tokenizer_config.json': '{}' });
    const fetched = await downloadCheckpoint(ID, options);
    expect(fetched.commit).toBe(newer);
    expect(weightsFetched(hub)).toBe(1);
    const [a, b] = await Promise.all(
      [old, fetched].map(({ folder }) => readFile(join(folder, 'model.safetensors'))),
    );
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
  });

  it('does not count any more when a file of it was cut short, and is repaired', async () => {
    const { hub, cacheDir, options } = await setUp();
    await addCheckpoint(hub);
    const { folder } = await downloadCheckpoint(ID, options);
    await truncate(join(folder, 'model.safetensors'), 1000);
    expect(await findCached(cacheDir, ID)).toBeUndefined();
    await downloadCheckpoint(ID, options);
    expect((await stat(join(folder, 'model.safetensors'))).size).toBe(300_000);
  });

  it('is not there until it is whole', async () => {
    const { hub, cacheDir, options } = await setUp();
    await addCheckpoint(hub);
    hub.breakStorage({ status: 503 }, 100);
    const error = await failureOf(downloadCheckpoint(ID, options));
    expect(error.code).toBe('HUB_UNAVAILABLE');
    expect(await findCached(cacheDir, ID)).toBeUndefined();
  });

  it('keeps weights that arrived just before a crash, also when the next attempt fails', async () => {
    const { hub, cacheDir, options } = await setUp();
    await addCheckpoint(hub);
    const { folder } = await downloadCheckpoint(ID, options);
    await rm(join(folder, 'parley-hub.json'));
    await rm(join(cacheDir, 'hub', 'openai-community--gpt2', 'refs'), { recursive: true });
    hub.breakHub('tokenizer.json', { status: 403 });
    expect(await failureOf(downloadCheckpoint(ID, options))).toMatchObject({ code: 'HUB_UNAUTHORIZED' });
    await downloadCheckpoint(ID, options);
    expect(weightsFetched(hub)).toBe(1);
  });

  it('keeps its old version when a new one cannot be had', async () => {
    const { hub, cacheDir, options } = await setUp();
    const repository = await addCheckpoint(hub);
    const old = await downloadCheckpoint(ID, options);
    repository.commit({ 'model.safetensors': randomBytes(1000) });
    hub.breakStorage({ status: 503 }, 100);
    await failureOf(downloadCheckpoint(ID, options));
    expect(await findCached(cacheDir, ID)).toEqual(old);
  });

  it('comes under the new name when the repository was renamed', async () => {
    const { hub, options } = await setUp();
    await addCheckpoint(hub);
    hub.rename('gpt2', ID);
    const { folder, id } = await downloadCheckpoint('gpt2', options);
    expect(id).toBe('gpt2');
    expect(folder).toContain(join('hub', 'gpt2'));
  });

  it('is begun again when the mirror does not keep to a commit', async () => {
    const { hub, options } = await setUp();
    await addCheckpoint(hub);
    const headers = { 'x-repo-commit': 'f'.repeat(40) };
    hub.breakRequests(({ path }) => path.endsWith('/tokenizer.json'), { headers });
    const { commit } = await downloadCheckpoint(ID, options);
    expect(commit).not.toBe('f'.repeat(40));
    hub.breakRequests(({ path }) => path.endsWith('/tokenizer.json'), { headers }, 100);
    const other = await temporaryFolder();
    expect((await failureOf(downloadCheckpoint(ID, { ...options, cacheDir: other }))).code).toBe(
      'HUB_CHANGED',
    );
  });
});

describe('what is not a GPT-2 checkpoint is refused before its weights are fetched', () => {
  it.each<[string, Record<string, string | undefined>, string, RegExp]>([
    [
      'another architecture',
      { 'config.json': '{"model_type":"llama"}' },
      'CHECKPOINT_UNSUPPORTED',
      /says model_type "llama"/,
    ],
    ['a config that is not JSON', { 'config.json': '<html>' }, 'CHECKPOINT_INVALID', /is not JSON/],
    ['no config', { 'config.json': undefined }, 'HUB_NOT_FOUND', /has no file config\.json/],
    [
      'weights in several files',
      { 'model.safetensors': undefined, 'model.safetensors.index.json': '{}' },
      'CHECKPOINT_UNSUPPORTED',
      /split over several files/,
    ],
    [
      'weights as a pickle only',
      { 'model.safetensors': undefined, 'pytorch_model.bin': 'x' },
      'CHECKPOINT_UNSUPPORTED',
      /PyTorch pickle/,
    ],
    ['no weights', { 'model.safetensors': undefined }, 'HUB_NOT_FOUND', /has no model\.safetensors/],
    [
      'no tokenizer',
      { 'tokenizer.json': undefined, 'vocab.json': '{}' },
      'HUB_NOT_FOUND',
      /without a tokenizer/,
    ],
  ])('%s', async (_, files, code, message) => {
    const { hub, cacheDir, options } = await setUp();
    (await addCheckpoint(hub)).commit(files);
    const error = await failureOf(downloadCheckpoint(ID, options));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(weightsFetched(hub)).toBe(0);
    expect(await findCached(cacheDir, ID)).toBeUndefined();
  });

  it('an id that is none, without asking anybody', async () => {
    const { hub, options } = await setUp();
    const error = await failureOf(downloadCheckpoint('../../etc', options));
    expect(error.code).toBe('HUB_ID_INVALID');
    expect(hub.requests).toEqual([]);
  });
});

describe('the tokenizer', () => {
  it('is built where a repository has only vocab.json and merges.txt, and reads like the original', async () => {
    const { hub, options } = await setUp();
    const original = await readFile(new URL('tokenizer.json', STARTER), 'utf8');
    const { vocab, merges } = JSON.parse(original).model;
    (await addCheckpoint(hub)).commit({
      'tokenizer.json': undefined,
      'tokenizer_config.json': undefined,
      'vocab.json': JSON.stringify(vocab),
      'merges.txt': `#version: 0.2\n${merges.join('\n')}\n`,
    });
    const { folder } = await downloadCheckpoint(ID, options);
    const built = await AutoTokenizer.from_pretrained(folder);
    const shipped = await AutoTokenizer.from_pretrained(fileURLToPath(STARTER));
    for (const text of [
      'Q: What do bees eat?\nA:',
      'naïve façade — 日本',
      '  def f(x):\n\treturn 42',
      "it's",
    ]) {
      expect(built.encode(text)).toEqual(shipped.encode(text));
    }
    const settings = JSON.parse(await readFile(join(folder, 'tokenizer_config.json'), 'utf8'));
    expect(settings).toMatchObject({
      tokenizer_class: 'GPT2Tokenizer',
      model_max_length: STARTER_SIZES.context,
    });
  });

  it('that does not fit together is a clear error', async () => {
    const { hub, options } = await setUp();
    (await addCheckpoint(hub)).commit({
      'tokenizer.json': undefined,
      'vocab.json': '{"a":0,"b":1}',
      'merges.txt': 'a b\n',
    });
    const error = await failureOf(downloadCheckpoint(ID, options));
    expect(error.code).toBe('CHECKPOINT_INVALID');
    expect(error.message).toContain('"a b"');
  });
});

describe('without the means', () => {
  it('no network: one error, at once', async () => {
    const { hub, clock, options } = await setUp();
    await hub.close();
    const error = await failureOf(downloadCheckpoint(ID, options));
    expect(error).toMatchObject({ code: 'HUB_UNREACHABLE' });
    expect(clock.waits).toEqual([]);
  });

  it('a network that goes away in the middle is waited for', async () => {
    const { hub, clock, options } = await setUp();
    await addCheckpoint(hub);
    let refused = 0;
    const flaky: typeof fetch = async (input, init) => {
      if (String(input).includes('xet-bridge') && refused++ < 3) {
        throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ENETUNREACH' }) });
      }
      return fetch(input, init);
    };
    await downloadCheckpoint(ID, { ...options, fetch: flaky });
    expect(clock.waits).toEqual([1000, 2000, 4000]);
  });

  it('no room for the whole: said with the sum of what is missing, before the first large byte', async () => {
    const { hub, options } = await setUp();
    await addCheckpoint(hub);
    const disk = { ...systemDisk, freeBytes: async () => 64_350_000 };
    const error = await failureOf(downloadCheckpoint(ID, { ...options, disk }));
    expect(error.code).toBe('HUB_NO_SPACE');
    const { size } = await stat(new URL('tokenizer.json', STARTER));
    expect(error.message).toContain(`needs ${Math.round((WEIGHTS_BYTES + size) / 1000)} kB`);
    expect(weightsFetched(hub)).toBe(0);
  });

  it('a cache that cannot be written: said with its folder', async () => {
    const { hub, cacheDir, options } = await setUp();
    await addCheckpoint(hub);
    await writeFile(join(cacheDir, 'hub'), 'a file');
    const error = await failureOf(downloadCheckpoint(ID, options));
    expect(error.code).toBe('HUB_CACHE_UNWRITABLE');
    expect(error.message).toContain(join(cacheDir, 'hub'));
  });

  it('patience: the caller stops it, and the next start goes on from there', async () => {
    const { hub, cacheDir, options } = await setUp();
    await addCheckpoint(hub);
    const enough = new AbortController();
    hub.breakStorage({ pauseAfter: 200_000, until: new Promise(() => undefined) });
    const partials = join(cacheDir, 'hub', 'openai-community--gpt2', 'partial');
    const bytesThere = async () => {
      const [name = ''] = await readdir(partials);
      return (await stat(join(partials, name))).size;
    };
    const downloading = failureOf(downloadCheckpoint(ID, { ...options, signal: enough.signal }));
    await expect.poll(bytesThere).toBe(200_000);
    enough.abort(new Error('quit'));
    expect((await downloading).message).toBe('quit');
    await downloadCheckpoint(ID, options);
    expect(hub.downloads.map(({ range }) => range)).toEqual([undefined, 'bytes=200000-']);
  });

  it('the lock, because it was asleep too long: it waits for the other and uses what that one fetched', async () => {
    const { hub, cacheDir, clock, options } = await setUp();
    await addCheckpoint(hub);
    hub.breakStorage({ pauseAfter: 100_000, until: new Promise(() => undefined) });
    const asleep = downloadCheckpoint(ID, options);
    await expect.poll(() => weightsFetched(hub)).toBe(1);
    // What a process does that believes the first one dead.
    await rm(join(cacheDir, 'hub', 'openai-community--gpt2.lock'));
    const { clock: _, ...awake } = options;
    const other = await downloadCheckpoint(ID, awake);
    const wakeUp = setInterval(() => clock.advance(1000), 20);
    onTestFinished(() => clearInterval(wakeUp));
    expect(await asleep).toEqual(other);
    expect(weightsFetched(hub)).toBe(2);
  });

  it('rights: a gated checkpoint opens with its token', async () => {
    const { hub, options } = await setUp();
    await addCheckpoint(hub, { access: 'gated', token: 'hf_accepted' });
    expect((await failureOf(downloadCheckpoint(ID, options))).code).toBe('HUB_UNAUTHORIZED');
    await downloadCheckpoint(ID, { ...options, token: 'hf_accepted' });
    expect(hub.downloads.every(({ authorization }) => authorization === undefined)).toBe(true);
  });
});
