import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../inference/model/hub/clock.ts';
import { LockFile, type LockOptions } from '../../../../inference/model/hub/lock-file.ts';
import { failureOf, temporaryFolder } from './hub-fixture.ts';
import { ManualClock } from './manual-clock.ts';

/** Beats so often that a dead owner is noticed within the test; which of the two happens does not depend on it. */
const FAST = { clock: systemClock, heartbeatMs: 20 } satisfies LockOptions<unknown>;

const lockPath = async () => join(await temporaryFolder(), 'a.lock');

async function idOfDeadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('a lock between processes', () => {
  it('is taken, kept from others while it is held, and left without a trace', async () => {
    const path = await lockPath();
    const first = await LockFile.acquire(path, FAST);
    expect(first.waited).toBe(false);
    let looks = 0;
    const second = LockFile.acquire(path, {
      ...FAST,
      // Longer than any dead owner is waited for.
      onWait: () => ++looks === 40 && void first.release(),
    });
    expect((await second).waited).toBe(true);
    expect(looks).toBeGreaterThanOrEqual(40);
    expect(first.lost.aborted).toBe(false);
    await (await second).release();
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it('tells those who wait what its owner has to say', async () => {
    const path = await lockPath();
    const owner = await LockFile.acquire<string>(path, FAST);
    owner.note('half of it is there');
    let waiting: Promise<LockFile<string>> | undefined;
    const heard = await new Promise((resolve) => {
      const onWait = (note: string | undefined) => note && resolve(note);
      waiting = LockFile.acquire<string>(path, { ...FAST, onWait });
    });
    expect(heard).toBe('half of it is there');
    await owner.release();
    await (await waiting)?.release();
  });

  it.each([
    ['whose process is gone', async () => ({ id: 'x', pid: await idOfDeadProcess(), host: hostname() })],
    ['on another machine that fell silent', async () => ({ id: 'x', pid: 1, host: 'elsewhere' })],
    ['that lives but does nothing any more', async () => ({ id: 'x', pid: process.pid, host: hostname() })],
    ['that died before it wrote its name', async () => undefined],
  ])('is taken from an owner %s', async (_, record) => {
    const path = await lockPath();
    await writeFile(path, JSON.stringify(await record()) ?? '');
    const lock = await LockFile.acquire(path, FAST);
    await lock.release();
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it('is lost for an owner that slept so long that another took it; the other keeps it', async () => {
    const path = await lockPath();
    const sleeping = new ManualClock();
    const sleeper = await LockFile.acquire(path, { clock: sleeping, heartbeatMs: 20 });
    const other = await LockFile.acquire(path, FAST);
    expect(sleeper.lost.aborted).toBe(false);
    sleeping.advance(20);
    await expect.poll(() => sleeper.lost.aborted).toBe(true);
    expect(sleeper.lost.reason).toMatchObject({ code: 'HUB_LOCK_LOST' });
    await sleeper.release();
    expect(await readFile(path, 'utf8')).toContain('"id"');
    await other.release();
  });

  it('has one owner at a time, also when many break a dead one’s', async () => {
    const path = await lockPath();
    await writeFile(path, JSON.stringify({ id: 'dead', pid: await idOfDeadProcess(), host: hostname() }));
    let inside = 0;
    let most = 0;
    const work = async () => {
      const lock = await LockFile.acquire(path, FAST);
      inside++;
      most = Math.max(most, inside);
      await systemClock.sleep(5);
      inside--;
      await lock.release();
    };
    await Promise.all(Array.from({ length: 8 }, work));
    expect(most).toBe(1);
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it('is broken even if somebody died while breaking it', async () => {
    const path = await lockPath();
    await writeFile(path, JSON.stringify({ id: 'dead', pid: await idOfDeadProcess(), host: hostname() }));
    await writeFile(`${path}.breaking`, '');
    const lock = await LockFile.acquire(path, FAST);
    await lock.release();
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it('need not be waited for longer than one wants', async () => {
    const path = await lockPath();
    const owner = await LockFile.acquire(path, FAST);
    const enough = new AbortController();
    const waiting = LockFile.acquire(path, {
      ...FAST,
      signal: enough.signal,
      onWait: () => enough.abort(new Error('quit')),
    });
    expect((await failureOf(waiting)).message).toBe('quit');
    await owner.release();
  });
});
