import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Opinion, Store } from '../../bot/store/store.ts';

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

  describe(`${name}: forgetting`, () => {
    test('takes what is older than its limit and leaves the rest', async () => {
      const store = await open();
      for (const at of [1, 2, 3, 4]) {
        await store.seen.remember(`id ${at}`, at);
        await store.feedback.put(opinion(`turn ${at}`, 'good', ANN, at));
      }
      await store.prune({ seen: 3, feedback: 2 }, 100);
      expect(await store.seen.latest(10)).toEqual(['id 4', 'id 3']);
      expect(await store.feedback.tally()).toEqual({ good: 3, bad: 0 });
      expect(await store.seen.remember('id 1', 5), 'what was forgotten is new again').toBe(true);
    });

    test('takes the oldest first, so many at a time, and says whether to go on', async () => {
      const store = await open();
      for (const at of [5, 3, 1, 4, 2]) await store.seen.remember(`id ${at}`, at);
      const all = { seen: 100, feedback: 100 };
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
