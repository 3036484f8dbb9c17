import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Draft, Opinion, Piece, PostedMessage, Store, TakenTurn } from '../../bot/store/store.ts';

/** A place where a store keeps things: opened again, it is the same store, as after a restart. */
export interface StorePlace {
  open(): Promise<Store>;
}

export interface StoreContractOptions {
  readonly name: string;
  /** A place with nothing in it. */
  readonly place: () => Promise<StorePlace>;
  /** What was kept is there when the place is opened again. */
  readonly durable: boolean;
}

const ANN = 'discord:100000000000000001';
const BOB = 'slack:U0BOB00001';

/** Whatever text an id may be. */
const anyId = fc.string({ unit: 'grapheme', maxLength: 60 });

function opinion(turn: string, verdict: Opinion['verdict'], person = ANN, at = 1): Opinion {
  return { turn, verdict, person, at };
}

const NOTHING: Piece = { text: '', tokens: [], written: '' };

const DRAFT: Draft = {
  task: 'chat',
  prompt: {
    text: 'Q: Hi\nA:',
    tokens: 6,
    decoding: {
      sampling: { temperature: 0.7, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1.1, noRepeatNgram: 0 },
      stop: ['\nQ:'],
      form: { sentences: 3 },
      maxNewTokens: 100,
    },
  },
  seed: 4_294_967_295,
  model: 'starter',
  notes: ['Read in part: the last 200 words.'],
};

function taken(id: string, at = 1): TakenTurn {
  const conversation = { platform: 'discord', id: 'c1' } as const;
  const text = 'What is “tea”? 茶 🫖';
  const author = { id: 'u1', name: "Ann O'Hara" };
  return {
    id,
    request: { id, trigger: 'mention', options: {}, text, author, conversation, attachments: [], at },
    seed: 7,
  };
}

function message(id: string, shows: number): PostedMessage {
  return {
    message: { conversation: { platform: 'discord', id: 'c1' }, id, address: { by: 'message' } },
    shows,
  };
}

/** What every store promises. */
export function storeContract({ name, place, durable }: StoreContractOptions): void {
  async function open(where?: StorePlace): Promise<Store> {
    const store = await (where ?? (await place())).open();
    onTestFinished(() => store.close());
    return store;
  }

  describe(`${name}: ids that were seen`, () => {
    test('are new once', async () => {
      const { seen } = await open();
      expect(await seen.remember('slack:C1/1', 1)).toBe(true);
      expect(await seen.remember('slack:C1/1', 2)).toBe(false);
      expect(await seen.remember('slack:C1/2', 1)).toBe(true);
    });

    test('are new to one of those who ask at the same time', async () => {
      const { seen } = await open();
      const answers = await Promise.all(Array.from({ length: 50 }, () => seen.remember('same', 1)));
      expect(answers.filter((isNew) => isNew)).toHaveLength(1);
    });

    test('are told apart whatever they are made of', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyId, { maxLength: 20 }), async (ids) => {
          const store = await (await place()).open();
          const before = new Set<string>();
          for (const id of ids) {
            expect(await store.seen.remember(id, 1)).toBe(!before.has(id));
            before.add(id);
          }
          expect(new Set(await store.seen.latest(100))).toEqual(before);
          await store.close();
        }),
        { numRuns: 25 },
      );
    });

    test('are listed from the latest moment back, whenever they were remembered', async () => {
      const { seen } = await open();
      for (const at of [3, 1, 4, 1.5, 9, 2]) await seen.remember(`at ${at}`, at * 1000);
      expect(await seen.latest(4)).toEqual(['at 9', 'at 4', 'at 3', 'at 2']);
      expect(await seen.latest(0)).toEqual([]);
    });

    test('may be of moments with fractions, as platforms have them', async () => {
      const { seen } = await open();
      expect(await seen.remember('fraction', 1_700_000_000_123.456)).toBe(true);
      expect(await seen.latest(1)).toEqual(['fraction']);
    });
  });

  describe(`${name}: feedback`, () => {
    test('counts one opinion a person and turn: the last', async () => {
      const { feedback } = await open();
      await feedback.put(opinion('turn 1', 'good'));
      await feedback.put(opinion('turn 1', 'good'));
      await feedback.put(opinion('turn 1', 'bad', BOB));
      expect(await feedback.tally('turn 1')).toEqual({ good: 1, bad: 1 });
      await feedback.put(opinion('turn 1', 'bad'));
      expect(await feedback.tally('turn 1')).toEqual({ good: 0, bad: 2 });
    });

    test('is counted by turn, or of all', async () => {
      const { feedback } = await open();
      expect(await feedback.tally()).toEqual({ good: 0, bad: 0 });
      await feedback.put(opinion('turn 1', 'good'));
      await feedback.put(opinion('turn 2', 'bad'));
      await feedback.put(opinion('turn 3', 'good'));
      expect(await feedback.tally('turn 2')).toEqual({ good: 0, bad: 1 });
      expect(await feedback.tally('turn 4')).toEqual({ good: 0, bad: 0 });
      expect(await feedback.tally()).toEqual({ good: 2, bad: 1 });
    });
  });

  describe(`${name}: turns`, () => {
    test('that were taken are unfinished until they end', async () => {
      const { turns } = await open();
      await turns.take(taken('late', 2));
      await turns.take(taken('early', 1));
      expect(await turns.unfinished()).toEqual([
        { ...taken('early', 1), soFar: NOTHING, tries: 0, posted: [] },
        { ...taken('late', 2), soFar: NOTHING, tries: 0, posted: [] },
      ]);
      expect(await turns.count()).toBe(2);
      await turns.end('early');
      expect(await turns.count()).toBe(1);
      expect((await turns.unfinished()).map(({ id }) => id)).toEqual(['late']);
    });

    test('are known with what they are written from, and all that was written, in order', async () => {
      const { turns } = await open();
      for (const id of ['one', 'two']) {
        await turns.take(taken(id));
        await turns.draft(id, DRAFT);
      }
      await turns.write('one', { text: 'A', tokens: [32], written: ' A' });
      await turns.write('two', { text: 'Z', tokens: [57], written: ' Z' });
      await turns.write('one', { text: ' cup', tokens: [6508, 13], written: ' cup' });
      const [one] = await turns.unfinished();
      expect(one).toEqual({
        ...taken('one'),
        draft: DRAFT,
        soFar: { text: 'A cup', tokens: [32, 6508, 13], written: ' A cup' },
        tries: 0,
        posted: [],
      });
    });

    test('forget what was written when another draft takes the place of the first', async () => {
      const { turns } = await open();
      await turns.take(taken('turn'));
      await turns.draft('turn', DRAFT);
      await turns.write('turn', { text: 'A', tokens: [32], written: 'A' });
      await turns.draft('turn', { ...DRAFT, seed: 8 });
      expect(await turns.unfinished()).toMatchObject([{ draft: { seed: 8 }, soFar: NOTHING }]);
    });

    test('are known with their messages, as they were shown last', async () => {
      const { turns } = await open();
      await turns.take(taken('turn'));
      await turns.post('turn', 1, message('m2', 30));
      await turns.post('turn', 0, message('m1', 10));
      await turns.post('turn', 0, message('m1', 20));
      expect(await turns.unfinished()).toMatchObject([{ posted: [message('m1', 20), message('m2', 30)] }]);
    });

    test('begin anew when they are taken again, with the messages that were posted', async () => {
      const { turns } = await open();
      await turns.take(taken('turn'));
      await turns.draft('turn', DRAFT);
      await turns.write('turn', { text: 'A', tokens: [32], written: 'A' });
      await turns.post('turn', 0, message('m1', 1));
      await turns.take({ ...taken('turn'), seed: 9 });
      const again = { ...taken('turn'), seed: 9, soFar: NOTHING, tries: 0, posted: [message('m1', 1)] };
      expect(await turns.unfinished()).toEqual([again]);
    });

    test('are not begun by what is told of them before they were taken or after they ended', async () => {
      const { turns } = await open();
      await turns.take(taken('ended'));
      await turns.end('ended');
      for (const id of ['ended', 'never taken']) {
        await turns.draft(id, DRAFT);
        await turns.write(id, { text: 'A', tokens: [32], written: 'A' });
        await turns.post(id, 0, message('m1', 1));
        await turns.end(id);
      }
      await turns.take(taken('ended'));
      expect(await turns.unfinished()).toEqual([{ ...taken('ended'), soFar: NOTHING, tries: 0, posted: [] }]);
    });

    test('are known with how often they were begun again since they got on', async () => {
      const { turns } = await open();
      const tries = async () => (await turns.unfinished()).map((turn) => turn.tries);
      await turns.tryAgain('never taken');
      await turns.take(taken('turn'));
      for (let n = 0; n < 3; n += 1) await turns.tryAgain('turn');
      expect(await tries()).toEqual([3]);
      await turns.gotOn('turn');
      expect(await tries()).toEqual([0]);
      await turns.tryAgain('turn');
      await turns.take(taken('turn'));
      expect(await tries()).toEqual([0]);
    });
  });

  describe(`${name}: what conversations were told`, () => {
    test.each(['resets', 'heard'] as const)('(%s) is known by its latest moment', async (kind) => {
      const { [kind]: resets } = await open();
      await resets.put('discord:c1', 2.5);
      await resets.put('slack:C1', 4);
      await resets.put('discord:c1', 1);
      expect(await resets.latest(10)).toEqual([
        { conversation: 'slack:C1', at: 4 },
        { conversation: 'discord:c1', at: 2 },
      ]);
      expect(await resets.latest(1)).toHaveLength(1);
    });

    test('about seeds is known until it is taken back, and not who said it', async () => {
      const { seeds } = await open();
      const fixed = { seed: 4_294_967_295, next: true, person: ANN };
      await seeds.put({ ...fixed, conversation: 'one', at: 1 });
      await seeds.put({ ...fixed, conversation: 'two', at: 2, next: false });
      await seeds.put({ ...fixed, conversation: 'one', at: 3, seed: 0, person: BOB });
      expect(await seeds.latest(10)).toEqual([
        { conversation: 'one', seed: 0, next: true, at: 3 },
        { conversation: 'two', seed: 4_294_967_295, next: false, at: 2 },
      ]);
      await seeds.remove('one');
      expect((await seeds.latest(10)).map(({ conversation }) => conversation)).toEqual(['two']);
    });
  });

  describe(`${name}: erasing a person`, () => {
    test('takes their opinions, seeds and turns, and nobody else’s', async () => {
      const store = await open();
      for (const [person, author] of [
        [ANN, '100000000000000001'],
        [BOB, 'U0BOB00001'],
      ] as const) {
        await store.feedback.put(opinion('turn', 'good', person));
        await store.seeds.put({ conversation: `of ${person}`, seed: 1, next: false, person, at: 1 });
        const { request, ...turn } = taken(`turn of ${person}`);
        const platform = person === ANN ? 'discord' : 'slack';
        const conversation = { ...request.conversation, platform } as const;
        await store.turns.take({
          ...turn,
          request: { ...request, conversation, author: { id: author, name: 'N' } },
        });
        await store.turns.write(turn.id, { text: 'A', tokens: [32], written: 'A' });
      }
      await store.erase(ANN);
      expect(await store.feedback.tally()).toEqual({ good: 1, bad: 0 });
      expect((await store.seeds.latest(10)).map(({ conversation }) => conversation)).toEqual([`of ${BOB}`]);
      expect((await store.turns.unfinished()).map(({ id }) => id)).toEqual([`turn of ${BOB}`]);
      await store.erase('discord:nobody');
      expect(await store.feedback.tally()).toEqual({ good: 1, bad: 0 });
    });
  });

  describe(`${name}: forgetting`, () => {
    test('takes what is older than its limit and leaves the rest', async () => {
      const store = await open();
      for (const at of [1, 2, 3, 4]) {
        await store.seen.remember(`id ${at}`, at);
        await store.feedback.put(opinion(`turn ${at}`, 'good', ANN, at));
        await store.turns.take(taken(`turn ${at}`, at));
        await store.resets.put(`discord:${at}`, at);
        await store.seeds.put({ conversation: `discord:${at}`, seed: 1, next: false, person: ANN, at });
      }
      await store.prune({ seen: 3, feedback: 2, turns: 4, resets: 4, heard: 4, seeds: 4 }, 100);
      expect(await store.seen.latest(10)).toEqual(['id 4', 'id 3']);
      expect(await store.feedback.tally()).toEqual({ good: 3, bad: 0 });
      expect((await store.turns.unfinished()).map(({ id }) => id)).toEqual(['turn 4']);
      expect((await store.resets.latest(9)).map(({ at }) => at)).toEqual([4]);
      expect((await store.seeds.latest(9)).map(({ at }) => at)).toEqual([4]);
      expect(await store.seen.remember('id 1', 5), 'what was forgotten is new again').toBe(true);
    });

    test('takes the oldest first, so many at a time, and says whether to go on', async () => {
      const store = await open();
      for (const at of [5, 3, 1, 4, 2]) await store.seen.remember(`id ${at}`, at);
      const all = { seen: 100, feedback: 100, turns: 100, resets: 100, heard: 100, seeds: 100 };
      expect(await store.prune(all, 2)).toBe(true);
      expect(await store.seen.latest(10)).toEqual(['id 5', 'id 4', 'id 3']);
      while (await store.prune(all, 2));
      expect(await store.seen.latest(10)).toEqual([]);
    });
  });

  describe(`${name}: closing`, () => {
    test('may be asked for twice', async () => {
      const store = await open();
      await store.seen.remember('id', 1);
      await store.close();
      await store.close();
    });

    if (!durable) return;
    test('keeps everything for the next start', async () => {
      const where = await place();
      const before = await open(where);
      await before.seen.remember('id', 1);
      await before.feedback.put(opinion('turn', 'good'));
      await before.close();
      const after = await open(where);
      expect(await after.seen.remember('id', 2)).toBe(false);
      expect(await after.seen.latest(10)).toEqual(['id']);
      await after.feedback.put(opinion('turn', 'bad'));
      expect(await after.feedback.tally('turn'), 'the same person, known again').toEqual({ good: 0, bad: 1 });
    });
  });
}
