import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../inference/engine/engine.ts';
import { startEngine } from '../../inference/service.ts';
import type { FakeDiscord } from '../fakes/discord/fake-discord.ts';
import type { FakeSlack } from '../fakes/slack/fake-slack.ts';
import { type BothPlatforms, REAL_LIMITS, serveBoth } from '../fixtures/both-platforms.ts';

// Discord and Slack from one process, on one engine: real SDKs, real model, and the platforms' real rate limits.

let cache: string;
let engine: Engine;
/** Whose replies the engine began, in order: a conversation's name begins with its platform. */
let begun: string[];
let discord: FakeDiscord;
let slack: FakeSlack;
let served: BothPlatforms;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'parley-both-'));
  const limits = { maxRows: 2, maxQueue: 64, kvBytes: 128 * 2 ** 20 };
  engine = await startEngine({ model: 'starter', cache, weights: 'q8', threads: 1, limits });
});

afterAll(async () => {
  await engine.close();
  await rm(cache, { recursive: true, force: true });
});

/** The same engine, which tells whose reply it begins. */
function noting(real: Engine, note: (conversation: string) => void): Engine {
  return {
    get model() {
      return real.model;
    },
    async *generate(prompt, options, signal) {
      let told = false;
      for await (const chunk of real.generate(prompt, options, signal)) {
        if (chunk.type !== 'queued' && !told) note(options.conversation);
        told ||= chunk.type !== 'queued';
        yield chunk;
      }
    },
    score: (prompt, continuations, conversation) => real.score(prompt, continuations, conversation),
    count: (text) => real.count(text),
    fit: (text, limit, keep) => real.fit(text, limit, keep),
    stats: () => real.stats(),
    close: () => real.close(),
  };
}

beforeEach(async () => {
  begun = [];
  const noted = noting(engine, (conversation) => begun.push(conversation));
  served = await serveBoth(Promise.resolve(noted), REAL_LIMITS);
  ({ discord, slack } = served);
});

afterEach(() => served.stop());

/** Whoever asks something in a direct message, and whether their answers are whole. */
interface Asker {
  readonly platform: 'discord' | 'slack';
  asks(text: string): void;
  answered(): number;
}

function onDiscord(name: string): Asker {
  const guild = discord.guild({ name: 'Reading Club' });
  const person = guild.person({ name });
  return {
    platform: 'discord',
    asks: (text) => void person.says(person.dm(), text),
    answered: () =>
      person
        .dm()
        .fromBot()
        .filter(({ buttons }) => buttons.some(({ label }) => label === 'Again')).length,
  };
}

function onSlack(name: string): Asker {
  const person = slack.workspace.user(name);
  let thread: string | undefined;
  return {
    platform: 'slack',
    // All in one thread, which is one conversation.
    asks: (text) => {
      const said = person.dm(text, thread === undefined ? {} : { thread });
      thread ??= said.ts;
    },
    answered: () => person.directMessages.answers().filter(({ actions }) => actions.includes('again')).length,
  };
}

const settled = (what: () => boolean) => expect.poll(what, { timeout: 55_000, interval: 10 }).toBe(true);

test('under load everybody is answered once, on both, with fair shares of the one engine', async () => {
  const rounds = 3;
  const askers = Array.from({ length: 12 }, (_, nth) =>
    nth % 2 ? onSlack(`s${nth}`) : onDiscord(`d${nth}`),
  );
  for (let round = 0; round < rounds; round += 1)
    for (const asker of askers) asker.asks(`What is a glacier, and what is river ${round}?`);
  await settled(() => askers.every((asker) => asker.answered() >= rounds));

  expect(askers.map((asker) => asker.answered())).toEqual(askers.map(() => rounds));
  // When the engine is half through, neither platform has been left behind: each has a third of a fair share at least.
  const firstHalf = begun.slice(0, begun.length / 2);
  for (const platform of ['discord', 'slack']) {
    const share = firstHalf.filter((conversation) => conversation.startsWith(platform)).length;
    expect(share).toBeGreaterThanOrEqual(firstHalf.length / 6);
  }
  expect(discord.rateLimited).toEqual([]);
  expect(slack.calls.filter(({ status }) => status === 429)).toEqual([]);
}, 60_000);

test.each(['discord', 'slack'] as const)(
  'somebody who floods %s delays themselves, and not the others',
  async (flooded) => {
    const flooder = flooded === 'discord' ? onDiscord('flooder') : onSlack('flooder');
    const others = Array.from({ length: 4 }, (_, nth) =>
      flooded === 'discord' ? onSlack(`other${nth}`) : onDiscord(`other${nth}`),
    );
    const floods = 6;
    let left = 0;
    for (let nth = 0; nth < floods; nth += 1)
      flooder.asks(`What is number ${nth}, and what comes behind it?`);
    for (const other of others) other.asks('What is a glacier?');
    await settled(() => {
      left = floods - flooder.answered();
      return others.every((other) => other.answered() === 1);
    });

    expect(left).toBeGreaterThan(0);
    await settled(() => flooder.answered() === floods);
  },
  60_000,
);
