import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Chunk } from '../../inference/engine/engine.ts';
import { compiledModel } from '../../inference/model/compiled.ts';
import { type EngineService, type ServiceEvent, startEngine } from '../../inference/service.ts';
import { type RandomCheckpoint, writeRandomCheckpoint } from '../fixtures/random-checkpoint.ts';
import { FREE, type Reply, ROOMY, replyTo, textOf, wanting } from '../fixtures/random-engine.ts';
import { starterTokenizer } from '../fixtures/starter-tokenizer.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

/**
 * Large enough that a reply lasts a good part of a second, so that its process can be killed in the middle; a vocabulary
 * in which end-of-text is rare. Unquantised, because what is read again and what was written one by one must be the same
 * to far more digits than a draw looks at.
 */
const MODEL: RandomCheckpoint = { layers: 6, heads: 4, width: 96, positions: 700, vocabulary: 6144 };
const LONG = { sampling: { ...FREE, repetitionPenalty: 1.1 }, seed: 11, maxNewTokens: 500 };

let folder: string;
let checkpoint: string;
let cache: string;
let undisturbed: Reply;
const services: EngineService[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-service-'));
  checkpoint = join(folder, 'checkpoint');
  cache = join(folder, 'cache');
  await writeRandomCheckpoint(checkpoint, MODEL);
  const { service } = await started();
  undisturbed = await replyTo(service, 'Once', LONG);
  await service.close();
});
afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Started {
  readonly service: EngineService;
  readonly events: readonly ServiceEvent[];
}

async function started(options: Partial<Parameters<typeof startEngine>[0]> = {}): Promise<Started> {
  const events: ServiceEvent[] = [];
  const onEvent = (event: ServiceEvent) => {
    events.push(event);
    options.onEvent?.(event);
  };
  const settings = { model: checkpoint, cache, weights: 'fp32', threads: 1, limits: ROOMY } as const;
  const service = await startEngine({ ...settings, ...options, onEvent });
  services.push(service);
  return { service, events };
}

const kill = (service: EngineService) => process.kill(service.processId!, 'SIGKILL');

const onText = (act: () => void) => (chunk: Chunk) => {
  if (chunk.type === 'text') act();
};

/** Kills the process whenever a reply has come to hold so many tokens. */
function killAt(service: EngineService, counts: readonly number[]) {
  let tokens = 0;
  let kills = 0;
  return (chunk: Chunk) => {
    if (chunk.type !== 'text') return;
    tokens += chunk.tokens.length;
    if (tokens < (counts[kills] ?? Number.POSITIVE_INFINITY)) return;
    kills++;
    kill(service);
  };
}

describe('A reply whose process is killed', () => {
  it('is one whole reply in the end, the same as an undisturbed one, however often', async () => {
    const { service, events } = await started();
    const reply = await replyTo(service, 'Once', LONG, undefined, killAt(service, [1, 100, 200]));
    expect(reply.text).toBe(undisturbed.text);
    expect(reply.tokens).toEqual(undisturbed.tokens);
    const { reason, newTokens, promptTokens, seed, contextFull } = undisturbed.result;
    expect(reply.result).toMatchObject({ reason, newTokens, promptTokens, seed, contextFull });
    expect(reply.result.options).toEqual(undisturbed.result.options);
    expect(events.map(({ type }) => type)).toEqual([
      'lost',
      'restarted',
      'lost',
      'restarted',
      'lost',
      'restarted',
    ]);
    expect(await service.stats()).toMatchObject({ restarts: 3, running: 0, queued: 0 });
  });

  it('goes on with the seed that was drawn for it', async () => {
    const { service } = await started();
    const { seed: _, ...unseeded } = LONG;
    const reply = await replyTo(service, 'Once', unseeded, undefined, killAt(service, [200]));
    expect((await replyTo(service, 'Once', { ...LONG, seed: reply.result.seed })).text).toBe(reply.text);
  });

  it('keeps what was shown at 4 bits too, where what follows may be worded otherwise', async () => {
    // Activations are rounded to 8 bits, so that a text read again can differ from one written token by token.
    const { service } = await started({ model: 'starter', weights: 'q4' });
    const options = { ...LONG, maxNewTokens: 300 };
    const calm = await replyTo(service, 'Once upon a time', options);
    expect((await replyTo(service, 'Once upon a time', options)).deltas).toEqual(calm.deltas);

    let seen = 0;
    const interrupted = await replyTo(service, 'Once upon a time', options, undefined, (chunk) => {
      if (chunk.type === 'text' && ++seen === 40) kill(service);
    });
    expect(interrupted.deltas.slice(0, 40)).toEqual(calm.deltas.slice(0, 40));
    expect(interrupted.text).toBe((await starterTokenizer()).decode(interrupted.tokens));
    expect(interrupted.result.newTokens).toBe(interrupted.tokens.length);
    expect(await service.stats()).toMatchObject({ restarts: 1 });
  });

  it('takes its neighbours with it into the next process: those who write, and all who wait, also in a full queue', async () => {
    const { service } = await started({ limits: { ...ROOMY, maxRows: 2, maxQueue: 3 } });
    const replies = await Promise.all(
      [0, 1, 2, 3, 4].map((i) =>
        replyTo(
          service,
          'Once',
          { ...LONG, conversation: String(i) },
          undefined,
          i === 1 ? killAt(service, [100]) : undefined,
        ),
      ),
    );
    for (const { text } of replies) expect(text).toBe(undisturbed.text);
    expect(await service.stats()).toMatchObject({ restarts: 1 });
  });

  it('that goes on behind tokens shown by an earlier bot keeps them too', async () => {
    const { service } = await started();
    const before = undisturbed.deltas.slice(0, 120);
    const shown = before.flatMap(({ tokens }) => tokens);
    const rest = await replyTo(service, 'Once', { ...LONG, shown }, undefined, killAt(service, [50]));
    expect(before.map(({ text }) => text).join('') + rest.text).toBe(undisturbed.text);
    expect(rest.result.newTokens).toBe(undisturbed.result.newTokens);
  });

  it('can be stopped while there is no process: what is there stays', async () => {
    const stop = new AbortController();
    const { service } = await started({ onEvent: ({ type }) => type === 'lost' && stop.abort() });
    const reply = await replyTo(service, 'Once', LONG, stop.signal, killAt(service, [100]));
    expect(reply.result).toMatchObject({ reason: 'aborted', newTokens: reply.tokens.length });
    expect(undisturbed.text.startsWith(reply.text)).toBe(true);
    expect(await service.stats()).toMatchObject({ running: 0, queued: 0 });
  });

  it('is forgotten when nobody reads it any more', async () => {
    const { service } = await started();
    for await (const chunk of service.generate('Once', wanting(LONG))) {
      if (chunk.type !== 'text') continue;
      kill(service);
      break;
    }
    // Asked while the process dies, answered by the next one, which has nothing else to do.
    expect(await service.stats()).toMatchObject({ running: 0, queued: 0, generatedTokens: 0 });
  });
});

describe('Questions that are open when the process is killed', () => {
  it('are answered by the next one', async () => {
    const { service } = await started();
    const text = 'The cat sat on the mat. The dog did not.';
    const ask = () =>
      Promise.all([
        service.count(text),
        service.fit(text, 9, 'start'),
        service.score('The', [' cat', ' dog']),
      ]);
    const before = await ask();
    kill(service);
    const open = ask();
    const stats = service.stats();
    expect(await open).toEqual(before);
    expect(await stats).toMatchObject({ restarts: 1, model: { vocabularySize: 6144 } });
  });
});

describe('A request that kills the process each time', () => {
  const POISON = '~';
  let poisoned: string;
  beforeAll(async () => {
    // Its tokenizer knows a token that its graph does not: whoever types it makes the runtime fail.
    poisoned = join(folder, 'poisoned');
    await cp(cache, poisoned, { recursive: true });
    const compiled = await compiledModel(checkpoint, 'fp32', poisoned);
    const path = join(compiled, 'tokenizer.json');
    const tokenizer = JSON.parse(await readFile(path, 'utf8'));
    tokenizer.model.vocab[POISON] = MODEL.vocabulary + 7;
    await writeFile(path, JSON.stringify(tokenizer));
  });

  it('is given up after three times, while the others live', async () => {
    const { service, events } = await started({ cache: poisoned });
    const others: Promise<Reply>[] = [];
    const begun = new Promise<void>((resolve) => {
      others.push(replyTo(service, 'Once', LONG, undefined, onText(resolve)));
    });
    await begun;
    const poison = replyTo(service, POISON, { conversation: 'poison' });
    const score = service.score('The', [' cat']);
    others.push(replyTo(service, 'Once', { ...LONG, conversation: 'late' }));
    await expect(poison).rejects.toMatchObject({
      code: 'PROMPT_FAILED',
      message: expect.stringContaining('3 times'),
    });
    for (const other of others) expect((await other).text).toBe(undisturbed.text);
    expect(await score).toHaveLength(1);
    const causes = events.flatMap((event) => (event.type === 'lost' ? [event.cause] : []));
    expect(causes).toHaveLength(3);
    for (const cause of causes) expect(cause).toContain('The model failed: ');
  });

  it('is not confused with those who come behind it and never had their turn', async () => {
    const { service } = await started({ cache: poisoned, limits: { ...ROOMY, maxRows: 1 } });
    const poison = service.score(POISON, ['x']);
    const innocent = replyTo(service, 'Once', { ...LONG, maxNewTokens: 5 });
    await expect(poison).rejects.toMatchObject({ code: 'PROMPT_FAILED' });
    expect((await innocent).tokens).toEqual(undisturbed.tokens.slice(0, 5));
  });
});

describe('An engine that cannot start', () => {
  it('says so when the model is not there', async () => {
    await expect(started({ model: join(folder, 'nowhere') })).rejects.toMatchObject({
      code: 'CHECKPOINT_NOT_FOUND',
    });
  });

  it('says so when the compiled graph is damaged, and what to remove', async () => {
    const damaged = await temporaryFolder();
    const compiled = await compiledModel(checkpoint, 'fp32', damaged);
    await truncate(join(compiled, 'onnx', 'model.onnx'), 1000);
    await expect(started({ cache: damaged })).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringMatching(/cannot be loaded.*Remove the folder/s),
    });
  });

  it('says so when its limits leave no room for a reply', async () => {
    await expect(started({ limits: { ...ROOMY, kvBytes: 1000 } })).rejects.toMatchObject({
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
      await expect(started()).rejects.toMatchObject({
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
    const compiled = await compiledModel(checkpoint, 'fp32', lost);
    const { service, events } = await started({ cache: lost });
    const reply = replyTo(service, 'Once', LONG, undefined, async (chunk) => {
      if (chunk.type !== 'text' || !(await readdir(lost)).includes('compiled')) return;
      await rm(compiled, { recursive: true });
      await rm(join(lost, 'compiled'), { recursive: true });
      kill(service);
    });
    await expect(reply).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    await expect(service.count('x')).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    expect(events.map(({ type }) => type)).toEqual(['lost', 'lost']);
  });
});

describe('Requests that cannot be', () => {
  it('are refused through the channel as they are in this process', async () => {
    const { service } = await started();
    await expect(replyTo(service, 'x', { maxNewTokens: 0 })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
    await expect(replyTo(service, textOf(700))).rejects.toMatchObject({ code: 'PROMPT_TOO_LONG' });
    await expect(service.score(textOf(600), [textOf(200)])).rejects.toMatchObject({
      code: 'PROMPT_TOO_LONG',
    });
    expect((await replyTo(service, '\ud800<|endoftext|>', { maxNewTokens: 1 })).result.reason).toBe('length');
    expect(await service.stats()).toMatchObject({ restarts: 0 });
  });

  it('given up before they begin, or in the middle, end with what is there', async () => {
    const { service } = await started();
    expect((await replyTo(service, 'Once', LONG, AbortSignal.abort())).result.reason).toBe('aborted');
    const stop = new AbortController();
    const reply = await replyTo(
      service,
      'Once',
      LONG,
      stop.signal,
      onText(() => stop.abort()),
    );
    expect(reply.result).toMatchObject({ reason: 'aborted', newTokens: reply.tokens.length });
    expect(await service.stats()).toMatchObject({ running: 0 });
  });
});

describe('The engine’s process', () => {
  it('ends with close, which fails what is open', async () => {
    const { service } = await started();
    const process = service.processId!;
    const open = [
      replyTo(
        service,
        'Once',
        LONG,
        undefined,
        onText(() => void service.close()),
      ),
      service.score(textOf(600), ['a']),
    ];
    for (const promise of open) await expect(promise).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    await service.close();
    await expect(service.count('x')).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    await expect(replyTo(service, 'x')).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    expect(isAlive(process)).toBe(false);
  });

  it('is not started again by a close that comes between two lives', async () => {
    const lost = new Promise<void>((resolve) => {
      void started({ onEvent: ({ type }) => type === 'lost' && resolve() }).then(({ service }) =>
        kill(service),
      );
    });
    await lost;
    const [service] = services;
    const open = service!.count('x');
    await service!.close();
    await expect(open).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    expect(service!.processId).toBeUndefined();
  });

  it('lets Ctrl-C pass, which is meant for the bot', async () => {
    const { service, events } = await started();
    const reply = await replyTo(service, 'Once', LONG, undefined, () => {
      process.kill(service.processId!, 'SIGINT');
    });
    expect(reply.text).toBe(undisturbed.text);
    expect(events).toEqual([]);
  });

  it('ends when the bot is killed, who cannot say goodbye', async () => {
    const script = fileURLToPath(new URL('../fixtures/engine-parent.ts', import.meta.url));
    const bot = spawn(process.execPath, ['--import', 'tsx', script, checkpoint, cache], {
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

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}
