import { cp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { compiledModel } from '../../inference/model/compiled.ts';
import { SUPERVISION } from '../../inference/process-watch.ts';
import type { EngineOrder } from '../../inference/protocol.ts';
import { type ServiceEvent, SupervisedProcess } from '../../inference/supervised-process.ts';
import { ROOMY, replyTo } from '../fixtures/random-engine.ts';
import { killAt, LONG, Services } from '../fixtures/services.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const services = new Services();

describe('An engine that has worked, and cannot be started again for a moment', () => {
  it('because the system starts no process, is tried again, and its reply goes on', async () => {
    const ballast = environment('PARLEY_TEST_BALLAST');
    let lost = 0;
    const { service, events } = await services.start({
      onEvent: ({ type }) => {
        if (type !== 'lost') return;
        lost++;
        // No system takes as long an environment: there, fork throws.
        if (lost === 1) ballast.set('x'.repeat(16 * 2 ** 20));
        else ballast.restore();
      },
    });
    const reply = await replyTo(service, 'Once', LONG, undefined, killAt(service, [50]));
    expect(reply.text).toBe(services.undisturbed.text);
    expect(events.map(({ type }) => type)).toEqual(['lost', 'lost', 'restarted']);
    expect(events[1]).toMatchObject({ cause: expect.stringMatching(/spawn/) });
  });

  it('because the model cannot be loaded, is tried again, and its reply goes on', async () => {
    const cache = await temporaryFolder();
    const graph = join(await compiledModel(services.checkpoint, 'fp32', cache), 'onnx', 'model.onnx');
    const whole = await readFile(graph);
    let lost = 0;
    const { service, events } = await services.start({
      cache,
      onEvent: ({ type }) => {
        if (type === 'lost' && ++lost === 2) void writeFile(graph, whole);
      },
    });
    const killing = killAt(service, [50]);
    let cut = false;
    const reply = await replyTo(service, 'Once', LONG, undefined, async (chunk) => {
      if (!cut) await truncate(graph, 1000);
      cut = true;
      killing(chunk);
    });
    expect(reply.text).toBe(services.undisturbed.text);
    expect(events.at(-1)).toMatchObject({ type: 'restarted' });
    expect(events[1]).toMatchObject({ type: 'lost', cause: expect.stringContaining('cannot be used') });
  });

  it('needs nothing but its compiled graph, should the checkpoint be gone', async () => {
    const folder = await temporaryFolder();
    const model = join(folder, 'checkpoint');
    await cp(services.checkpoint, model, { recursive: true });
    const { service, events } = await services.start({ model });
    await rename(model, `${model}-moved`);
    const reply = await replyTo(service, 'Once', LONG, undefined, killAt(service, [50]));
    expect(reply.text).toBe(services.undisturbed.text);
    expect(events.map(({ type }) => type)).toEqual(['lost', 'restarted']);
  });
});

describe('An engine that has worked, and dies at every start', () => {
  it('fails what is open and what comes with a stable code, and answers as soon as it can be started', async () => {
    const folder = await temporaryFolder();
    const dies = join(folder, 'dies');
    const script = join(folder, 'dies.cjs');
    await writeFile(script, `if (require('node:fs').existsSync(${JSON.stringify(dies)})) process.exit(7);`);
    environment('NODE_OPTIONS').set(`--require "${script}"`);
    const { service, events } = await services.start();
    await writeFile(dies, '');
    const reply = replyTo(service, 'Once', LONG, undefined, killAt(service, [50]));
    await expect(reply).rejects.toMatchObject({
      code: 'ENGINE_DOWN',
      message: expect.stringMatching(/exit code 7.*tried again/s),
    });
    await expect(service.count('x')).rejects.toMatchObject({ code: 'ENGINE_DOWN' });
    expect(service.answers).toBe(false);
    expect(events.map(({ type }) => type)).toEqual([...new Array(7).fill('lost'), 'down']);
    const figures = service.stats();
    await rm(dies);
    expect(await figures).toMatchObject({ running: 0 });
    expect((await replyTo(service, 'Once', LONG)).text).toBe(services.undisturbed.text);
    expect(service.answers).toBe(true);
    expect(events.filter(({ type }) => type === 'down')).toHaveLength(1);
  }, 60_000);
});

describe('A process that is to be started again', () => {
  afterEach(() => void vi.useRealTimers());

  it('is no longer waited for when the compiler does not come to an end, and the log is told', async () => {
    const folder = await compiledModel(services.checkpoint, 'fp32', services.cache);
    const order: EngineOrder = { folder, name: 'random', threads: 1, limits: ROOMY };
    const events: ServiceEvent[] = [];
    const told: string[] = [];
    let prepared = 0;
    let onReady = (): void => undefined;
    const ready = new Promise<void>((resolve) => {
      onReady = resolve;
    });
    const prepare = () => (++prepared === 1 ? Promise.resolve(order) : new Promise<never>(() => undefined));
    const one = new SupervisedProcess(prepare, SUPERVISION, {
      ready: onReady,
      message: () => undefined,
      busy: () => false,
      retiring: () => undefined,
      lost: () => undefined,
      down: ({ message }) => told.push(message),
      refused: ({ message }) => told.push(message),
      event: (event) => events.push(event),
    });
    onTestFinished(() => one.close());
    await ready;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const dead = one.id!;
    process.kill(dead, 'SIGKILL');
    await vi.waitFor(() => expect(events).toHaveLength(1));
    vi.advanceTimersByTime(100);
    await vi.waitFor(() => expect(prepared).toBe(2));
    vi.advanceTimersByTime(179_000);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual([expect.stringContaining('still being compiled')]);
    expect(events.map(({ type }) => type)).toEqual(['lost', 'preparing', 'down']);
    expect(one.down).toBe(true);
  });
});

/** A variable of the environment that the test changes, and that is as it was behind it. */
function environment(name: string) {
  const before = process.env[name];
  const restore = () => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  };
  onTestFinished(restore);
  return {
    set: (value: string) => {
      process.env[name] = value;
    },
    restore,
  };
}
