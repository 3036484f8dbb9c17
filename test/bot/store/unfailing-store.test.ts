import path from 'node:path';
import Database from 'libsql';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { SqliteStore } from '../../../bot/store/sqlite-store.ts';
import { StoreError } from '../../../bot/store/store-error.ts';
import { UnfailingStore } from '../../../bot/store/unfailing-store.ts';
import { createLogger } from '../../../config/logger.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';
import { request } from '../requests.ts';

/** A store in a file that another program can hold, so that nothing can be written. */
async function setUp() {
  const file = path.join(await temporaryFolder(), 'parley.db');
  const clock = new VirtualClock();
  const log: string[] = [];
  const logger = createLogger({
    level: 'info',
    secrets: [],
    format: 'json',
    write: (line) => log.push(JSON.parse(line).msg),
  });
  const durable = await SqliteStore.open(file);
  const store = new UnfailingStore(durable, { logger, clock });
  const other = new Database(file);
  onTestFinished(async () => {
    other.close();
    await store.close();
  });
  return {
    store,
    durable,
    file,
    clock,
    log,
    hold: () => other.exec('BEGIN IMMEDIATE'),
    letGo: () => other.exec('COMMIT'),
  };
}

const opinion = (turn: string) => ({ turn, verdict: 'good', person: 'discord:1', at: 1 }) as const;

test('a store that cannot be written is replaced by memory, and that is said once', async () => {
  const { store, clock, log, hold } = await setUp();
  hold();
  for (const id of ['a', 'b', 'c']) {
    expect(await store.seen.remember(id, 1)).toBe(true);
    expect(await store.seen.remember(id, 1)).toBe(false);
    await store.feedback.put(opinion(id));
    await clock.pass(60_000);
  }
  await store.prune({ seen: 0, feedback: 0, turns: 0, resets: 0, heard: 0, seeds: 0 }, 10);
  expect(log).toEqual([expect.stringContaining('cannot be kept now')]);
});

test('it is tried again after a while, and not at every call, because each attempt takes time', async () => {
  const { store, durable, clock, log, hold, letGo } = await setUp();
  hold();
  await store.seen.remember('a', 1);
  letGo();
  await store.seen.remember('b', 2);
  expect(log).toHaveLength(1);
  expect(await durable.seen.latest(10)).toEqual([]);
  await clock.pass(10_000);
  await store.seen.remember('c', 3);
  expect(log).toEqual([expect.any(String), expect.stringContaining('kept again')]);
  expect(await durable.seen.latest(10)).toEqual(['c', 'b', 'a']);
});

test('what is in the file is known also while nothing can be written: it may be read only once, at the start', async () => {
  const { store, hold } = await setUp();
  await store.seen.remember('discord:c1/m1', 1);
  await store.turns.take({ id: 'discord:c1/m1', request: request({ at: 1 }), seed: 7 });
  await store.resets.put('discord:c1', 1);
  await store.heard.put('slack:C1', 1);
  await store.seeds.put({ conversation: 'discord:c1', seed: 42, next: false, person: 'discord:1', at: 1 });
  hold();
  await store.seen.remember('discord:c1/m2', 2);
  expect(await store.seen.latest(10)).toEqual(['discord:c1/m1']);
  expect((await store.turns.unfinished()).map(({ id }) => id)).toEqual(['discord:c1/m1']);
  expect(await store.turns.count()).toBe(1);
  expect(await store.resets.latest(10)).toHaveLength(1);
  expect(await store.heard.latest(10)).toHaveLength(1);
  expect(await store.seeds.latest(10)).toHaveLength(1);
  expect(await store.seeds.of('discord:1')).toEqual(['discord:c1']);
});

test('that something can be read is not taken for a sign that it can be written', async () => {
  const { store, clock, log, hold } = await setUp();
  hold();
  await store.seen.remember('a', 1);
  await clock.pass(60_000);
  await store.turns.count();
  expect(store.lasting).toBe(false);
  expect(log).toHaveLength(1);
});

test('a file that cannot even be read keeps nobody from writing again, however often it is asked', async () => {
  const { store, durable, clock } = await setUp();
  const count = vi.spyOn(durable.turns, 'count');
  count.mockRejectedValue(new StoreError('STORE_UNAVAILABLE', 'the disk is away'));
  for (let n = 0; n < 4; n += 1) {
    expect(await store.turns.count()).toBe(0);
    await clock.pass(3_000);
  }
  await store.seen.remember('a', 1);
  expect(await durable.seen.latest(10)).toEqual(['a']);
});

test('what was seen while nothing could be written stays seen afterwards', async () => {
  const { store, clock, hold, letGo } = await setUp();
  hold();
  await store.seen.remember('a', 1);
  letGo();
  await clock.pass(10_000);
  expect(await store.seen.remember('a', 2)).toBe(false);
});

test('what was seen, heard and reset while nothing could be written is in the file afterwards, for the next bot to read', async () => {
  const { store, file, clock, hold, letGo } = await setUp();
  await store.resets.put('discord:c1', 1);
  hold();
  for (const id of ['a', 'b']) await store.seen.remember(id, 1);
  await store.heard.put('slack:c2', 2);
  await store.resets.put('discord:c1', 3);
  await store.resets.put('discord:c1', 4);
  letGo();
  await clock.pass(10_000);
  await store.seen.remember('c', 2);
  const next = await SqliteStore.open(file);
  expect((await next.seen.latest(10)).toSorted()).toEqual(['a', 'b', 'c']);
  expect(await next.heard.latest(10)).toEqual([{ conversation: 'slack:c2', at: 2 }]);
  expect(await next.resets.latest(10)).toEqual([{ conversation: 'discord:c1', at: 4 }]);
  await next.close();
});

test('and is written at the latest when the bot leaves', async () => {
  const { store, file, hold, letGo } = await setUp();
  hold();
  await store.seen.remember('a', 1);
  letGo();
  await store.close();
  const next = await SqliteStore.open(file);
  expect(await next.seen.latest(10)).toEqual(['a']);
  await next.close();
});

test('what is written afterwards is in the file, for another bot to read', async () => {
  const { store, file, clock, hold, letGo } = await setUp();
  hold();
  await store.turns.write('discord:c1/m1', { text: 'one', tokens: [1], written: 'one' });
  letGo();
  await clock.pass(10_000);
  await store.seen.remember('a', 1);
  const next = await SqliteStore.open(file);
  expect(await next.seen.latest(10)).toEqual(['a']);
  await next.close();
});

describe('a turn that ran while nothing could be written', () => {
  const taken = { id: 'discord:c1/m1', request: request({ at: 1 }), seed: 7 };
  const piece = (text: string) => ({ text, tokens: [1], written: text });

  test('has no gap in what is kept of it: from there on its words are written anew', async () => {
    const { store, clock, hold, letGo } = await setUp();
    await store.turns.take(taken);
    await store.turns.write(taken.id, piece('one '));
    hold();
    await store.turns.write(taken.id, piece('two '));
    letGo();
    await clock.pass(10_000);
    await store.turns.write(taken.id, piece('three'));
    expect((await store.turns.unfinished()).map(({ soFar }) => soFar.text)).toEqual(['one ']);
  });

  test('and ended meanwhile is not gone on with afterwards', async () => {
    const { store, clock, hold, letGo } = await setUp();
    await store.turns.take(taken);
    hold();
    await store.turns.end(taken.id);
    letGo();
    await clock.pass(10_000);
    await store.seen.remember('a', 1);
    expect(await store.turns.unfinished()).toEqual([]);
  });

  test('and ended meanwhile is not gone on with by the next bot, though nothing else is written before', async () => {
    const { store, file, hold, letGo } = await setUp();
    await store.turns.take(taken);
    hold();
    await store.turns.end(taken.id);
    letGo();
    await store.close();
    const next = await SqliteStore.open(file);
    expect(await next.turns.unfinished()).toEqual([]);
    await next.close();
  });

  test('and that the file knows nothing of leaves nothing behind, however many there are of them', async () => {
    const { store, durable, clock, hold, letGo } = await setUp();
    await store.turns.take(taken);
    hold();
    await store.turns.end(taken.id);
    for (let n = 0; n < 100; n += 1) {
      await store.turns.take({ ...taken, id: `lost ${n}` });
      await store.turns.end(`lost ${n}`);
    }
    letGo();
    const end = vi.spyOn(durable.turns, 'end');
    await clock.pass(10_000);
    await store.seen.remember('a', 1);
    expect(end.mock.calls).toEqual([[taken.id]]);
  });

  test('of an earlier process is not gone on with by the next bot', async () => {
    const { store, file, durable, hold, letGo } = await setUp();
    await durable.turns.take(taken);
    await store.turns.unfinished();
    hold();
    await store.turns.end(taken.id);
    letGo();
    await store.close();
    const next = await SqliteStore.open(file);
    expect(await next.turns.unfinished()).toEqual([]);
    await next.close();
  });

  test('and is dropped in the moment in which it was taken is not gone on with', async () => {
    const { store } = await setUp();
    void store.turns.take(taken);
    await store.turns.end(taken.id);
    expect(await store.turns.unfinished()).toEqual([]);
  });
});
