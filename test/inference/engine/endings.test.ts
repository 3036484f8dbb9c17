import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Chunk } from '../../../inference/engine/engine.ts';
import type { KvCache } from '../../../inference/engine/kv-cache.ts';
import type { LocalEngine } from '../../../inference/engine/local-engine.ts';
import {
  FREE,
  type RandomModelParts,
  randomModelParts,
  replyTo,
  SMALL,
  textOf,
  wanting,
} from '../../fixtures/random-engine.ts';

let model: RandomModelParts;
beforeAll(async () => {
  model = await randomModelParts();
});
afterAll(() => model.dispose());

const isText = (chunk: Chunk) => chunk.type === 'text';

describe('Giving up', () => {
  it('while it waits takes a request out of the queue, with a result instead of an error', async () => {
    await using one = disposable(model.engine({ maxRows: 1 }));
    const running = new AbortController();
    const waiting = new AbortController();
    const first = replyTo(one.engine, 'x', { maxNewTokens: 390 }, running.signal);
    const second = replyTo(one.engine, 'y', { conversation: 'b' }, waiting.signal, (chunk) => {
      if (chunk.type === 'queued') waiting.abort();
    });
    expect(await second).toMatchObject({ text: '', result: { reason: 'aborted', newTokens: 0 } });
    expect(await one.engine.stats()).toMatchObject({ running: 1, queued: 0 });
    running.abort();
    expect((await first).result.reason).toBe('aborted');
    expect(await one.engine.stats()).toMatchObject({ running: 0, queued: 0 });
  });

  it('while the prompt is read stops at the next piece', async () => {
    await using one = disposable(model.engine());
    const runs = vi.spyOn(model.runner, 'run');
    const chunks = await new Promise<Chunk[]>((resolve, reject) => {
      const seen: Chunk[] = [];
      const submission = one.engine.submit(textOf(390), wanting(), {
        // The first of four pieces is about to be computed.
        begun: () => setImmediate(() => submission.abort()),
        chunk: (chunk) => {
          seen.push(chunk);
          if (chunk.type === 'end') resolve(seen);
        },
        failure: reject,
      });
    });
    expect(chunks).toMatchObject([{ type: 'end', result: { reason: 'aborted', newTokens: 0 } }]);
    expect(runs.mock.calls.length).toBeLessThan(4);
    runs.mockRestore();
    expect(await one.engine.stats()).toMatchObject({ running: 0 });
  });

  it('while text is written ends the reply within one token, and keeps what is there', async () => {
    await using one = disposable(model.engine());
    const stop = new AbortController();
    let seen = 0;
    const { text, tokens, deltas, result } = await replyTo(
      one.engine,
      'x',
      { sampling: FREE, seed: 4, maxNewTokens: 300 },
      stop.signal,
      (chunk) => {
        if (isText(chunk) && ++seen === 5) stop.abort();
      },
    );
    expect(result).toMatchObject({ reason: 'aborted', newTokens: tokens.length });
    expect(tokens.length).toBeGreaterThanOrEqual(5);
    expect(tokens.length).toBeLessThanOrEqual(6);
    expect(text).toBe(deltas.map((delta) => delta.text).join(''));
    expect(await one.engine.stats()).toMatchObject({ running: 0 });
  });

  it('shows the text that waited to see whether a stop string would come of it', async () => {
    await using one = disposable(model.engine());
    const options = { sampling: FREE, seed: 4, maxNewTokens: 300 };
    const undisturbed = await replyTo(one.engine, 'x', options);
    const stop = new AbortController();
    // Its first character is the reply's own, so that this one is held back until the next token.
    const held = [...undisturbed.text][0]!;
    const reply = await replyTo(
      one.engine,
      'x',
      { ...options, stop: [`${held}~~`] },
      stop.signal,
      (chunk) => {
        if (isText(chunk)) stop.abort();
      },
    );
    expect(reply.result.reason).toBe('aborted');
    expect(reply.text.length).toBeGreaterThan(0);
    expect(undisturbed.text.startsWith(reply.text)).toBe(true);
  });

  it('before anything began costs no token', async () => {
    await using one = disposable(model.engine());
    const { tokens, result } = await replyTo(one.engine, 'x', {}, AbortSignal.abort());
    expect(tokens).toEqual([]);
    expect(result.reason).toBe('aborted');
  });

  it('after the end changes nothing', async () => {
    await using one = disposable(model.engine());
    const stop = new AbortController();
    const { result } = await replyTo(one.engine, 'x', { maxNewTokens: 2 }, stop.signal, (chunk) => {
      if (chunk.type === 'end') stop.abort();
    });
    expect(result.reason).toBe('length');
    expect((await replyTo(one.engine, 'x', { maxNewTokens: 2 })).result.reason).toBe('length');
  });

  it('by leaving the loop frees the row for the next', async () => {
    await using one = disposable(model.engine({ maxRows: 1 }));
    for await (const chunk of one.engine.generate('x', wanting({ maxNewTokens: 390 })))
      if (isText(chunk)) break;
    expect((await replyTo(one.engine, 'y', { conversation: 'b' })).result.reason).toBe('length');
    const { generatedTokens } = await one.engine.stats();
    expect(generatedTokens).toBeLessThan(30);
  });

  it('leaves no listener behind on a signal that lives on', async () => {
    await using one = disposable(model.engine());
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await replyTo(one.engine, 'x', { maxNewTokens: 1 }, signal);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });
});

describe('Closing', () => {
  it('fails whatever runs, waits or is asked for later', async () => {
    const engine = model.engine({ maxRows: 1 });
    const failed = [
      replyTo(engine, 'x', { maxNewTokens: 300 }, undefined, (chunk) => {
        if (isText(chunk)) void engine.close();
      }),
      replyTo(engine, 'y', { conversation: 'b' }),
      engine.score('x', ['y'], 'a'),
    ];
    for (const promise of failed) await expect(promise).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    await expect(replyTo(engine, 'z')).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    await expect(engine.score('z', ['y'], 'a')).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    expect(await engine.stats()).toMatchObject({ running: 0, queued: 0 });
    expect(await engine.finished).toBeUndefined();
  });

  it('while a prompt is read fails that request once, and waits for the step that runs', async () => {
    const engine = model.engine();
    const told: unknown[] = [];
    let closing: Promise<void> | undefined;
    engine.submit(textOf(390), wanting(), {
      begun: () =>
        setImmediate(() => {
          closing = engine.close();
        }),
      chunk: (chunk) => told.push(chunk),
      failure: (error) => told.push(error),
    });
    await engine.finished;
    await closing;
    expect(told).toMatchObject([{ code: 'ENGINE_CLOSED' }]);
  });

  it('twice gives the model back once', async () => {
    const dispose = vi.fn(async () => undefined);
    const engine = model.engine({}, dispose);
    await Promise.all([engine.close(), engine.close()]);
    await engine.close();
    expect(dispose).toHaveBeenCalledTimes(1);
  });
});

describe('A model that computes what is no number', () => {
  const POSITION = 20;
  let broken: RandomModelParts;
  beforeAll(async () => {
    // Finite, as a checkpoint must be, but too large to be squared: whoever gets to this place gets NaN.
    broken = await randomModelParts(SMALL, (checkpoint) => overwritePosition(checkpoint, POSITION));
  });
  afterAll(() => broken.dispose());

  it('fails the prompt that leads there, and no other', async () => {
    await using one = disposable(broken.engine());
    const [calm, poisoned] = await Promise.allSettled([
      replyTo(one.engine, 'calm', { maxNewTokens: 12 }),
      replyTo(one.engine, textOf(POSITION + 5), { conversation: 'b' }),
    ]);
    expect(poisoned).toMatchObject({ status: 'rejected', reason: { code: 'PROMPT_FAILED' } });
    expect(calm).toMatchObject({ status: 'fulfilled', value: { result: { reason: 'length' } } });
  });

  it('fails the question about likelihoods that leads there, and no other', async () => {
    await using one = disposable(broken.engine());
    const [calm, poisoned] = await Promise.allSettled([
      one.engine.score('calm', ['y'], 'a'),
      one.engine.score(textOf(POSITION + 5), ['y'], 'b'),
    ]);
    expect(poisoned).toMatchObject({ status: 'rejected', reason: { code: 'PROMPT_FAILED' } });
    expect(calm).toMatchObject({ status: 'fulfilled', value: [{ tokens: [expect.any(Number)] }] });
  });

  it('fails every prompt when it is behind the last layer only that numbers grow too large', async () => {
    const last = `h.${SMALL.layers - 1}.mlp.c_proj.bias`;
    const late = await randomModelParts(SMALL, (checkpoint) => overwrite(checkpoint, last));
    onTestFinished(() => late.dispose());
    await using one = disposable(late.engine());
    await expect(replyTo(one.engine, 'calm')).rejects.toMatchObject({ code: 'PROMPT_FAILED' });
  });

  it('does no harm to those who come next when one is given up in the very step that failed, and moves in it', async () => {
    // The second of the three is about to end, and the third, which takes its place, is lost.
    const giveUp = givenUpWhenLost((cache) => cache.rows === 3 && cache.length(1) === 60 + 29);
    await using one = disposable(model.engine({ maxRows: 3, speculate: false }));
    const written = (conversation: string, prompt: string, maxNewTokens: number) =>
      replyTo(one.engine, prompt, { conversation, sampling: FREE, seed: 2, maxNewTokens });
    const calm = written('a', textOf(200), 100);
    const left = written('b', textOf(60, 1), 30);
    const given = replyTo(one.engine, textOf(120, 2), { conversation: 'c', maxNewTokens: 90 }, giveUp.signal);
    expect(await given).toMatchObject({ result: { reason: 'aborted' } });
    const next = [written('d', textOf(20, 3), 15), written('e', textOf(20, 4), 15)];
    for (const reply of [left, ...next, calm])
      expect(await reply).toMatchObject({ result: { reason: 'length' } });
  });

  it('does no harm to the next reply in the row of one that was given up in the very step that failed', async () => {
    const giveUp = givenUpWhenLost((cache) => cache.rows === 2);
    await using one = disposable(model.engine({ maxRows: 2, speculate: false }));
    const calm = replyTo(one.engine, textOf(100), { maxNewTokens: 60 });
    const given = replyTo(one.engine, textOf(120, 1), { conversation: 'b', maxNewTokens: 60 }, giveUp.signal);
    expect(await given).toMatchObject({ result: { reason: 'aborted' } });
    expect(await replyTo(one.engine, textOf(60, 2), { conversation: 'c' })).toMatchObject({
      result: { reason: 'length' },
    });
    expect(await calm).toMatchObject({ result: { reason: 'length' } });
  });

  it('fails the reply that gets there, but neither its neighbour nor the next one in its row', async () => {
    await using one = disposable(broken.engine({ maxRows: 2 }));
    const sampled = { sampling: FREE, seed: 2 };
    const alone = await replyTo(one.engine, 'a', { ...sampled, maxNewTokens: 15 });
    let text = '';
    const [neighbour, failing, next] = await Promise.allSettled([
      replyTo(one.engine, 'a', { ...sampled, maxNewTokens: 15 }),
      replyTo(one.engine, textOf(POSITION - 4), { ...sampled, conversation: 'b' }, undefined, (chunk) => {
        if (chunk.type === 'text') text += chunk.text;
      }),
      replyTo(one.engine, 'a', { ...sampled, maxNewTokens: 15, conversation: 'c' }),
    ]);
    expect(failing).toMatchObject({ status: 'rejected', reason: { code: 'PROMPT_FAILED' } });
    expect(text.length).toBeGreaterThan(0);
    expect(neighbour).toMatchObject({ status: 'fulfilled', value: { deltas: alone.deltas } });
    expect(next).toMatchObject({ status: 'fulfilled', value: { deltas: alone.deltas } });
  });
});

describe('A model that cannot compute at all', () => {
  it('fails every request, with what the runtime says, and takes no more', async () => {
    const dead = await randomModelParts();
    const engine = dead.engine();
    await dead.dispose();
    const requests = [
      replyTo(engine, 'x'),
      replyTo(engine, 'y', { conversation: 'b' }),
      engine.score('x', ['y'], 'a'),
    ];
    for (const request of requests) {
      await expect(request).rejects.toMatchObject({
        code: 'ENGINE_FAILED',
        message: expect.stringContaining('The model failed: '),
      });
    }
    expect(await engine.finished).toMatchObject({ code: 'ENGINE_FAILED' });
    await expect(replyTo(engine, 'z')).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    await engine.close();
  });
});

function disposable(engine: LocalEngine) {
  return { engine, [Symbol.asyncDispose]: () => engine.close() };
}

/** Once, when `now` says so of a step, the last row's numbers become none, and whoever asked for it gives up in the same moment. */
function givenUpWhenLost(now: (cache: KvCache) => boolean): AbortController {
  const { runner } = model;
  const run = runner.run.bind(runner);
  const giveUp = new AbortController();
  runner.run = async (cache, rows, wanted) => {
    const output = await run(cache, rows, wanted);
    if (!now(cache) || giveUp.signal.aborted) return output;
    const others = (rows.length - 1) / rows.length;
    output.logits.fill(Number.NaN, output.logits.length * others);
    output.present.fill(Number.NaN, output.present.length * others);
    giveUp.abort();
    return output;
  };
  onTestFinished(() => {
    runner.run = run;
  });
  return giveUp;
}

/** Makes one row of the position embedding in the checkpoint's file as large as floats go. */
async function overwritePosition(checkpoint: string, position: number): Promise<void> {
  await overwrite(checkpoint, 'wpe.weight', position * SMALL.width);
}

/** Puts as many huge numbers as the model is wide into a tensor, from this element on. */
async function overwrite(checkpoint: string, tensor: string, from = 0): Promise<void> {
  const path = join(checkpoint, 'model.safetensors');
  const bytes = await readFile(path);
  const headerLength = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString());
  const row = Float32Array.from({ length: SMALL.width }, (_, i) => (i % 2 === 0 ? 3e38 : -3e38));
  const at = 8 + headerLength + header[tensor].data_offsets[0] + from * row.BYTES_PER_ELEMENT;
  const file = await open(path, 'r+');
  await file.write(new Uint8Array(row.buffer), 0, row.byteLength, at);
  await file.close();
}
