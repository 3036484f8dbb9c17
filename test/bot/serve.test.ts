import { expect, test } from 'vitest';
import { type ServedPlatform, serve } from '../../bot/serve.ts';
import { MemoryStore } from '../../bot/store/memory-store.ts';
import { createLogger } from '../../config/logger.ts';
import { tasks } from '../../inference/tasks/tasks.ts';
import { ScriptedEngine } from '../fixtures/scripted-engine.ts';
import { BOT, request } from './requests.ts';

test('what is asked while the program is still starting is answered once, and not taken for unfinished', async () => {
  const engine = new ScriptedEngine();
  const store = new MemoryStore();
  const shown: string[] = [];
  let end: (status: number) => void = () => undefined;
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const platform: ServedPlatform = {
    platform: 'discord',
    self: BOT,
    // Connected, but not done yet: commands are registered, say.
    start: async (onRequest) => {
      onRequest(request({ text: 'Why is the sky blue?' }));
      await engine.next();
    },
    stop: async () => undefined,
    introduction: () => {
      ready();
      return 'I am here.';
    },
    history: async () => [],
    attachment: async () => new Uint8Array(),
    limits: () => ({ messageLength: 2_000 }),
    post: async ({ conversation }, page) => ({ conversation, id: String(shown.push(page) - 1) }),
    edit: async ({ id }, page) => {
      shown[Number(id)] = page;
    },
    typing: async () => undefined,
  };
  const served = serve({
    platforms: [platform],
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
  });
  await isReady;
  engine.replies[0]?.write(' Air scatters blue light most.').end();
  await expect.poll(() => store.turns.unfinished()).toEqual([]);
  end(0);
  await served;
  expect(engine.replies).toHaveLength(1);
  expect(shown).toEqual(['Air scatters blue light most.']);
});
