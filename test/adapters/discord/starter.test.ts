import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../inference/engine/engine.ts';
import { startEngine } from '../../../inference/service.ts';
import { answer, answerTo, scene } from './parley.ts';

let cache: string;
let engine: Engine;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'parley-discord-'));
  engine = await startEngine({
    model: 'starter',
    cache,
    weights: 'q8',
    threads: 1,
    limits: { maxRows: 8, maxQueue: 64, kvBytes: 128 * 2 ** 20 },
  });
});

afterAll(async () => {
  await engine.close();
  await rm(cache, { recursive: true, force: true });
});

/** Discord's real limits: the pace has to keep them by itself. */
const REAL_LIMITS = { server: { rateLimits: { scale: 1 } } };

describe('the whole bot, with the model that ships with it', () => {
  test('answers a mention, a direct message, a command and a menu, and is never told to slow down', async () => {
    const { discord, general, ada, bob } = await scene({ engine, ...REAL_LIMITS });
    ada.says(general, 'What is a tide?', { mention: true });
    ada.says(ada.dm(), 'Tell me a story about a lighthouse.');
    const used = bob.slash(general, 'ask', { question: 'What is a glacier?' });
    const said = bob.says(general, 'The tide comes in at nine. The ships lie still. It goes out at three.');
    const menu = bob.menu(said, 'Summarize');
    const answers = [
      await answer(discord, general),
      await answer(discord, ada.dm()),
      await answerTo(discord, used),
      await answerTo(discord, menu),
    ];
    for (const { content, buttons } of answers) {
      expect(content).toMatch(/\w/u);
      expect(buttons.map(({ label }) => label)).toEqual(['Again', 'More', '👍', '👎']);
    }
    expect(discord.rateLimited).toEqual([]);
    expect(discord.pings).toEqual([]);
    expect(discord.unknownRequests).toEqual([]);
  });

  test('grows a longer text by edits, each of which goes on from the one before', async () => {
    const { discord, general, ada } = await scene({ engine, ...REAL_LIMITS });
    const used = ada.slash(general, 'write', { opening: 'The Old Lighthouse' });
    const said = await answerTo(discord, used);
    const texts = said.versions.map(({ content }) => content).filter((content) => content !== '');
    expect(texts.length).toBeGreaterThan(1);
    for (const [nth, text] of texts.entries()) {
      const before = (texts[nth - 1] ?? '').replace(/[*_`~\s]+$/u, '');
      if (!before.startsWith('-# ')) expect(text.startsWith(before)).toBe(true);
    }
    expect(discord.rateLimited).toEqual([]);
  });

  test('answers many people in several channels at once: everybody once, and nobody is told to slow down', async () => {
    const { discord, guild } = await scene({ engine, ...REAL_LIMITS });
    const channels = Array.from({ length: 5 }, (_, nth) => guild.channel({ name: `channel-${nth}` }));
    const people = Array.from({ length: 4 }, (_, nth) => guild.person({ name: `Person ${nth}` }));
    for (const channel of channels) {
      for (const person of people) person.says(channel, `What is ${person.name} to ask?`, { mention: true });
    }
    await discord.waitFor(
      () =>
        channels.every(
          (channel) =>
            channel.fromBot().filter(({ buttons }) => buttons.length === 4).length === people.length,
        ),
      { timeoutMs: 50_000 },
    );
    for (const channel of channels) {
      const asked = channel.messages().filter(({ isOwn }) => !isOwn);
      const answered = channel.fromBot().map(({ replyTo }) => replyTo);
      expect(answered.toSorted()).toEqual(asked.map(({ id }) => id).toSorted());
    }
    expect(discord.rateLimited).toEqual([]);
  });
});
