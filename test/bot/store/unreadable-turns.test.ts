import path from 'node:path';
import fc from 'fast-check';
import Database from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ChatRequest } from '../../../bot/request.ts';
import { SqliteStore } from '../../../bot/store/sqlite-store.ts';
import type { Draft } from '../../../bot/store/store.ts';
import type { StoreError } from '../../../bot/store/store-error.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { BOB, message, request } from '../requests.ts';

// SQLite knows no sums of what it keeps: a byte that changes within a text leaves the file whole, and often the JSON, too.

const CONVERSATION = { platform: 'discord', id: 'c1' } as const;

/** With everything that a platform may tell. */
const REQUEST: ChatRequest = {
  ...request({ id: 'm1', trigger: 'menu', command: 'summarize', text: 'What is tea?', at: 1.5 }),
  options: { messages: 20, since: '2h', likelihoods: true },
  talk: { platform: 'discord', id: 'c0' },
  origin: { direct: false, workspace: 'g1', channels: ['c1', 'c0'], roles: ['r1'] },
  replyAddress: { by: 'message', silent: true, part: 2 },
  attachments: [{ name: 'a.txt', location: 'https://files/a.txt', size: 12, charset: 'utf-8' }],
  repliedTo: message(BOB, 'Tea?', 1),
};

/** With everything that a task may settle. */
const DRAFT: Draft = {
  task: 'write',
  prompt: {
    text: 'Once',
    tokens: 1,
    decoding: {
      sampling: { temperature: 1, topK: 2, topP: 0.9, minP: 0.1, repetitionPenalty: 1.1, noRepeatNgram: 3 },
      stop: ['\n'],
      form: { sentences: 3, unlike: 'Once', mayQuote: true },
      maxNewTokens: 100,
    },
    note: 'Only the first half was read.',
    steps: 2,
  },
  seed: 7,
  model: 'script',
  notes: ['Read in part.'],
  writing: { opening: 'Once', before: ' upon' },
};

const WHOLE = {
  id: 'turn',
  request: REQUEST,
  seed: 7,
  draft: DRAFT,
  soFar: { text: ' a time', tokens: [1, 2], written: ' a  time' },
  tries: 0,
  posted: [{ message: { conversation: CONVERSATION, id: 'm2', address: { by: 'message' } }, shows: 4 }],
};

interface Left {
  readonly file: string;
  readonly open: () => Promise<SqliteStore>;
  /** By the turns' ids. */
  readonly unreadable: ReadonlyMap<string, StoreError>;
  /** Changes what lies in the file behind the store's back. */
  readonly damage: (sql: string) => void;
}

/** What a bot leaves that dies in the middle of Ann's answer and before Bob's. */
async function left(): Promise<Left> {
  const file = path.join(await temporaryFolder(), 'parley.db');
  const unreadable = new Map<string, StoreError>();
  const open = async () => {
    const store = await SqliteStore.open(file, {
      onUnreadable: (turn, error) => void unreadable.set(turn, error),
    });
    onTestFinished(() => store.close());
    return store;
  };
  const store = await open();
  await store.turns.take({ id: 'turn', request: REQUEST, seed: 7 });
  await store.turns.draft('turn', DRAFT);
  await store.turns.write('turn', WHOLE.soFar);
  for (const [place, posted] of WHOLE.posted.entries()) await store.turns.post('turn', place, posted);
  await store.turns.take({ id: 'other', request: request({ author: BOB, at: 2 }), seed: 8 });
  await store.close();
  const damage = (sql: string) => {
    const other = new Database(file);
    other.exec(sql);
    other.close();
  };
  return { file, open, unreadable, damage };
}

test('a turn is known again with everything that was told of it', async () => {
  const { open, unreadable } = await left();
  const [turn] = await (await open()).turns.unfinished();
  expect(turn).toEqual(WHOLE);
  expect(unreadable.size).toBe(0);
});

describe('a turn of which nothing can be made any more', () => {
  const damages: Readonly<Record<string, readonly [table: 'turns' | 'pieces' | 'posted', change: string]>> = {
    'whose request has another field': ['turns', `request = replace(request, '"author"', '"authos"')`],
    'whose request has another field within': [
      'turns',
      `request = replace(request, '"platform"', '"platforn"')`,
    ],
    'of a platform that there is not': ['turns', `request = replace(request, '"discord"', '"discore"')`],
    'whose request is no JSON': ['turns', 'request = substr(request, 2)'],
    'whose request is gone': ['turns', `request = 'null'`],
    'whose draft has another field': ['turns', `draft = replace(draft, '"sampling"', '"samplinh"')`],
    'whose text has another field': ['pieces', `piece = replace(piece, '"tokens"', '"tokenz"')`],
    'whose message has another field': ['posted', `message = replace(message, '"shows"', '"showt"')`],
  };

  test.each(Object.entries(damages))('%s is left out, told once, and gone', async (_, [table, change]) => {
    const { open, unreadable, damage } = await left();
    damage(`UPDATE ${table} SET ${change} WHERE ${table === 'turns' ? 'id' : 'turn'} = 'turn'`);
    const store = await open();
    expect((await store.turns.unfinished()).map(({ id }) => id)).toEqual(['other']);
    expect([...unreadable.keys()]).toEqual(['turn']);
    expect(unreadable.get('turn')).toMatchObject({ code: 'STORE_UNREADABLE' });
    expect(await store.turns.count()).toBe(1);
  });

  test('is erased with whoever wants to be erased, because it may be theirs', async () => {
    const { open, damage } = await left();
    damage(`UPDATE turns SET request = replace(request, '"author"', '"authos"') WHERE id = 'turn'`);
    const store = await open();
    await store.erase('discord:u9');
    expect((await store.turns.unfinished()).map(({ id }) => id)).toEqual(['other']);
    expect(await store.turns.count()).toBe(1);
  });

  test('is left out also while the file cannot be written', async () => {
    const { file, open, damage } = await left();
    damage(`UPDATE turns SET request = '{}' WHERE id = 'turn'`);
    const store = await open();
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    expect((await store.turns.unfinished()).map(({ id }) => id)).toEqual(['other']);
    other.exec('ROLLBACK');
    other.close();
  });

  test('never ends the bot, and is never half a turn, whichever character of it is wrong', async () => {
    const { open, damage } = await left();
    const store = await open();
    const columns = [
      ['turns', 'request', JSON.stringify(REQUEST)],
      ['turns', 'draft', JSON.stringify(DRAFT)],
      ['pieces', 'piece', JSON.stringify(WHOLE.soFar)],
      ['posted', 'message', JSON.stringify(WHOLE.posted[0])],
    ] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...columns),
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1 }),
        async (column, at, wrong) => {
          const [table, name, text] = column;
          const place = at % text.length;
          const changed = `${text.slice(0, place)}${wrong}${text.slice(place + 1)}`;
          await store.turns.take({ id: 'turn', request: REQUEST, seed: 7 });
          await store.turns.draft('turn', DRAFT);
          await store.turns.write('turn', WHOLE.soFar);
          await store.turns.post('turn', 0, WHOLE.posted[0] as (typeof WHOLE.posted)[number]);
          damage(
            `UPDATE ${table} SET ${name} = '${changed.replaceAll("'", "''")}' WHERE ${table === 'turns' ? 'id' : 'turn'} = 'turn'`,
          );
          const [turn] = await store.turns.unfinished();
          if (turn?.id !== 'turn') return;
          expect(typeof turn.request.conversation.id).toBe('string');
          expect(typeof turn.request.author.id).toBe('string');
          expect(turn.draft?.prompt.decoding.sampling.temperature).toBeTypeOf('number');
          expect(turn.soFar.tokens.every(Number.isFinite)).toBe(true);
          expect(
            turn.posted.every(({ message: { id }, shows }) => typeof id === 'string' && shows >= 0),
          ).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});
