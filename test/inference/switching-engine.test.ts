import { describe, expect, test } from 'vitest';
import { type Chunk, type Engine, leaseOf } from '../../inference/engine/engine.ts';
import { SwitchingEngine } from '../../inference/switching-engine.ts';
import { ScriptedEngine } from '../fixtures/scripted-engine.ts';

const OPTIONS = {
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0 },
  maxNewTokens: 8,
  stop: [],
  conversation: 'c',
};

async function textOf(chunks: AsyncIterable<Chunk>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) if (chunk.type === 'text') text += chunk.text;
  return text;
}

function setUp() {
  const old = new ScriptedEngine();
  const next = new ScriptedEngine();
  const engine = new SwitchingEngine(old);
  return { old, next, engine };
}

describe('an engine whose model can be changed', () => {
  test('lets a reply finish where it began, and closes the old model behind it', async () => {
    const { old, next, engine } = setUp();
    const text = textOf(engine.generate('prompt', OPTIONS));
    const reply = await old.next();
    reply.write('be');
    const switched = engine.switchTo(next);
    reply.write('fore');
    expect(old.closed).toBe(false);
    reply.end();
    await switched;
    expect(await text).toBe('before');
    expect(old.closed).toBe(true);
    expect(next.replies).toEqual([]);
  });

  test('sends what begins after the change to the new model, also while the old one still writes', async () => {
    const { old, next, engine } = setUp();
    const before = textOf(engine.generate('first', OPTIONS));
    const running = await old.next();
    const switched = engine.switchTo(next);
    expect(engine.model).toBe(next.model);
    const after = textOf(engine.generate('second', OPTIONS));
    (await next.next()).write('new').end();
    expect(await after).toBe('new');
    running.write('old').end();
    expect(await before).toBe('old');
    await switched;
  });

  test('keeps one model for the length of a lease: what was counted by it is written by it', async () => {
    const { old, next, engine } = setUp();
    const lease = leaseOf(engine);
    await lease.engine.count('some text');
    const switched = engine.switchTo(next);
    expect(lease.engine).toBe(old);
    const text = textOf(lease.engine.generate('prompt', OPTIONS));
    (await old.next()).write('still here').end();
    expect(await text).toBe('still here');
    expect(old.closed).toBe(false);
    lease.release();
    await switched;
    expect(old.closed).toBe(true);
  });

  test('counts a lease that is given back twice once', async () => {
    const { old, next, engine } = setUp();
    const [first, second] = [engine.lease(), engine.lease()];
    first.release();
    first.release();
    const switched = engine.switchTo(next);
    expect(old.closed).toBe(false);
    second.release();
    await switched;
  });

  test('gives the model back when whoever reads a reply leaves it', async () => {
    const { old, next, engine } = setUp();
    const chunks = engine.generate('prompt', OPTIONS)[Symbol.asyncIterator]();
    const first = chunks.next();
    (await old.next()).write('one');
    await first;
    const switched = engine.switchTo(next);
    await chunks.return?.(undefined);
    await switched;
    expect(old.closed).toBe(true);
  });

  test('can change more than once before the first model has finished', async () => {
    const { old, next, engine } = setUp();
    const text = textOf(engine.generate('prompt', OPTIONS));
    const reply = await old.next();
    const first = engine.switchTo(next);
    const third = new ScriptedEngine();
    const second = engine.switchTo(third);
    await second;
    expect([old.closed, next.closed]).toEqual([false, true]);
    reply.write('patience').end();
    await first;
    expect(await text).toBe('patience');
    expect(engine.model).toBe(third.model);
  });

  test('closes whatever is open, the retired models too', async () => {
    const { old, next, engine } = setUp();
    engine.lease();
    void engine.switchTo(next);
    await engine.close();
    expect([old.closed, next.closed]).toEqual([true, true]);
    const late = new ScriptedEngine();
    await expect(engine.switchTo(late)).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    expect(late.closed).toBe(true);
  });
});

test('an engine that never changes needs no lease', () => {
  const engine: Engine = new ScriptedEngine();
  const lease = leaseOf(engine);
  expect(lease.engine).toBe(engine);
  lease.release();
});
