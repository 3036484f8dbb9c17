import { expect, test } from 'vitest';
import { MemoryStore } from '../../../bot/store/memory-store.ts';
import { storeContract } from '../../contract/store-contract.ts';

storeContract({
  name: 'a store in memory',
  place: async () => ({ open: async () => new MemoryStore() }),
  durable: false,
});

test('a store in memory forgets first what came first, so that it stays small', async () => {
  const store = new MemoryStore({ seen: 3, feedback: 1 });
  for (const id of ['a', 'b', 'c', 'd']) await store.seen.remember(id, 1);
  expect(new Set(await store.seen.latest(10))).toEqual(new Set(['b', 'c', 'd']));
  for (const turn of ['one', 'two']) {
    await store.feedback.put({ turn, verdict: 'good', person: 'discord:1', at: 1 });
  }
  expect(await store.feedback.tally()).toEqual({ good: 1, bad: 0 });
});
