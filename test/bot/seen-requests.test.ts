import path from 'node:path';
import { expect, test } from 'vitest';
import { Bot } from '../../bot/bot.ts';
import { SeenRequests } from '../../bot/seen-requests.ts';
import { MemoryStore } from '../../bot/store/memory-store.ts';
import { SqliteStore } from '../../bot/store/sqlite-store.ts';
import { createLogger } from '../../config/logger.ts';
import { ScriptedEngine } from '../fixtures/scripted-engine.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { BOT, request } from './requests.ts';

test('a request is taken once, and once it is written down, no later process takes it again', async () => {
  const { seen: record } = new MemoryStore();
  const before = new SeenRequests(record);
  expect(before.take('slack:C1/1', 'slack', 1)).toBe(true);
  expect(before.take('slack:C1/1', 'slack', 2)).toBe(false);

  const after = await SeenRequests.recalled(record);
  expect(after.take('slack:C1/1', 'slack', 3)).toBe(false);
  expect(after.take('slack:C1/2', 'slack', 3)).toBe(true);
});

test('after a restart the latest are known, as many as fit into memory', async () => {
  const { seen: record } = new MemoryStore();
  for (const at of [1, 2, 3, 4]) await record.remember(`slack:C1/${at}`, at);
  const seen = await SeenRequests.recalled(record, 2);
  const taken = [3, 4].map((at) => seen.take(`slack:C1/${at}`, 'slack', at));
  expect(taken).toEqual([false, false]);
});

test('lines of the terminal are not written down: their numbers begin again at every start', async () => {
  const { seen: record } = new MemoryStore();
  const seen = new SeenRequests(record);
  expect(seen.take('terminal:here/1', 'terminal', 1)).toBe(true);
  expect(seen.take('terminal:here/1', 'terminal', 1)).toBe(false);
  expect(await record.latest(10)).toEqual([]);
});

test('what a platform delivers again after a restart is not answered again', async () => {
  const folder = await temporaryFolder();
  const delivered = request({ id: '1700000000.000100', conversation: { platform: 'slack', id: 'C1' } });
  const answered: boolean[] = [];
  for (let start = 0; start < 2; start += 1) {
    const store = await SqliteStore.open(path.join(folder, 'parley.db'));
    const bot = new Bot({
      engine: Promise.resolve(new ScriptedEngine()),
      logger: createLogger({ level: 'silent', secrets: [], format: 'json' }),
      seen: await SeenRequests.recalled(store.seen),
    });
    const surroundings = { self: BOT, history: async () => [], attachment: async () => new Uint8Array() };
    for (let time = 0; time < 3; time += 1) {
      answered.push(bot.handle(delivered, surroundings) !== undefined);
    }
    await bot.close();
    await store.close();
  }
  expect(answered).toEqual([true, false, false, false, false, false]);
});
