import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ButtonPress } from '../../bot/buttons.ts';
import { Delivery, targetOf } from '../../bot/delivery/delivery.ts';
import { OutletError } from '../../bot/delivery/outlet-error.ts';
import type { Controls } from '../../bot/ports.ts';
import type { ChatRequest, MessageRef, ReplyTarget } from '../../bot/request.ts';
import { OpenTurn } from '../../bot/turn.ts';
import { createLogger } from '../../config/logger.ts';
import { generateResult } from '../fixtures/generate-result.ts';
import type { AdapterHarness, AdapterTraits } from './adapter-harness.ts';

const NONE: Controls = { state: 'none' };
const words = (count: number): string =>
  Array.from({ length: count }, (_, index) => `word${index}`).join(' ');

/** What every adapter keeps, whatever its platform is like. `open` gives a new platform for each test. */
export function adapterContract(
  name: string,
  traits: AdapterTraits,
  open: () => Promise<AdapterHarness>,
): void {
  describe(`${name} keeps the contract of adapters`, () => {
    let harness: AdapterHarness;
    let requests: ChatRequest[];
    let turns: OpenTurn[];
    let presses: ButtonPress[];
    /** Replies are shown; else the test itself posts and edits. */
    let replies: boolean;
    const delivery = new Delivery({ logger: createLogger({ level: 'silent', secrets: [], format: 'json' }) });

    beforeEach(async () => {
      harness = await open();
      requests = [];
      turns = [];
      presses = [];
      replies = false;
      await harness.adapter.start(
        (request) => {
          const turn = new OpenTurn(`${name}/${request.id}`, request, 'chat');
          turn.signal.addEventListener('abort', () => turn.finish({ reason: 'aborted' }));
          requests.push(request);
          turns.push(turn);
          if (replies && traits.shows === 'through delivery') void delivery.deliver(turn, harness.adapter);
          return turn;
        },
        async (press) => {
          presses.push(press);
          return {};
        },
      );
    });
    afterEach(async () => {
      await delivery.settled(10_000);
      await harness.close();
    });

    /** The request that what was said has become. */
    const heard = (count = 1) =>
      vi.waitFor(() => {
        const request = requests[count - 1];
        const turn = turns[count - 1];
        if (!request || !turn) throw new Error('nothing was heard');
        return { request, turn, where: targetOf(request) };
      }, 10_000);

    const ask = async (text = 'What is a glacier?') => {
      await harness.says(text);
      return heard(requests.length + 1);
    };

    const answer = (turn: OpenTurn, text: string): void => {
      turn.tell({ type: 'delta', text });
      turn.finish({ reason: 'eos', result: generateResult() });
    };

    /** All that can be read, with white space of any kind as one space. */
    const read = async () =>
      (await harness.sees())
        .map(({ text }) => text)
        .join(' ')
        .replace(/\s+/g, ' ')
        .trim();

    const reads = (text: string) =>
      vi.waitFor(async () => expect(await read()).toBe(text), { timeout: 20_000, interval: 20 });

    const post = (where: ReplyTarget, text: string, controls = NONE, index = 0): Promise<MessageRef> =>
      harness.adapter.post(where, text, controls, { turn: 'turn', index });

    const codeOf = (call: Promise<unknown>) =>
      call.then(
        () => 'done',
        (error: unknown) => (error instanceof OutletError ? error.code : `no OutletError: ${error}`),
      );

    describe('requests', () => {
      test('say what was said, by whom and where', async () => {
        const before = Date.now();
        const { request } = await ask('What is a glacier?');
        expect(request.text).toBe('What is a glacier?');
        expect(request.author.name).not.toBe('');
        expect(request.author.id).not.toBe(harness.adapter.self.id);
        expect(request.conversation.platform).toBe(harness.adapter.platform);
        expect(Math.abs(request.at - before)).toBeLessThan(60_000);
      });

      test('are plain data, so that another process can answer them', async () => {
        const { request } = await ask();
        expect(JSON.parse(JSON.stringify(request))).toEqual(request);
      });

      test('of one place are told apart by their ids, and ordered by their times', async () => {
        const first = await ask('What is ice?');
        answer(first.turn, 'Frozen water.');
        const second = await ask('And steam?');
        expect(second.request.id).not.toBe(first.request.id);
        expect(second.request.at).toBeGreaterThan(first.request.at);
        expect(second.request.conversation).toEqual(first.request.conversation);
      });

      test('bring files along, which can be read as they are', async () => {
        const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7) % 251);
        await harness.sends('summarize', { name: 'notes.txt', bytes });
        const { request } = await heard();
        const [file] = request.attachments;
        expect(request.attachments).toHaveLength(1);
        expect(file?.name).toContain('notes.txt');
        if (file) expect(Buffer.from(await harness.adapter.attachment(file))).toEqual(Buffer.from(bytes));
      });
    });

    describe('replies', () => {
      beforeEach(() => {
        replies = true;
      });

      test('are seen as they were written', async () => {
        const { turn } = await ask();
        answer(turn, 'A river of ice.');
        await reads('A river of ice.');
      });

      test('grow, and are whole at the end', async () => {
        const { turn } = await ask();
        for (let part = 0; part < 5; part += 1) {
          turn.tell({ type: 'delta', text: `${part > 0 ? ' ' : ''}${words(10)}` });
          await new Promise((resolve) => setImmediate(resolve));
        }
        turn.finish({ reason: 'eos', result: generateResult() });
        await reads(Array.from({ length: 5 }, () => words(10)).join(' '));
      });

      test('of any length arrive whole', async () => {
        const { turn, where } = await ask();
        const { messageLength } = harness.adapter.limits(where);
        const text = words(Math.ceil((Math.min(messageLength, 5000) * 2.5) / words(100).length) * 100);
        answer(turn, text);
        await reads(text);
        if (traits.messages) expect((await harness.sees()).length).toBeGreaterThan(1);
      });

      test('become history, newest first, with the bot’s own among them', async () => {
        const { turn, request } = await ask('What is ice?');
        answer(turn, 'Frozen water.');
        await reads('Frozen water.');
        await harness.says('And steam?');
        const { turn: next } = await heard(2);
        answer(next, 'Water as a gas.');
        await reads('Frozen water. Water as a gas.');
        const history = await vi.waitFor(async () => {
          const read = await harness.adapter.history(request.conversation, 10);
          expect(read.length).toBeGreaterThanOrEqual(4);
          return read.slice(0, 4);
        });
        expect(history.map(({ text, own }) => ({ text, own }))).toEqual([
          { text: 'Water as a gas.', own: true },
          { text: 'And steam?', own: false },
          { text: 'Frozen water.', own: true },
          { text: 'What is ice?', own: false },
        ]);
        expect(history.map(({ at }) => at)).toEqual(history.map(({ at }) => at).sort((a, b) => b - a));
        expect(history[3]?.author).toEqual(request.author);
        expect(await harness.adapter.history(request.conversation, 1)).toEqual(history.slice(0, 1));
      });
    });

    describe('the outlet', () => {
      test('posts, and edits by a reference that is plain data', async () => {
        const { where } = await ask();
        const ref = await post(where, 'One two', { state: 'running', turn: 'turn' });
        await harness.adapter.edit(JSON.parse(JSON.stringify(ref)), 'One two three', NONE);
        await reads('One two three');
      });

      test('shows typing, or nothing at all', async () => {
        const { where } = await ask();
        await harness.adapter.typing(where);
        expect(await read()).toBe('');
        if (traits.typing) expect(harness.typings?.()).toBeGreaterThan(0);
      });

      test('pings nobody and means nothing but what it says, whatever the model writes', async () => {
        const { where } = await ask();
        const id = requests[0]?.author.id;
        await post(where, `@everyone @here <@${id}> <@!${id}> <@&1> <!channel> <!here> <#C1> &lt; @${id}`);
        for (const { pings } of await harness.sees()) expect(pings).toEqual([]);
      });
    });

    if (traits.messages) {
      describe('messages', () => {
        test('may be exactly as long as the limit says', async () => {
          const { where } = await ask();
          const { messageLength } = harness.adapter.limits(where);
          await post(where, 'x'.repeat(messageLength));
          expect((await harness.sees()).map(({ text }) => text)).toEqual(['x'.repeat(messageLength)]);
        });

        test('may be as long as the limit says in what the platform has to escape or count twice', async () => {
          const { where } = await ask();
          const { messageLength, measure } = harness.adapter.limits(where);
          const text = '<'.repeat(Math.floor(messageLength / (measure === 'entities' ? 4 : 1)));
          expect(await codeOf(post(where, text))).toBe('done');
        });

        test('that are deleted, or whose place is, take no edits: nothing more can be shown there', async () => {
          const { where } = await ask();
          const ref = await post(where, 'One two', { state: 'running', turn: 'turn' });
          await harness.deletes?.(ref);
          expect(await codeOf(harness.adapter.edit(ref, 'One two three', NONE))).toBe('OUTLET_GONE');
        });

        test('are edited again after the platform has had too many calls', async () => {
          const { where } = await ask();
          const ref = await post(where, 'One two', { state: 'running', turn: 'turn' });
          harness.turnDown?.('too many calls', 1000);
          const refused = await harness.adapter
            .edit(ref, 'One two three', NONE)
            .catch((error: unknown) => error);
          expect(refused).toMatchObject({ code: 'OUTLET_RATE_LIMITED', retryAfterMs: expect.any(Number) });
          await vi.waitFor(() => harness.adapter.edit(ref, 'One two three', NONE), {
            timeout: 10_000,
            interval: 250,
          });
          await reads('One two three');
        });

        test.each(['server error', 'cut connection'] as const)(
          'may work again after a %s',
          async (trouble) => {
            const { where } = await ask();
            const ref = await post(where, 'One two', { state: 'running', turn: 'turn' });
            harness.turnDown?.(trouble, 0);
            expect(await codeOf(harness.adapter.edit(ref, 'One two three', NONE))).toBe('OUTLET_FAILED');
            await harness.adapter.edit(ref, 'One two three four', NONE);
            await reads('One two three four');
          },
        );

        test('are posted by delivery in spite of trouble, once', async () => {
          replies = true;
          const { turn } = await ask();
          harness.turnDown?.('too many calls', 1000);
          answer(turn, 'A river of ice.');
          await reads('A river of ice.');
        });
      });
    }

    if (traits.knowsRepeats) {
      test('a post that is repeated because its answer was lost makes one message', async () => {
        const { where } = await ask();
        const first = await post(where, 'One two');
        const again = await post(where, 'One two');
        expect(again).toEqual(first);
        await reads('One two');
      });
    }

    if (traits.buttons) {
      describe('buttons', () => {
        test('are Stop while a reply runs, and others when it is done', async () => {
          const { where } = await ask();
          const ref = await post(where, 'One two', { state: 'running', turn: 'turn' });
          expect((await harness.sees()).map(({ buttons }) => buttons)).toEqual([['stop']]);
          await harness.adapter.edit(ref, 'One two', { state: 'done', turn: 'turn', task: 'chat' });
          expect((await harness.sees()).map(({ buttons }) => buttons)).toEqual([
            ['again', 'more', 'good', 'bad'],
          ]);
        });

        test('are none under what is no answer', async () => {
          const { where } = await ask();
          const ref = await post(where, 'One two', { state: 'running', turn: 'turn' });
          await harness.adapter.edit(ref, 'One two', NONE);
          expect((await harness.sees()).map(({ buttons }) => buttons)).toEqual([[]]);
        });

        test.each(['stop', 'again', 'more', 'good', 'bad'] as const)(
          'tell who pressed %s under which turn',
          async (action) => {
            const { where, request } = await ask();
            const controls: Controls =
              action === 'stop'
                ? { state: 'running', turn: 'turn' }
                : { state: 'done', turn: 'turn', task: 'chat' };
            await post(where, 'One two', controls);
            await harness.presses?.(action);
            const press = await vi.waitFor(() => {
              const [first] = presses;
              if (!first) throw new Error('nothing was pressed');
              return first;
            }, 10_000);
            expect(press).toMatchObject({ action, turn: 'turn', by: request.author });
            expect(press.where.conversation).toEqual(request.conversation);
            expect(JSON.parse(JSON.stringify(press))).toEqual(press);
          },
        );
      });
    }

    test('stops cleanly, and twice is once', async () => {
      replies = true;
      const { turn } = await ask();
      answer(turn, 'A river of ice.');
      await reads('A river of ice.');
      await Promise.all([harness.adapter.stop(), harness.adapter.stop()]);
      await harness.adapter.stop();
      await harness.says('Is anybody there?').catch(() => undefined);
      expect(requests).toHaveLength(1);
    });
  });
}
