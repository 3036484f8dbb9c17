import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Chunk, type Engine, leaseOf } from '../../inference/engine/engine.ts';
import { findCached, listCached } from '../../inference/model/hub/cache.ts';
import { downloadCheckpoint } from '../../inference/model/hub/checkpoint-download.ts';
import { GPT2, type HubAccess } from '../../inference/model/hub-model.ts';
import { type ModelEvent, Models } from '../../inference/models.ts';
import type { FakeHub } from '../fakes/hub/fake-hub.ts';
import { GREEDY } from '../fixtures/greedy.ts';
import {
  addRandomGpt2,
  deadAddress,
  partialBytes,
  startHub,
  temporaryFolder,
} from '../fixtures/hub-checkpoint.ts';
import { writeRandomCheckpoint } from '../fixtures/random-checkpoint.ts';
import { STARTER_SIZES } from '../fixtures/starter-sizes.ts';

// Real checkpoints, a real compiler and real engine processes; only the hub is one of our own, on loopback.

const STARTER = { name: 'starter', contextLength: STARTER_SIZES.context };
const NEW = { name: GPT2, contextLength: 256 };

// Compiled graphs are found by the hash of what they were made of, so these tests share them; that saves half a minute.
let compiled: string;
beforeAll(async () => {
  compiled = await mkdtemp(join(tmpdir(), 'parley-models-compiled-'));
});
afterAll(() => rm(compiled, { recursive: true, force: true }));

async function newCache(): Promise<string> {
  const cacheDir = await temporaryFolder();
  await symlink(compiled, join(cacheDir, 'compiled'), 'junction');
  return cacheDir;
}

const opened: Models[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((models) => models.close()));
});

interface SetUp extends Partial<HubAccess> {
  readonly fetchesByItself?: boolean;
}

async function setUp(hub: FakeHub | string, { fetchesByItself = true, ...access }: SetUp = {}) {
  const cacheDir = access.cacheDir ?? (await newCache());
  const events: ModelEvent[] = [];
  const host = typeof hub === 'string' ? hub : hub.url;
  const models = new Models({
    // The shortest waits between attempts. On a busy disk an owner may be late with its signs of life by more than a second.
    hub: { host, cacheDir, offline: false, random: () => 0, heartbeatMs: 200, ...access },
    weights: 'q8',
    threads: 1,
    limits: { maxRows: 4, maxQueue: 64, kvBytes: 64 * 2 ** 20 },
    fetchesByItself,
    onModelEvent: (event) => events.push(event),
  });
  opened.push(models);
  /** Resolves with the first event of that type, past or future. */
  const told = async <Type extends ModelEvent['type']>(type: Type) => {
    const find = () => events.find((event) => event.type === type);
    // All that was told stands beside it, so that a failure says what came instead.
    const soFar = () => ({
      there: find() !== undefined,
      told: events.map((event) => (event.type === 'kept' ? event.error.message : event.type)),
    });
    await expect.poll(soFar, { interval: 10, timeout: 30_000 }).toMatchObject({ there: true });
    return find() as Extract<ModelEvent, { type: Type }>;
  };
  return { models, events, told, cacheDir, host };
}

/** Writes on greedily, on the model that answers now. */
async function write(engine: Engine, conversation: string, maxNewTokens = 12) {
  const lease = leaseOf(engine);
  try {
    const options = { sampling: GREEDY, maxNewTokens, stop: [], conversation };
    let deltas = '';
    let end: Extract<Chunk, { type: 'end' }> | undefined;
    for await (const chunk of lease.engine.generate('The ships lay still.', options)) {
      if (chunk.type === 'text') deltas += chunk.text;
      if (chunk.type === 'end') end = chunk;
    }
    return { model: lease.engine.model.name, text: deltas, result: end?.result };
  } finally {
    lease.release();
  }
}

/** Waits until so much of GPT-2's weights is on the disk. */
async function arrived(cacheDir: string, bytes: number): Promise<void> {
  const size = () => partialBytes(cacheDir, GPT2);
  await expect.poll(size, { interval: 10, timeout: 30_000 }).toBe(bytes);
}

/** A promise with its way out. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('auto, with GPT-2 in the cache', () => {
  test('is GPT-2 from the first answer, and asks the hub nothing', async () => {
    const hub = await startHub();
    await addRandomGpt2(hub, GPT2);
    const cacheDir = await newCache();
    await downloadCheckpoint(GPT2, { host: hub.url, cacheDir });
    const asked = hub.requests.length;
    const { models, events } = await setUp(hub, { cacheDir });
    const engine = await models.start('auto');
    expect(engine.model).toMatchObject(NEW);
    expect((await write(engine, 'a')).result).toMatchObject({ newTokens: 12 });
    expect(hub.requests).toHaveLength(asked);
    expect(events.at(-1)?.type).toBe('started');
  });

  test('falls back to the starter when that GPT-2 cannot be used, with one line that says why', async () => {
    const hub = await startHub();
    await addRandomGpt2(hub, GPT2);
    const cacheDir = await newCache();
    const { folder } = await downloadCheckpoint(GPT2, { host: hub.url, cacheDir });
    // As a failing disk would leave it: the length is right.
    const weights = join(folder, 'model.safetensors');
    await writeFile(weights, Buffer.alloc((await stat(weights)).size));
    const { models, told } = await setUp(hub, { cacheDir });
    expect((await models.start('auto')).model).toMatchObject(STARTER);
    expect(await told('kept')).toMatchObject({ model: GPT2, running: 'starter' });
  });
});

describe('auto, without GPT-2 in the cache', () => {
  test('answers with the starter at once, and with GPT-2 as soon as it is there', async () => {
    const hub = await startHub();
    await addRandomGpt2(hub, GPT2);
    const line = gate();
    hub.breakStorage({ pauseAfter: 100_000, until: line.opened });
    const { models, told, cacheDir } = await setUp(hub);
    const engine = await models.start('auto');
    expect(await write(engine, 'a')).toMatchObject({ model: 'starter' });
    expect(await told('fetching')).toMatchObject({ model: GPT2, meanwhile: 'starter' });
    await arrived(cacheDir, 100_000);
    expect(models.upcoming).toMatchObject({ model: GPT2, stage: 'fetching' });
    line.open();
    expect(await told('switched')).toMatchObject({ model: NEW });
    expect(engine.model).toMatchObject(NEW);
    expect(await write(engine, 'a')).toMatchObject({ model: GPT2, result: { newTokens: 12 } });
    expect(models.upcoming).toBeUndefined();
  });

  test('changes in the middle of talk: no reply is lost, none is mixed, and later ones are the new model’s', async () => {
    const hub = await startHub();
    await addRandomGpt2(hub, GPT2);
    const line = gate();
    hub.breakStorage({ pauseAfter: 100_000, until: line.opened });
    const { models, told, events } = await setUp(hub);
    const engine = await models.start('auto');
    const alone = { starter: await write(engine, 'alone', 60), [GPT2]: undefined as unknown };

    // Four people who ask again as soon as they have an answer, until each has two from the new model.
    const replies: Awaited<ReturnType<typeof write>>[] = [];
    const talk = async (conversation: string) => {
      for (let fromNew = 0; fromNew < 2; ) {
        const reply = await write(engine, conversation, 60);
        replies.push(reply);
        if (reply.model === GPT2) fromNew++;
      }
    };
    const people = ['ann', 'bob', 'cat', 'dan'].map(talk);
    await expect.poll(() => replies.length, { timeout: 30_000 }).toBeGreaterThan(4);
    line.open();
    await told('switched');
    await Promise.all(people);
    alone[GPT2] = await write(engine, 'alone', 60);

    // Greedy text depends on the model alone: a reply that is not one of the two would be a mixture of both.
    expect(replies.filter(({ model }) => model === 'starter').length).toBeGreaterThan(4);
    expect(replies.filter(({ model }) => model === GPT2)).toHaveLength(8);
    for (const reply of replies) {
      expect(reply.result).toMatchObject({ reason: expect.stringMatching(/^(length|eos)$/) });
      expect(reply.text).toBe((alone[reply.model as 'starter'] as { text: string }).text);
    }
    expect(events.filter(({ type }) => type === 'switched')).toHaveLength(1);
  });

  test('with a hub that cannot be reached: one line, and the starter goes on', async () => {
    const { models, events, told } = await setUp(await deadAddress());
    const engine = await models.start('auto');
    expect(await told('kept')).toMatchObject({
      model: GPT2,
      running: 'starter',
      error: { code: 'HUB_UNREACHABLE' },
    });
    expect(events.map(({ type }) => type)).toEqual(['started', 'kept']);
    expect(await write(engine, 'a')).toMatchObject({ model: 'starter' });
  });

  test('goes on where the connection was cut', async () => {
    const hub = await startHub();
    await addRandomGpt2(hub, GPT2);
    hub.breakStorage({ cutAfter: 200_000 });
    const { models, told } = await setUp(hub);
    await models.start('auto');
    expect(await told('retrying')).toMatchObject({ model: GPT2, why: expect.stringContaining('cut') });
    await told('switched');
    const [first, second] = hub.downloads;
    expect([first?.range, second?.range]).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
  });

  test('never uses a file that arrived damaged', async () => {
    const hub = await startHub();
    await addRandomGpt2(hub, GPT2);
    hub.breakStorage({ content: (content) => Buffer.from(content).fill(0, 5000, 5008) }, 10);
    const { models, told, cacheDir } = await setUp(hub);
    const engine = await models.start('auto');
    expect(await told('kept')).toMatchObject({ error: { code: 'HUB_CORRUPT' } });
    expect(engine.model).toMatchObject(STARTER);
    expect(await findCached(cacheDir, GPT2)).toBeUndefined();
  });

  test('keeps the starter when what was fetched cannot be run', async () => {
    const hub = await startHub();
    const repository = await addRandomGpt2(hub, GPT2);
    repository.commit({ 'model.safetensors': Buffer.alloc(50_000, 7) });
    const { models, told } = await setUp(hub);
    const engine = await models.start('auto');
    expect(await told('kept')).toMatchObject({ error: { code: 'CHECKPOINT_INVALID' } });
    expect(await write(engine, 'a')).toMatchObject({ model: 'starter' });
  });

  test.each([
    ['where nobody would see it', { fetchesByItself: false }],
    ['when OFFLINE says so', { offline: true }],
  ])('asks the network nothing %s', async (_, options) => {
    const hub = await startHub();
    await addRandomGpt2(hub, GPT2);
    const { models, events } = await setUp(hub, options);
    const engine = await models.start('auto');
    expect(await write(engine, 'a')).toMatchObject({ model: 'starter' });
    expect(hub.requests).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual(['started']);
  });
});

describe('a hub id', () => {
  test('waits for its download, also where auto would not fetch', async () => {
    const hub = await startHub();
    await addRandomGpt2(hub, 'me/mine');
    const cacheDir = await temporaryFolder();
    const { models, events } = await setUp(hub, { cacheDir, fetchesByItself: false });
    const engine = await models.start('me/mine');
    expect(engine.model).toMatchObject({ ...NEW, name: 'me/mine' });
    const types = [...new Set(events.map(({ type }) => type))];
    expect(types).toEqual(['fetching', 'compiling', 'started']);
  });

  test('that the hub does not have is an end with a reason, and a hint at folders', async () => {
    const { models } = await setUp(await startHub());
    await expect(models.start('models/mine')).rejects.toMatchObject({
      code: 'HUB_NOT_FOUND',
      message: expect.stringMatching(/not found.*no folder models\/mine here/s),
    });
  });

  test('that is not in the cache is an end when OFFLINE forbids to ask', async () => {
    const hub = await startHub();
    await addRandomGpt2(hub, 'me/mine');
    const { models } = await setUp(hub, { offline: true });
    await expect(models.start('me/mine')).rejects.toMatchObject({ code: 'HUB_OFFLINE' });
    expect(hub.requests).toEqual([]);
  });

  test('that is in the cache needs no network', async () => {
    const hub = await startHub();
    await addRandomGpt2(hub, 'me/mine');
    const { cacheDir, models } = await setUp(hub);
    await models.start('me/mine');
    const asked = hub.requests.length;
    const again = await setUp(hub, { cacheDir, offline: true });
    expect((await again.models.start('me/mine')).model.name).toBe('me/mine');
    expect(hub.requests).toHaveLength(asked);
  });

  test('of a private model is opened by the token, which goes to no other host', async () => {
    const hub = await startHub();
    await addRandomGpt2(hub, 'me/mine', { access: 'private', token: 'hf_secret' });
    const { models } = await setUp(hub, { token: 'hf_secret' });
    await models.start('me/mine');
    const seen = (origin: 'hub' | 'storage') =>
      new Set(
        hub.requests.filter((request) => request.origin === origin).map((request) => request.authorization),
      );
    expect(seen('hub')).toEqual(new Set(['Bearer hf_secret']));
    expect(seen('storage')).toEqual(new Set([undefined]));
  });
});

describe('a change in the middle of a session', () => {
  test('to what is there takes a moment, and back again', async () => {
    const folder = join(await temporaryFolder(), 'mine');
    await writeRandomCheckpoint(folder, {
      layers: 1,
      heads: 2,
      width: 64,
      positions: 128,
      vocabulary: STARTER_SIZES.vocabulary,
    });
    const { models } = await setUp(await startHub());
    const engine = await models.start('starter');
    const change = await models.change(folder);
    expect(change).toMatchObject({ model: 'mine', when: 'soon' });
    expect(await change.done).toBe('changed');
    expect(engine.model).toMatchObject({ name: 'mine', contextLength: 128 });
    expect(await (await models.change('starter')).done).toBe('changed');
    expect(engine.model).toMatchObject(STARTER);
    expect(await models.change('starter')).toMatchObject({ when: 'none' });
  });

  test('to a hub id happens in the background', async () => {
    const hub = await startHub();
    await addRandomGpt2(hub, 'me/mine');
    const { models, told } = await setUp(hub);
    const engine = await models.start('starter');
    const change = await models.change('me/mine');
    expect(change.when).toBe('later');
    expect(await write(engine, 'a')).toMatchObject({ model: 'starter' });
    expect(await change.done).toBe('changed');
    await told('switched');
    expect(engine.model.name).toBe('me/mine');
  });

  test('that fails leaves the model as it was', async () => {
    const { models, told } = await setUp(await startHub());
    const engine = await models.start('starter');
    const change = await models.change('nobody/nothing');
    await expect(change.done).rejects.toMatchObject({ code: 'HUB_NOT_FOUND' });
    expect(await told('kept')).toMatchObject({ model: 'nobody/nothing', running: 'starter' });
    expect(await write(engine, 'a')).toMatchObject({ model: 'starter' });
  });

  test('is given up for another one', async () => {
    const hub = await startHub();
    await addRandomGpt2(hub, GPT2);
    await addRandomGpt2(hub, 'me/mine');
    hub.breakStorage({ pauseAfter: 50_000, until: new Promise(() => {}) });
    const { models, told, events, cacheDir } = await setUp(hub);
    const engine = await models.start('auto');
    await arrived(cacheDir, 50_000);
    expect(await (await models.change('me/mine')).done).toBe('changed');
    expect(await told('switched')).toMatchObject({ model: { name: 'me/mine' } });
    expect(engine.model.name).toBe('me/mine');
    expect(events.filter(({ type }) => type === 'kept')).toEqual([]);
  });
});

test('closing gives a download up, keeps what has arrived, and leaves no lock behind', async () => {
  const hub = await startHub();
  await addRandomGpt2(hub, GPT2);
  hub.breakStorage({ pauseAfter: 50_000, until: new Promise(() => {}) });
  const { models, cacheDir, events } = await setUp(hub);
  await models.start('auto');
  await arrived(cacheDir, 50_000);
  await models.close();
  expect(events.at(-1)?.type).toBe('fetching');
  expect(await listCached(cacheDir)).toMatchObject([{ id: GPT2, checkpoint: undefined }]);
  const again = await setUp(hub, { cacheDir });
  await again.models.start('auto');
  await again.told('switched');
  expect(hub.downloads.map(({ range }) => range)).toEqual([undefined, 'bytes=50000-']);
});

test('two bots that start at once share one download', async () => {
  const hub = await startHub();
  await addRandomGpt2(hub, GPT2);
  const cacheDir = await newCache();
  const bots = await Promise.all([setUp(hub, { cacheDir }), setUp(hub, { cacheDir })]);
  await Promise.all(bots.map(({ models }) => models.start('auto')));
  await Promise.all(bots.map(({ told }) => told('switched')));
  expect(hub.downloads).toHaveLength(1);
});

test('what another bot fetches while this one still loads the starter takes over here, too', async () => {
  const hub = await startHub();
  await addRandomGpt2(hub, GPT2);
  const { models, told, cacheDir, host } = await setUp(hub);
  const starting = models.start('auto');
  await expect.poll(() => models.upcoming).toEqual({ model: 'starter', stage: 'loading' });
  await downloadCheckpoint(GPT2, { host, cacheDir });
  await starting;
  await told('switched');
  expect(hub.downloads).toHaveLength(1);
});
