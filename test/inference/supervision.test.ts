import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SUPERVISION } from '../../inference/process-watch.ts';
import type { ServiceEvent } from '../../inference/service.ts';
import { replyTo } from '../fixtures/random-engine.ts';
import { LONG, onText, Services } from '../fixtures/services.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const services = new Services();

/** Short, so that the tests are; a step of this model takes a thousandth of it, or a tenth where the machine is busy. */
const SOON = { hangMs: 4_000, memoryBytes: 0 };

const MB = 2 ** 20;

describe('An engine whose process stands still', () => {
  it('gets another one, and its reply goes on without a word changed', async () => {
    const { service, events } = await services.start({ supervision: SOON });
    let stopped = false;
    const reply = await replyTo(service, 'Once', LONG, undefined, (chunk) => {
      if (chunk.type !== 'text' || stopped) return;
      stopped = true;
      process.kill(service.processId!, 'SIGSTOP');
    });
    expect(reply.text).toBe(services.undisturbed.text);
    expect(events.map(({ type }) => type)).toEqual(['lost', 'restarted']);
    expect(events[0]).toMatchObject({ cause: expect.stringMatching(/hung.* 4 s/) });
    expect(await service.stats()).toMatchObject({ restarts: 1, running: 0 });
  });

  it('gets another one also while nobody asks for anything', async () => {
    let onBack = (): void => undefined;
    const back = new Promise<void>((resolve) => {
      onBack = resolve;
    });
    const onEvent = ({ type }: ServiceEvent) => type === 'restarted' && onBack();
    const { service } = await services.start({ supervision: SOON, onEvent });
    process.kill(service.processId!, 'SIGSTOP');
    await back;
    expect(await service.count('x')).toBe(1);
  });
});

describe('An engine whose process takes more memory than it may', () => {
  it('gets another one when its replies are whole, and what came meanwhile is answered by that', async () => {
    const leak = join(await temporaryFolder(), 'leak');
    const { events, service, full } = await startLeaking(leak);
    const first = service.processId;
    let begun = (): void => undefined;
    const writing = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const replies = [replyTo(service, 'Once', LONG, undefined, onText(begun))];
    await writing;
    await writeFile(leak, '');
    await full;
    await rm(leak);
    replies.push(replyTo(service, 'Once', { ...LONG, conversation: 'late' }));
    for (const { text } of await Promise.all(replies)) expect(text).toBe(services.undisturbed.text);
    await expect.poll(() => events.map(({ type }) => type)).toEqual(['full', 'lost', 'restarted']);
    expect(events[0]).toMatchObject({ replaced: true });
    expect(events[1]).toMatchObject({ cause: expect.stringContaining('memory') });
    expect(service.processId).not.toBe(first);
  }, 30_000);

  it('from its start keeps it, because any other would take as much, and says so once', async () => {
    const { service, events } = await services.start({ supervision: { ...SUPERVISION, memoryBytes: 1 } });
    const reply = await replyTo(service, 'Once', LONG);
    expect(reply.text).toBe(services.undisturbed.text);
    expect(events).toMatchObject([{ type: 'full', limit: 1, replaced: false }]);
  });
});

/** An engine whose process takes 400 MB as soon as a file is there, and may take half of that. */
async function startLeaking(leak: string) {
  const script = join(await temporaryFolder(), 'leaks.cjs');
  const look = `if (require('node:fs').existsSync(${JSON.stringify(leak)})) hog ??= Buffer.alloc(${400 * MB}, 1);`;
  await writeFile(script, `let hog; setInterval(() => { ${look} }, 10).unref();`);
  const { NODE_OPTIONS } = process.env;
  onTestFinished(() => {
    if (NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = NODE_OPTIONS;
  });
  process.env.NODE_OPTIONS = `--require "${script}"`;
  const { memoryBytes } = await (await services.start()).service.stats();
  let onFull = (): void => undefined;
  const full = new Promise<void>((resolve) => {
    onFull = resolve;
  });
  const started = await services.start({
    // Looked at every second.
    supervision: { hangMs: 10_000, memoryBytes: memoryBytes + 200 * MB },
    onEvent: ({ type }) => type === 'full' && onFull(),
  });
  return { ...started, full };
}
