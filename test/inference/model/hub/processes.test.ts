import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findCached } from '../../../../inference/model/hub/cache.ts';
import type { ProcessEvent, ProcessOrder } from './download-process.ts';
import { addCheckpoint, ID, startHub, temporaryFolder } from './hub-fixture.ts';

const SCRIPT = fileURLToPath(new URL('./download-process.ts', import.meta.url));
const SIZE = 300_000;

interface Downloader {
  readonly child: ChildProcess;
  readonly events: ProcessEvent[];
  /** Resolves with the first event that fits, past or future. */
  said(fits: (event: ProcessEvent) => boolean): Promise<ProcessEvent>;
}

function startDownload(order: ProcessOrder): Downloader {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const events: ProcessEvent[] = [];
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on('line', (line) => events.push(JSON.parse(line)));
  return {
    child,
    events,
    async said(fits) {
      for (;;) {
        const event = events.find(fits);
        if (event) return event;
        await once(lines, 'line');
      }
    },
  };
}

const isDone = ({ type }: ProcessEvent) => type === 'done';
const waits = (event: ProcessEvent) =>
  event.type === 'progress' && event.elsewhere && event.file === 'model.safetensors';

async function setUp() {
  const hub = await startHub();
  const cacheDir = await temporaryFolder();
  const weights = randomBytes(SIZE);
  await addCheckpoint(hub, { weights });
  const partials = join(cacheDir, 'hub', 'openai-community--gpt2', 'partial');
  return {
    hub,
    cacheDir,
    order: { id: ID, host: hub.url, cacheDir },
    /** Bytes of the weights on the disk, while they are on their way. */
    async partialBytes(): Promise<number> {
      const names = await readdir(partials).catch(() => []);
      const name = names.find((each) => each.startsWith('model.safetensors.'));
      return name === undefined ? 0 : (await stat(join(partials, name))).size;
    },
    async isWhole(): Promise<boolean> {
      const found = await findCached(cacheDir, ID);
      if (!found) return false;
      return (await readFile(join(found.folder, 'model.safetensors'))).equals(weights);
    },
  };
}

const FOR_EVER = new Promise<void>(() => undefined);

describe('processes that want the same checkpoint', () => {
  it('at once: one fetches it, the other waits, sees how far it is, and uses it', async () => {
    const { hub, order, isWhole } = await setUp();
    let goOn = () => {};
    const until = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    hub.breakStorage({ pauseAfter: 100_000, until });
    const both = [startDownload(order), startDownload(order)];
    const waiting = await Promise.race(both.map(({ said }) => said(waits)));
    expect(waiting).toMatchObject({ total: SIZE });
    goOn();
    const results = await Promise.all(both.map(({ said }) => said(isDone)));
    expect(results[0]).toEqual(results[1]);
    expect(await isWhole()).toBe(true);
    expect(hub.downloads).toHaveLength(1);
  });

  it('after one was killed in the middle: the next goes on where it stopped', async () => {
    const { hub, cacheDir, order, partialBytes, isWhole } = await setUp();
    hub.breakStorage({ pauseAfter: 123_457, until: FOR_EVER });
    const first = startDownload(order);
    await expect.poll(partialBytes, { timeout: 30_000 }).toBe(123_457);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    expect(await findCached(cacheDir, ID)).toBeUndefined();

    await startDownload(order).said(isDone);
    expect(await isWhole()).toBe(true);
    expect(hub.downloads.map(({ range }) => range)).toEqual([undefined, 'bytes=123457-']);
  });

  it('when the one that fetches dies, the one that waits takes over', async () => {
    const { hub, order, partialBytes, isWhole } = await setUp();
    hub.breakStorage({ pauseAfter: 123_457, until: FOR_EVER });
    const first = startDownload(order);
    await expect.poll(partialBytes, { timeout: 30_000 }).toBe(123_457);
    const second = startDownload(order);
    await second.said(waits);
    first.child.kill('SIGKILL');
    await second.said(isDone);
    expect(await isWhole()).toBe(true);
    expect(hub.downloads.map(({ range }) => range)).toEqual([undefined, 'bytes=123457-']);
  });
});
