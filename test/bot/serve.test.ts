import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ChatRequest } from '../../bot/request.ts';
import { type ServedPlatform, serve } from '../../bot/serve.ts';
import { MemoryStore } from '../../bot/store/memory-store.ts';
import { SqliteStore } from '../../bot/store/sqlite-store.ts';
import type { Store } from '../../bot/store/store.ts';
import { createLogger } from '../../config/logger.ts';
import { tasks } from '../../inference/tasks/tasks.ts';
import { ScriptedEngine } from '../fixtures/scripted-engine.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { BOT, request } from './requests.ts';

type Ask = (request: ChatRequest) => unknown;

/** A platform on which everything works at once; `shown` is what people read. */
function platformOf(over: Partial<ServedPlatform> = {}) {
  const shown: string[] = [];
  let ask: Ask = () => undefined;
  const platform: ServedPlatform = {
    platform: 'discord',
    self: BOT,
    start: async (onRequest) => {
      ask = onRequest;
    },
    stop: async () => undefined,
    introduction: () => 'I am here.',
    history: async () => [],
    attachment: async () => new Uint8Array(),
    limits: () => ({ messageLength: 2_000 }),
    post: async ({ conversation }, page) => ({ conversation, id: String(shown.push(page) - 1) }),
    edit: async ({ id }, page) => {
      shown[Number(id)] = page;
    },
    typing: async () => undefined,
    ...over,
  };
  return { platform, shown, ask: (asked: ChatRequest) => ask(asked) };
}

function serving(store: Store, platforms: readonly ServedPlatform[], running = 5_000) {
  const engine = new ScriptedEngine();
  let end: (how: number | Error) => void = () => undefined;
  const served = serve({
    platforms,
    engine: Promise.resolve(engine),
    tasks,
    access: {},
    requestsPerMinute: 0,
    store,
    keeps: { feedback: 0, conversations: 90 },
    logger: createLogger({ level: 'silent', secrets: [], format: 'json' }),
    say: () => undefined,
    end: new Promise((resolve) => {
      end = resolve;
    }),
    patience: { running, edits: 200 },
  });
  return { engine, served, end };
}

/** A store that outlives the program, and the way to look at what it left there. */
async function lastingStore() {
  const file = path.join(await temporaryFolder(), 'parley.db');
  const left = async () => {
    const store = await SqliteStore.open(file);
    onTestFinished(() => store.close());
    return store.turns.unfinished();
  };
  return { store: await SqliteStore.open(file), left };
}

const QUESTION = 'Why is the sky blue?';

test('what is asked while the program is still starting is answered once, and not taken for unfinished', async () => {
  const store = new MemoryStore();
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const { platform, shown } = platformOf({
    // Connected, but not done yet: commands are registered, say.
    start: async (onRequest) => {
      onRequest(request({ text: QUESTION }));
      await engine.next();
    },
    introduction: () => {
      ready();
      return 'I am here.';
    },
  });
  const { engine, served, end } = serving(store, [platform]);
  await isReady;
  engine.replies[0]?.write(' Air scatters blue light most.').end();
  await expect.poll(() => store.turns.unfinished()).toEqual([]);
  end(0);
  await served;
  expect(engine.replies).toHaveLength(1);
  expect(shown).toEqual(['Air scatters blue light most.']);
});

test('a reply that outlasts a stop shows nothing any more that the next start does not know', async () => {
  const { store, left } = await lastingStore();
  let telling: () => void = () => undefined;
  const { platform, shown, ask } = platformOf({
    // The platform can still be written to, while the engine ends and tells everybody so.
    stop: async () => {
      telling();
      await new Promise((resolve) => setTimeout(resolve, 700));
    },
  });
  const { engine, served, end } = serving(store, [platform], 0);
  await expect.poll(() => ask(request({ text: QUESTION, at: Date.now() }))).toBeDefined();
  const reply = await engine.next();
  telling = () => reply.write(' And the sea?').fail(new Error('It ends.'));
  reply.write(' Air scatters blue light most.');
  await expect.poll(() => shown).toEqual(['Air scatters blue light most.']);
  end(143);
  await served;
  expect(shown).toEqual(['Air scatters blue light most.']);
  expect(await left()).toMatchObject([
    { soFar: { text: 'Air scatters blue light most.' }, posted: [{ shows: 29 }] },
  ]);
});

test('what makes it impossible to go on leaves replies to the next start', async () => {
  const { store, left } = await lastingStore();
  const { platform, shown, ask } = platformOf();
  const { engine, served, end } = serving(store, [platform]);
  await expect.poll(() => ask(request({ text: QUESTION, at: Date.now() }))).toBeDefined();
  (await engine.next()).write(' Air scatters blue light most.');
  await expect.poll(() => shown).toEqual(['Air scatters blue light most.']);
  end(new Error('A mistake in the program.'));
  expect(await served).toMatchObject({ message: 'A mistake in the program.' });
  expect(shown).toEqual(['Air scatters blue light most.']);
  expect(await left()).toHaveLength(1);
});

test('a platform that is reached only when the program ends takes nothing up', async () => {
  const { store, left } = await lastingStore();
  const asked = request({ text: QUESTION, at: Date.now() });
  await store.turns.take({ id: 'discord:c1/m0', request: asked, seed: 3 });
  let reach: () => void = () => undefined;
  const { platform, shown } = platformOf({
    start: () =>
      new Promise((resolve) => {
        reach = resolve;
      }),
    stop: async () => {
      reach();
      await new Promise((resolve) => setTimeout(resolve, 100));
    },
  });
  const { engine, served, end } = serving(store, [platform]);
  end(143);
  await served;
  expect([shown, engine.replies]).toEqual([[], []]);
  expect(await left()).toMatchObject([{ id: 'discord:c1/m0' }]);
});
