import { describe, expect, test } from 'vitest';
import { Bot } from '../../bot/bot.ts';
import type { Surroundings } from '../../bot/ports.ts';
import type { ChatRequest } from '../../bot/request.ts';
import type { TurnEvent } from '../../bot/turn-event.ts';
import { createLogger } from '../../config/logger.ts';
import { ScriptedEngine } from '../fixtures/scripted-engine.ts';
import { BOT, command, line, NOTES } from './requests.ts';

const NOTHING_SAID: Surroundings = {
  self: BOT,
  history: async () => [],
  attachment: async () => Buffer.from('Ann came late. '.repeat(300)),
};

/** A conversation with a bot whose model says another number each time, and whose own seeds count up from 100. */
function setUp() {
  let number = 0;
  const engine = new ScriptedEngine((reply) => {
    number += 1;
    reply.write(` ${['One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven'][number - 1] ?? 'More'}.`).end();
  });
  let drawn = 99;
  const random = {
    getRandomValues: (words: Uint32Array<ArrayBuffer>) => {
      drawn += 1;
      return words.fill(drawn);
    },
  };
  const logger = createLogger({ level: 'silent', secrets: [], format: 'json' });
  const bot = new Bot({ engine: Promise.resolve(engine), logger, random });
  let next = 0;
  const ask = async (asked: ChatRequest): Promise<TurnEvent[]> => {
    next += 1;
    const turn = bot.handle({ ...asked, id: `request-${next}` }, NOTHING_SAID);
    const events: TurnEvent[] = [];
    for await (const event of turn?.events ?? []) events.push(event);
    return events;
  };
  const prompts = () => engine.replies.map(({ prompt }) => prompt);
  const seeds = () => engine.replies.map(({ options }) => options.seed);
  return { ask, engine, prompts, seeds };
}

const answerOf = (events: readonly TurnEvent[]) => {
  const end = events.at(-1);
  return end?.type === 'failed' ? end : end?.type === 'final' ? end.text : undefined;
};

describe('again', () => {
  test('gives the same prompt another seed, whatever was said since', async () => {
    const { ask, prompts, seeds } = setUp();
    await ask(line('Count.'));
    expect(answerOf(await ask(command('again')))).toBe('Two.');
    expect(answerOf(await ask(command('again')))).toBe('Three.');
    expect(prompts()).toEqual(['Q: Count.\nA:', 'Q: Count.\nA:', 'Q: Count.\nA:']);
    expect(seeds()).toEqual([undefined, 100, 101]);
  });

  test('draws what is usually decoded greedily, since it would be the same again', async () => {
    const { ask, engine } = setUp();
    await ask(command('translate', 'One.'));
    await ask(command('again'));
    expect(engine.replies.map(({ options }) => options.sampling.temperature)).toEqual([0, 0.7]);
  });

  test('reads a file again for a task that takes several prompts', async () => {
    const { ask, prompts } = setUp();
    await ask(command('summarize', '', { attachments: [NOTES] }));
    const first = prompts().length;
    expect(first).toBeGreaterThan(2);
    await ask(command('again'));
    expect(prompts().slice(first, 2 * first - 1)).toEqual(prompts().slice(0, first - 1));
  });

  test('is no answer of its own to be repeated, but takes the place of the one before', async () => {
    const { ask, prompts } = setUp();
    await ask(line('Count.'));
    await ask(command('again'));
    await ask(command('status'));
    await ask(command('again'));
    expect(new Set(prompts())).toEqual(new Set(['Q: Count.\nA:']));
  });

  test('means the last answer of its own conversation', async () => {
    const { ask, prompts } = setUp();
    const elsewhere = { conversation: { platform: 'terminal', id: 'elsewhere' } } as const;
    await ask(line('Here.'));
    await ask(line('There.', elsewhere));
    await ask(command('again'));
    expect(prompts().at(-1)).toBe('Q: Here.\nA:');
  });

  test('means the turn that is named, as a button under it does', async () => {
    const { ask, prompts } = setUp();
    await ask(line('First.'));
    await ask(line('Second.'));
    await ask(command('again', '', { options: { turn: 'terminal:session/request-1' } }));
    expect(prompts().at(-1)).toBe('Q: First.\nA:');
  });

  test.each([
    ['with nothing before it', [], /nothing|no answer here yet.*Ask something first/],
    ['after a reset', [line('Count.'), command('reset')], /no answer here yet/],
    ['after a choice, in which there is no chance', [command('choose', 'A ___ | b | c')], /no chance/],
    [
      'after a text too long to keep',
      [command('summarize', 'Too long. '.repeat(10_000))],
      /too long to keep.*Send it once more/,
    ],
  ] as const)('%s says what to do', async (_, before, words) => {
    const { ask, engine } = setUp();
    for (const one of before) await ask(one);
    const asked = engine.replies.length;
    expect(answerOf(await ask(command('again')))).toMatchObject({ message: expect.stringMatching(words) });
    expect(engine.replies).toHaveLength(asked);
  });
});

describe('more', () => {
  test('goes on behind the opening and all that was written, each time', async () => {
    const { ask, prompts } = setUp();
    await ask(command('write', ' The Bees '));
    await ask(line('Nice.'));
    expect(answerOf(await ask(command('more')))).toBe('Three.');
    await ask(command('more'));
    expect(prompts()).toEqual(['The Bees', 'Q: Nice.\nA:', 'The Bees One.', 'The Bees One. Three.']);
  });

  test('goes on behind the newest wording of the last piece', async () => {
    const { ask, prompts } = setUp();
    await ask(command('write', 'Bees'));
    await ask(command('more'));
    await ask(command('again'));
    await ask(command('more'));
    expect(prompts()).toEqual(['Bees', 'Bees One.', 'Bees One.', 'Bees One. Three.']);
  });

  test('with nothing before it says what to do', async () => {
    const { ask } = setUp();
    await ask(line('Hello.'));
    expect(answerOf(await ask(command('more')))).toMatchObject({
      code: 'NOTHING_BEFORE',
      message: expect.stringMatching(/no text here yet.*\/write/),
    });
  });
});

describe('seed', () => {
  test('is drawn for every reply, and told', async () => {
    const { ask } = setUp();
    expect(answerOf(await ask(command('seed')))).toBe(
      'Every reply draws a seed of its own. /seed 42 fixes it at 42.',
    );
    await ask(line('Count.'));
    expect(answerOf(await ask(command('seed')))).toContain('The last one had 7.');
  });

  test('is fixed for every reply until it is let go', async () => {
    const { ask, seeds } = setUp();
    expect(answerOf(await ask(command('seed', '42')))).toMatch(/every reply here has the seed 42/);
    await ask(line('a'));
    const final = (await ask(line('b'))).at(-1);
    expect(final).toMatchObject({ result: { seed: 42 } });
    await ask(command('seed', 'off'));
    await ask(line('c'));
    expect(seeds()).toEqual([42, 42, undefined]);
  });

  test('is fixed for the next reply only', async () => {
    const { ask, seeds } = setUp();
    await ask(command('seed', '42 next'));
    expect(answerOf(await ask(command('seed')))).toMatch(/The next reply has the seed 42/);
    await ask(line('a'));
    await ask(line('b'));
    expect(seeds()).toEqual([42, undefined]);
  });

  test('that is fixed for every reply is not the one of another answer', async () => {
    const { ask, seeds } = setUp();
    await ask(command('seed', '42'));
    await ask(line('a'));
    await ask(command('again'));
    await ask(line('b'));
    expect(seeds()).toEqual([42, 100, 42]);
  });

  test('stays fixed over a reset, and in its own conversation', async () => {
    const { ask, seeds } = setUp();
    await ask(command('seed', '42'));
    await ask(command('reset'));
    await ask(line('a'));
    await ask(line('b', { conversation: { platform: 'terminal', id: 'elsewhere' } }));
    expect(seeds()).toEqual([42, undefined]);
  });

  test.each(['-1', '4294967296', '1.5', '0x10', 'fortytwo', '42 times', '9'.repeat(100)])(
    'cannot be %s, which is told with what can be',
    async (typed) => {
      const { ask } = setUp();
      expect(answerOf(await ask(command('seed', typed)))).toMatchObject({
        code: 'SEED_UNCLEAR',
        message: expect.stringMatching(/from 0 to 4294967295.*\/seed 42/),
      });
    },
  );
});
