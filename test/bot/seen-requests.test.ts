import { expect, test } from 'vitest';
import { SeenRequests } from '../../bot/seen-requests.ts';
import { MemoryStore } from '../../bot/store/memory-store.ts';

test('a request is taken once, and once it is written down, no later process takes it again', async () => {
  const { seen: record } = new MemoryStore();
  const before = new SeenRequests(10, record);
  await before.take('slack:C1/1', 'slack', 1);
  expect(before.take('slack:C1/1', 'slack', 2)).toBeUndefined();

  const after = await SeenRequests.recalled(10, record);
  expect(after.take('slack:C1/1', 'slack', 3)).toBeUndefined();
  expect(after.take('slack:C1/2', 'slack', 3)).toBeDefined();
});

test('after a restart the latest are known, as many as fit into memory', async () => {
  const { seen: record } = new MemoryStore();
  for (const at of [1, 2, 3, 4]) await record.remember(`slack:C1/${at}`, at);
  const seen = await SeenRequests.recalled(2, record);
  const taken = [3, 4].map((at) => seen.take(`slack:C1/${at}`, 'slack', at));
  expect(taken).toEqual([undefined, undefined]);
});

test('lines of the terminal are not written down: their numbers begin again at every start', async () => {
  const { seen: record } = new MemoryStore();
  const seen = new SeenRequests(10, record);
  await seen.take('terminal:here/1', 'terminal', 1);
  expect(seen.take('terminal:here/1', 'terminal', 1)).toBeUndefined();
  expect(await record.latest(10)).toEqual([]);
});
