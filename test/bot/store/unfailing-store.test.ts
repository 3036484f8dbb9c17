import path from 'node:path';
import Database from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SqliteStore } from '../../../bot/store/sqlite-store.ts';
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
  const store = new UnfailingStore(await SqliteStore.open(file), { logger, clock });
  const other = new Database(file);
  onTestFinished(async () => {
    other.close();
    await store.close();
  });
  return {
    store,
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
  const { store, clock, log, hold, letGo } = await setUp();
  hold();
  await store.seen.remember('a', 1);
  letGo();
  await store.seen.remember('b', 1);
  expect(log).toHaveLength(1);
  await clock.pass(10_000);
  await store.seen.remember('c', 1);
  expect(log).toEqual([expect.any(String), expect.stringContaining('kept again')]);
  expect(await store.seen.latest(10)).toEqual(['c']);
});

test('what was seen while nothing could be written stays seen afterwards', async () => {
  const { store, clock, hold, letGo } = await setUp();
  hold();
  await store.seen.remember('a', 1);
  letGo();
  await clock.pass(10_000);
  expect(await store.seen.remember('a', 2)).toBe(false);
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
});
