import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { SqliteStore } from '../../../bot/store/sqlite-store.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

// What only real processes show: they are killed, they meet each other, they run into limits of the system.

const WRITER = fileURLToPath(new URL('../../fixtures/store-process.ts', import.meta.url));

interface Writer {
  readonly child: ChildProcess;
  /** What it has said so far. */
  readonly said: readonly string[];
  readonly warned: () => string;
  readonly says: (line: string | RegExp) => Promise<void>;
  /** Kills it without a word; resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

function start(folder: string, ids: readonly [first: number, count: number], fileLimitKb?: number): Writer {
  const command = [process.execPath, '--expose-gc', '--import', 'tsx', WRITER, folder, ...ids.map(String)];
  const limited = ['-c', `ulimit -f ${(fileLimitKb ?? 0) * 2}; exec "$@"`, 'sh', ...command];
  const [program = '', ...args] = fileLimitKb === undefined ? command : ['/bin/sh', ...limited];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = once(child, 'close');
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  let warned = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    warned += text;
  });
  // Who waits in vain is shown all that was said, and how the process went, if it did.
  const heard = () => [...said, warned, `status ${child.exitCode}, signal ${child.signalCode}`];
  const says = (line: string | RegExp) =>
    expect
      .poll(heard, { interval: 5, timeout: 30_000 })
      .toContainEqual(typeof line === 'string' ? line : expect.stringMatching(line));
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  return { child, said, warned: () => warned, says, kill };
}

test('a bot that is killed in the middle of writing loses nothing that was promised', async () => {
  const folder = await temporaryFolder();
  const promised: string[] = [];
  for (const round of [0, 1, 2, 3]) {
    const first = round * 1_000_000;
    const writer = start(folder, [first, 1_000_000]);
    await writer.says(`id ${first + 50 + round * 37}`);
    await writer.kill();
    promised.push(...writer.said.filter((line) => line.startsWith('id ')));
    expect(writer.warned(), 'the killed one before it has left everything whole').toBe('');
  }
  const store = await SqliteStore.open(path.join(folder, 'parley.db'));
  const kept = new Set(await store.seen.latest(10_000_000));
  await store.close();
  expect(promised.filter((id) => !kept.has(id))).toEqual([]);
}, 60_000);

test('two bots cannot have one data folder, until one of them is gone, however it went', async () => {
  const folder = await temporaryFolder();
  const first = start(folder, [0, 0]);
  await first.says('done');
  const second = start(folder, [0, 0]);
  await second.says(/^STORE_IN_USE another Parley uses the data folder/);
  expect(second.said).toHaveLength(1);
  await first.kill();
  const third = start(folder, [0, 0]);
  await third.says('open');
}, 60_000);

test('a full disk costs the memory, and not the bot', async () => {
  // Windows has no such limit to set.
  if (process.platform === 'win32') return;
  const folder = await temporaryFolder();
  const writer = start(folder, [0, 8_000], 128);
  await writer.says('done');
  expect(writer.said.filter((line) => line.startsWith('id '))).toHaveLength(8_000);
  const warnings = writer.warned().trimEnd().split('\n');
  expect(warnings).toEqual([expect.stringContaining('cannot be kept now')]);
  await writer.kill();

  const next = start(folder, [0, 10]);
  await next.says('done');
  expect(next.warned(), 'with room again, everything is whole').toBe('');
}, 60_000);

test('a disk that is full at the start hides nothing of what was kept before', async () => {
  if (process.platform === 'win32') return;
  const folder = await temporaryFolder();
  const store = await SqliteStore.open(path.join(folder, 'parley.db'));
  // So much is forgotten at the start that the log of writes does not get the room that it needs.
  for (let old = 0; old < 500; old += 1) await store.seen.remember(`${'old'.repeat(400)} ${old}`, old);
  await store.seen.remember('young', Date.now());
  await store.close();
  const next = start(folder, [0, 0], 128);
  await next.says('done');
  expect(next.warned()).toContain('cannot be kept now');
  expect(next.said).toContain('knows young');
}, 60_000);
