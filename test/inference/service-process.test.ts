import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiledModel } from '../../inference/model/compiled.ts';
import { type Reply, ROOMY, replyTo, textOf } from '../fixtures/random-engine.ts';
import { kill, LASTING, LONG, onText, Services } from '../fixtures/services.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const services = new Services();

describe('The engine’s process', () => {
  it('ends with close, which fails what is open', async () => {
    const { service } = await services.start();
    const process = service.processId!;
    const open = [
      replyTo(
        service,
        'Once',
        LONG,
        undefined,
        onText(() => void service.close()),
      ),
      service.score(textOf(600), ['a'], 'a'),
    ];
    for (const promise of open) await expect(promise).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    await service.close();
    await expect(service.count('x')).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    await expect(replyTo(service, 'x')).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    expect(isAlive(process)).toBe(false);
  });

  it('is not started again by a close that comes between two lives', async () => {
    let onLost = (): void => undefined;
    const lost = new Promise<void>((resolve) => {
      onLost = resolve;
    });
    const { service } = await services.start({ onEvent: () => onLost() });
    kill(service);
    await lost;
    const open = service.count('x');
    await service.close();
    await expect(open).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    expect(service.processId).toBeUndefined();
  });

  it('lets Ctrl-C pass, which is meant for the bot', async () => {
    const { service, events } = await services.start();
    const reply = await replyTo(service, 'Once', LONG, undefined, () => {
      process.kill(service.processId!, 'SIGINT');
    });
    expect(reply.text).toBe(services.undisturbed.text);
    expect(events).toEqual([]);
  });

  it('ends when the bot is killed, who cannot say goodbye', async () => {
    const script = fileURLToPath(new URL('../fixtures/engine-parent.ts', import.meta.url));
    const bot = spawn(process.execPath, ['--import', 'tsx', script, services.checkpoint, services.cache], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [said] = await once(bot.stdout!, 'data');
    const engine = Number(String(said).trim());
    expect(isAlive(engine)).toBe(true);
    // The engine's process shares the bot's standard error, so that this ends when both are gone, and not before.
    const ended = once(bot.stderr!.resume(), 'end');
    bot.kill('SIGKILL');
    await ended;
  });
});

describe('An engine that cannot start', () => {
  it('says so when the model is not there', async () => {
    await expect(services.start({ model: join(services.folder, 'nowhere') })).rejects.toMatchObject({
      code: 'CHECKPOINT_NOT_FOUND',
    });
  });

  it('says so when the compiled graph is damaged, and what to remove', async () => {
    const damaged = await temporaryFolder();
    const compiled = await compiledModel(services.checkpoint, 'fp32', damaged);
    await truncate(join(compiled, 'onnx', 'model.onnx'), 1000);
    await expect(services.start({ cache: damaged })).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringMatching(/cannot be used.*Remove the folder/s),
    });
  });

  it('says so when its limits leave no room for a reply', async () => {
    await expect(services.start({ limits: { ...ROOMY, kvBytes: 1000 } })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringContaining('KV_MB'),
    });
  });

  it('says so when its process dies while it loads', async () => {
    const { NODE_OPTIONS } = process.env;
    const die = join(await temporaryFolder(), 'die.cjs');
    await writeFile(die, 'process.exit(7)');
    try {
      process.env.NODE_OPTIONS = `--require "${die}"`;
      await expect(services.start()).rejects.toMatchObject({
        code: 'ENGINE_FAILED',
        message: expect.stringMatching(/exit code 7.*memory/),
      });
    } finally {
      if (NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = NODE_OPTIONS;
    }
  });

  it('a second time, because its files are gone, fails what is open and what comes later, with the reason', async () => {
    const lost = await temporaryFolder();
    const model = join(lost, 'checkpoint');
    await cp(services.checkpoint, model, { recursive: true });
    const { service, events } = await services.start({ model, cache: lost });
    const reply = replyTo(service, 'Once', LONG, undefined, async (chunk) => {
      if (chunk.type !== 'text' || !(await readdir(lost)).includes('compiled')) return;
      await rm(model, { recursive: true });
      await rm(join(lost, 'compiled'), { recursive: true });
      kill(service);
    });
    await expect(reply).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND' });
    await expect(service.count('x')).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND' });
    expect(events.map(({ type }) => type)).toEqual(['lost', 'given up']);
  });
});

describe('An engine whose cache was deleted while it ran', () => {
  it('is compiled anew when its process dies, and its reply goes on', async () => {
    const lost = await temporaryFolder();
    const { service, events } = await services.start({ cache: lost });
    let deleted = false;
    const reply = await replyTo(service, 'Once', LONG, undefined, async (chunk) => {
      if (chunk.type !== 'text' || deleted) return;
      deleted = true;
      await rm(join(lost, 'compiled'), { recursive: true });
      kill(service);
    });
    expect(reply.text).toBe(services.undisturbed.text);
    expect(events.map(({ type }) => type)).toEqual(['lost', 'restarted']);
  });
});

describe('A request that kills the process each time', () => {
  const POISON = '~';
  let poisoned: string;
  beforeAll(async () => {
    // Its tokenizer knows a token that its graph does not: whoever types it makes the runtime fail.
    poisoned = join(services.folder, 'poisoned');
    await cp(services.cache, poisoned, { recursive: true });
    const compiled = await compiledModel(services.checkpoint, 'fp32', poisoned);
    const path = join(compiled, 'tokenizer.json');
    const tokenizer = JSON.parse(await readFile(path, 'utf8'));
    tokenizer.model.vocab[POISON] = LASTING.vocabulary + 7;
    await writeFile(path, JSON.stringify(tokenizer));
  });

  it('is given up after three times, while the others live', async () => {
    const { service, events } = await services.start({ cache: poisoned });
    const others: Promise<Reply>[] = [];
    const begun = new Promise<void>((resolve) => {
      others.push(replyTo(service, 'Once', LONG, undefined, onText(resolve)));
    });
    await begun;
    const poison = replyTo(service, POISON, { conversation: 'poison' });
    const score = service.score('The', [' cat'], 'a');
    others.push(replyTo(service, 'Once', { ...LONG, conversation: 'late' }));
    await expect(poison).rejects.toMatchObject({
      code: 'PROMPT_FAILED',
      message: expect.stringContaining('3 times'),
    });
    for (const other of others) expect((await other).text).toBe(services.undisturbed.text);
    expect(await score).toHaveLength(1);
    const causes = events.flatMap((event) => (event.type === 'lost' ? [event.cause] : []));
    expect(causes).toHaveLength(3);
    for (const cause of causes) expect(cause).toContain('The model failed: ');
  });

  it('is not confused with those who come behind it and never had their turn', async () => {
    const { service } = await services.start({ cache: poisoned, limits: { ...ROOMY, maxRows: 1 } });
    const poison = service.score(POISON, ['x'], 'a');
    const innocent = replyTo(service, 'Once', { ...LONG, maxNewTokens: 5 });
    await expect(poison).rejects.toMatchObject({ code: 'PROMPT_FAILED' });
    expect((await innocent).tokens).toEqual(services.undisturbed.tokens.slice(0, 5));
  });
});

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}
