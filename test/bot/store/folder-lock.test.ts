import { readdir } from 'node:fs/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FolderLock } from '../../../bot/store/folder-lock.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

async function take(folder: string, clock: VirtualClock, onWait?: () => void): Promise<FolderLock> {
  const lock = await FolderLock.take(folder, { clock, patienceMs: 5_000, ...(onWait && { onWait }) });
  onTestFinished(() => lock.release());
  return lock;
}

test('a bot that replaces another one waits until that one has ended', async () => {
  const folder = await temporaryFolder();
  const clock = new VirtualClock();
  const old = await take(folder, clock);
  const told = vi.fn();
  const replacement = take(folder, clock, told);
  await vi.waitFor(() => expect(told).toHaveBeenCalled());
  await clock.pass(2_000);
  old.release();
  await clock.until(replacement);
  expect(told, 'one line, however long it takes').toHaveBeenCalledOnce();
});

test('it does not wait for ever', async () => {
  const folder = await temporaryFolder();
  const clock = new VirtualClock();
  await take(folder, clock);
  const told = vi.fn();
  const second = take(folder, clock, told);
  await vi.waitFor(() => expect(told).toHaveBeenCalled());
  await expect(clock.until(second)).rejects.toMatchObject({ code: 'STORE_IN_USE' });
  expect(clock.now()).toBeLessThan(6_000);
});

test('the lock is one empty file', async () => {
  const folder = await temporaryFolder();
  await take(folder, new VirtualClock());
  expect(await readdir(folder)).toEqual(['parley.lock']);
});
