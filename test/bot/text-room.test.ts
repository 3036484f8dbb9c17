import { expect, test } from 'vitest';
import { TextRoom } from '../../bot/text-room.ts';

const NEVER = new AbortController().signal;

/** Whether a promise has settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let is = false;
  void promise.then(() => {
    is = true;
  });
  for (let n = 0; n < 5; n += 1) await Promise.resolve();
  return is;
}

test('texts that fit go in together, and the others wait in order until somebody leaves', async () => {
  const room = new TextRoom(200);
  const one = await room.take(60, NEVER);
  const large = room.take(80, NEVER);
  const small = room.take(10, NEVER);
  expect(await settled(large)).toBe(false);
  expect(await settled(small), 'who came later does not pass').toBe(false);
  one?.keepOnly(0);
  expect(await settled(large)).toBe(true);
  expect(await settled(small)).toBe(true);
  expect(room.taken).toBe(180);
});

test('a text that turns out shorter gives back what it does not need, once', async () => {
  const room = new TextRoom(200);
  const one = await room.take(100, NEVER);
  one?.keepOnly(10);
  one?.keepOnly(50);
  expect(room.taken).toBe(20);
  one?.keepOnly(0);
  one?.keepOnly(0);
  expect(room.taken).toBe(0);
});

test('a text larger than all of it goes alone', async () => {
  const room = new TextRoom(200);
  const huge = await room.take(1_000_000, NEVER);
  const next = room.take(1, NEVER);
  expect(await settled(next)).toBe(false);
  huge?.keepOnly(0);
  expect(await settled(next)).toBe(true);
});

test('who is stopped while waiting takes nothing, and lets those behind go on', async () => {
  const room = new TextRoom(200);
  const one = await room.take(60, NEVER);
  const stop = new AbortController();
  const stopped = room.take(80, stop.signal);
  const small = room.take(10, NEVER);
  stop.abort();
  expect(await stopped).toBeUndefined();
  expect(await settled(small)).toBe(true);
  one?.keepOnly(0);
  expect(room.taken).toBe(20);
});

test('who is stopped in the moment of being let in leaves no room taken', async () => {
  const room = new TextRoom(200);
  const one = await room.take(100, NEVER);
  const stop = new AbortController();
  const stopped = room.take(100, stop.signal);
  stop.abort();
  one?.keepOnly(0);
  await stopped;
  expect(room.taken === 0 || (await stopped) !== undefined).toBe(true);
});

test('what needs no room goes in at once where nobody waits', async () => {
  const room = new TextRoom(200);
  await room.take(100, NEVER);
  expect(await settled(room.take(0, NEVER))).toBe(true);
});
