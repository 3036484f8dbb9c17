import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Bot } from '../../bot/bot.ts';
import { Conversations, conversationKey } from '../../bot/conversation.ts';
import { FixedSeeds } from '../../bot/fixed-seeds.ts';
import { KEPT, privacy } from '../../bot/kept-data.ts';
import { generatedParts } from '../../bot/kept-data-docs.ts';
import { askerOf } from '../../bot/person.ts';
import type { ChatRequest, HistoryMessage } from '../../bot/request.ts';
import { SqliteStore } from '../../bot/store/sqlite-store.ts';
import { StoreError } from '../../bot/store/store-error.ts';
import type { TurnEvent } from '../../bot/turn-event.ts';
import { staleFiles } from '../../config/generated-docs.ts';
import { createLogger } from '../../config/logger.ts';
import { ScriptedEngine, type ScriptedReply } from '../fixtures/scripted-engine.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { ANN, BOB, BOT, message, request } from './requests.ts';

const DAYS = { feedback: 30, conversations: 60 };

/** A bot over a file, as it is after a start; started again over the same file, it is the next process. */
async function start(
  file: string,
  history: readonly HistoryMessage[] = [],
  script = (reply: ScriptedReply) => reply.write(' Certainly so.').end(),
) {
  const store = await SqliteStore.open(file);
  onTestFinished(() => store.close());
  const engine = new ScriptedEngine(script);
  let erase = (person: string) => store.erase(person);
  const bot = new Bot({
    engine: Promise.resolve(engine),
    logger: createLogger({ level: 'silent', secrets: [], format: 'json' }),
    journal: store.turns,
    conversations: await Conversations.recalled(store.resets),
    seeds: await FixedSeeds.recalled(store.seeds),
    kept: { days: DAYS, erase: (person) => erase(person) },
  });
  let asked = 0;
  const ask = async (wanted: Partial<ChatRequest>): Promise<TurnEvent | undefined> => {
    asked += 1;
    const surroundings = {
      self: BOT,
      history: async () => history,
      attachment: async () => new Uint8Array(),
    };
    const turn = bot.handle(request({ id: `r${asked}`, at: 1_000 + asked, ...wanted }), surroundings);
    let last: TurnEvent | undefined;
    for await (const event of turn?.events ?? []) last = event;
    return last;
  };
  const order = (command: string, over: Partial<ChatRequest> = {}) =>
    ask({ trigger: 'command', command, ...over });
  return {
    store,
    engine,
    ask,
    order,
    failToErase: (error: Error) => {
      erase = () => Promise.reject(error);
    },
  };
}

const emptyFile = async () => path.join(await temporaryFolder(), 'parley.db');

/** What was said before, newest first. */
const SAID = [message(BOT, 'Tea is a drink.', 20), message(ANN, 'What is tea?', 10)];

describe('what a conversation was told', () => {
  test('to forget stays forgotten after a restart', async () => {
    const file = await emptyFile();
    const first = await start(file, SAID);
    await first.ask({ text: 'And coffee?' });
    await first.order('reset');
    const second = await start(file, SAID);
    await second.ask({ text: 'And coffee?' });
    expect(first.engine.replies[0]?.prompt).toContain('Tea is a drink.');
    expect(second.engine.replies[0]?.prompt).toBe('Q: And coffee?\nA:');
  });

  test('about its seed holds after a restart, until that is taken back', async () => {
    const file = await emptyFile();
    await (await start(file)).order('seed', { options: { seed: '42' } });
    const second = await start(file);
    await second.ask({ text: 'Hi' });
    expect(second.engine.replies[0]?.options.seed).toBe(42);
    await second.order('seed', { options: { seed: 'off' } });
    const third = await start(file);
    await third.ask({ text: 'Hi' });
    expect(third.engine.replies[0]?.options.seed).not.toBe(42);
  });

  test('about the seed of the next reply is used up once, also by another process', async () => {
    const file = await emptyFile();
    await (await start(file)).order('seed', { options: { seed: '42 next' } });
    const second = await start(file);
    await second.ask({ text: 'Hi' });
    const third = await start(file);
    await third.ask({ text: 'Hi' });
    expect([second, third].map(({ engine }) => engine.replies[0]?.options.seed === 42)).toEqual([
      true,
      false,
    ]);
  });
});

describe('the seed of the next reply', () => {
  const dies = () => undefined;
  const pages = 'A line of a long text. '.repeat(60);

  test('is not lost when the process dies before the journal knows what the reply is made from', async () => {
    const file = await emptyFile();
    const first = await start(file, [], dies);
    await first.order('seed', { options: { seed: '42 next' } });
    // So long a text is read in parts, and only then is the summary begun that is shown.
    void first.order('summarize', { text: pages });
    await first.engine.next();
    const second = await start(file);
    await second.ask({ text: 'Hi' });
    expect(second.engine.replies[0]?.options.seed).toBe(42);
  });

  test('is used up as soon as the journal knows it, though the process dies of that reply', async () => {
    const file = await emptyFile();
    const first = await start(file, [], dies);
    await first.order('seed', { options: { seed: '42 next' } });
    void first.ask({ text: 'Hi' });
    await first.engine.next();
    expect(await first.store.turns.unfinished()).toContainEqual(
      expect.objectContaining({ draft: expect.objectContaining({ seed: 42 }) }),
    );
    const second = await start(file);
    await second.ask({ text: 'Hi' });
    expect(second.engine.replies[0]?.options.seed).not.toBe(42);
  });

  test('is used up by a task of which the journal knows no more than the request', async () => {
    const { ask, order, engine } = await start(await emptyFile());
    await order('seed', { options: { seed: '42 next' } });
    Object.assign(engine, {
      score: async (_: string, texts: readonly string[]) =>
        texts.map(() => ({ tokens: [1], logProbabilities: [-1] })),
    });
    expect(await order('choose', { text: 'Tea is a ___. | drink | stone' })).toMatchObject({ type: 'final' });
    await ask({ text: 'Hi' });
    expect(engine.replies.at(-1)?.options.seed).not.toBe(42);
  });
});

describe('/forget', () => {
  const mine = { turn: 'discord:c9/1', verdict: 'good', at: 1, person: askerOf(request()) } as const;
  const theirs = { ...mine, person: 'discord:u2' };

  test('erases what is stored about the person who asks, and of nobody else', async () => {
    const file = await emptyFile();
    const { store, order } = await start(file);
    await store.feedback.put(mine);
    await store.feedback.put(theirs);
    for (const [id, author] of [
      ['a', ANN],
      ['b', BOB],
    ] as const) {
      await store.turns.take({ id, request: request({ id, author }), seed: 1 });
    }
    await order('seed', { options: { seed: '42' } });
    await order('seed', {
      options: { seed: '43' },
      author: BOB,
      conversation: { platform: 'discord', id: 'c2' },
    });
    expect(await order('forget')).toMatchObject({ type: 'final', text: expect.stringMatching(/^Erased: /) });

    expect(await store.feedback.tally()).toEqual({ good: 1, bad: 0 });
    expect(
      (await store.turns.unfinished()).filter(({ request: { author } }) => author.id === ANN.id),
    ).toEqual([]);
    expect((await store.turns.unfinished()).map(({ id }) => id)).toContain('b');
    expect((await store.seeds.latest(10)).map(({ seed }) => seed)).toEqual([43]);
    const again = await order('seed');
    expect(again).toMatchObject({ text: expect.stringContaining('draws a seed of its own') });
  });

  test('erases what an earlier process was told', async () => {
    const file = await emptyFile();
    await (await start(file)).order('seed', { options: { seed: '42' } });
    const { ask, order, engine } = await start(file);
    await order('forget');
    await ask({ text: 'Hi' });
    expect(engine.replies[0]?.options.seed).not.toBe(42);
  });

  test('begins the conversation afresh, and leaves nothing that could be given again', async () => {
    const { ask, order, engine } = await start(await emptyFile(), SAID);
    const elsewhere = { conversation: { platform: 'discord', id: 'c7' } } as const;
    await ask({ text: 'A secret of mine', ...elsewhere });
    await order('forget');
    expect(await order('again', elsewhere)).toMatchObject({ type: 'failed', code: 'NOTHING_BEFORE' });
    await ask({ text: 'And coffee?' });
    expect(engine.replies.at(-1)?.prompt).toBe('Q: And coffee?\nA:');
  });

  test('does not claim to have erased what the disk still holds', async () => {
    const { order, failToErase } = await start(await emptyFile());
    failToErase(new StoreError('STORE_UNAVAILABLE', 'the disk is full'));
    expect(await order('forget')).toMatchObject({
      type: 'failed',
      code: 'NOT_ERASED',
      message: expect.stringMatching(/cannot be erased now.*Try again later/),
    });
  });
});

test('/forget takes no seed that somebody else has fixed, though what is stored cannot be erased', async () => {
  const file = await emptyFile();
  await (await start(file)).order('seed', { options: { seed: '42' }, author: BOB });
  const { ask, order, engine, failToErase } = await start(file);
  failToErase(new StoreError('STORE_UNAVAILABLE', 'the disk is full'));
  await order('forget');
  await ask({ text: 'Hi', author: BOB });
  expect(engine.replies[0]?.options.seed).toBe(42);
});

describe('/privacy', () => {
  test('tells all that is kept, and for how long it is kept here', async () => {
    const { order } = await start(await emptyFile());
    const told = await order('privacy');
    const text = told?.type === 'final' ? told.text : '';
    for (const { written } of KEPT) expect(text).toContain(written);
    expect(text).toMatch(/👍 and 👎\*\*: .* Kept: 30 days\./u);
    expect(text).toMatch(/\/reset and \/forget\*\*: .* Kept: 60 days\./u);
    expect(text).toContain('/forget erases');
  });

  test('fits into one message of any platform', () => {
    for (const platform of ['discord', 'slack'] as const)
      expect(privacy(platform, DAYS).length).toBeLessThan(2_000);
  });

  test('leaves out what is not kept', () => {
    expect(privacy('slack', { feedback: 0, conversations: 0 })).not.toMatch(/👍|\/seed|\/reset/u);
  });

  test('says in the terminal that nothing is stored', () => {
    expect(privacy('terminal', undefined)).toContain('Nothing that you write is stored');
  });

  test('and docs/data.md are made from one table (otherwise: npm run docs)', () => {
    expect(staleFiles(generatedParts, path.resolve(import.meta.dirname, '../..'))).toEqual([]);
  });
});

test('a conversation has the same name in every store', () => {
  expect(conversationKey({ platform: 'slack', id: 'C1' })).toBe('slack:C1');
});
