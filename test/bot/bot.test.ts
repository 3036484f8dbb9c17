import { describe, expect, test } from 'vitest';
import { AttachmentError } from '../../bot/attachment-error.ts';
import { Bot } from '../../bot/bot.ts';
import type { BotLimits } from '../../bot/bot-options.ts';
import type { Surroundings } from '../../bot/ports.ts';
import type { ChatRequest, HistoryMessage } from '../../bot/request.ts';
import type { Turn } from '../../bot/turn.ts';
import type { TurnEvent } from '../../bot/turn-event.ts';
import { createLogger } from '../../config/logger.ts';
import { Channel } from '../../inference/engine/channel.ts';
import type { Chunk, Engine } from '../../inference/engine/engine.ts';
import { InferenceError } from '../../inference/errors.ts';
import { ScriptedEngine, type ScriptedReply } from '../fixtures/scripted-engine.ts';
import { ANN, BOB, BOT, command, line, message, NOTES, request } from './requests.ts';

/** A conversation of which the test knows what was said in it. */
function place(said: readonly HistoryMessage[] = [], files: Record<string, string> = {}): Surroundings {
  return {
    self: BOT,
    history: async (_, limit) => said.toReversed().slice(0, limit),
    attachment: async ({ name }) => {
      const text = files[name];
      if (text === undefined) throw new AttachmentError('NOT_FOUND', `There is no file ${name}.`);
      return Buffer.from(text);
    },
  };
}

function setUp(engine: Engine | Promise<Engine> = new ScriptedEngine(), limits?: Partial<BotLimits>) {
  const log: string[] = [];
  const logger = createLogger({
    level: 'trace',
    secrets: [],
    format: 'json',
    write: (record) => log.push(record),
  });
  const bot = new Bot({
    engine: Promise.resolve(engine),
    logger,
    limits: { statusPatienceMs: 1, ...limits },
  });
  let next = 0;
  /** Hands a request over, each under an id of its own. */
  const ask = (asked: ChatRequest, where: Surroundings = place()): Turn => {
    next += 1;
    const turn = bot.handle({ ...asked, id: `request-${next}` }, where);
    if (!turn) throw new Error('not taken');
    return turn;
  };
  return { bot, ask, log };
}

async function eventsOf(turn: Turn): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of turn.events) events.push(event);
  return events;
}

async function until(turn: Turn, type: TurnEvent['type']): Promise<AsyncIterator<TurnEvent>> {
  const iterator = turn.events[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await iterator.next();
    if (done) throw new Error(`no ${type} came`);
    if (value.type === type) return iterator;
  }
}

async function rest(iterator: AsyncIterator<TurnEvent>): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for (let step = await iterator.next(); !step.done; step = await iterator.next()) events.push(step.value);
  return events;
}

const says = (text: string) => (reply: ScriptedReply) => reply.write(text).end();

describe('a turn', () => {
  test('is told as it happens: the place in the queue, the text as it grows, the end with its figures', async () => {
    const engine = new ScriptedEngine((reply) => reply.queued(2).write('A cup').write(' of tea.').end());
    const events = await eventsOf(setUp(engine).ask(line('What would you like?')));
    expect(events).toMatchObject([
      { type: 'queued', place: 2, estimatedWaitMs: 2000 },
      { type: 'delta', text: 'A cup' },
      { type: 'delta', text: ' of tea.' },
      { type: 'final', text: 'A cup of tea.', reason: 'eos', result: { seed: 7, newTokens: 2 } },
    ]);
  });

  test('of the chat task has the conversation before it as memory', async () => {
    const engine = new ScriptedEngine(says(' Fine.'));
    const said = [message(ANN, 'Hi', 1), message(BOT, 'Hello!', 2)];
    await eventsOf(setUp(engine).ask(line('How are you?'), place(said)));
    expect(engine.replies[0]?.prompt).toBe('Q: Hi\nA: Hello!\nQ: How are you?\nA:');
  });

  test('names the speakers where there are several', async () => {
    const engine = new ScriptedEngine(says(' Yes.'));
    const said = [message(BOB, 'Hi', 1), message(BOT, 'Hello!', 2)];
    await eventsOf(setUp(engine).ask(request({ text: 'Me too?' }), place(said)));
    expect(engine.replies[0]?.prompt).toBe('Q: Bob: Hi\nA: Hello!\nQ: Ann: Me too?\nA:');
  });

  test('about a message has it as its context, and what was asked before', async () => {
    const engine = new ScriptedEngine(says(' At nine.'));
    const said = [message(ANN, 'Which boat?', 1), message(BOT, 'The white one.', 2)];
    const repliedTo = message(BOB, 'The white boat leaves at nine.', 1);
    await eventsOf(setUp(engine).ask(request({ text: 'When?', repliedTo }), place(said)));
    expect(engine.replies[0]?.prompt).toBe(
      'The white boat leaves at nine.\n\nQ: Which boat?\nA: The white one.\nQ: When?\nA:',
    );
  });

  test('about a file reads the file', async () => {
    const engine = new ScriptedEngine(says(' Ann.'));
    const where = place([], { 'notes.txt': 'Ann came late.' });
    await eventsOf(setUp(engine).ask(command('ask', 'Who?', { attachments: [NOTES] }), where));
    expect(engine.replies[0]?.prompt).toBe('Ann came late.\n\nQ: Who?\nA:');
  });

  test('of a question from memory leaves the conversation out', async () => {
    const engine = new ScriptedEngine(says(' A leaf.'));
    const said = [message(ANN, 'Hi', 1), message(BOT, 'Hello!', 2)];
    await eventsOf(setUp(engine).ask(command('ask', 'What is tea?'), place(said)));
    expect(engine.replies[0]?.prompt).toBe('Q: What is tea?\nA:');
  });

  test('that sums up with nothing given sums up what was said', async () => {
    const engine = new ScriptedEngine(says(' Tea.'));
    const said = [message(ANN, 'Tea?', 1), message(BOB, 'Yes.', 2)];
    await eventsOf(setUp(engine).ask(request({ text: 'tl;dr' }), place(said)));
    expect(engine.replies[0]?.prompt).toBe('Ann: Tea?\nBob: Yes.\n\nTL;DR:');
  });

  test('says plainly what was left out of a text that is too long', async () => {
    const engine = new ScriptedEngine(says(' Long.'));
    const events = await eventsOf(setUp(engine).ask(line('long '.repeat(1000))));
    expect(events).toContainEqual({ type: 'notice', text: expect.stringMatching(/only its end/) });
  });

  test('whose answer is empty says so', async () => {
    const events = await eventsOf(setUp(new ScriptedEngine(says('\n'))).ask(line('Well?')));
    expect(events.slice(-2)).toMatchObject([
      { type: 'notice', text: expect.stringMatching(/nothing to say/) },
      { type: 'final', text: '', reason: 'eos' },
    ]);
  });

  test('whose context is full says so', async () => {
    const engine = new ScriptedEngine((reply) => reply.write('And so on').end('length', true));
    const events = await eventsOf(setUp(engine).ask(line('Go on')));
    expect(events.slice(-2)).toMatchObject([
      { type: 'notice', text: expect.stringMatching(/ends here/) },
      { type: 'final', reason: 'length' },
    ]);
  });
});

describe('what the bot does not answer', () => {
  test('a request that was delivered twice', () => {
    const { bot } = setUp();
    expect(bot.handle(line('Hi', { id: 'a' }), place())).toBeDefined();
    expect(bot.handle(line('Hi', { id: 'a' }), place())).toBeUndefined();
    expect(bot.handle(request({ text: 'Hi', id: 'a' }), place())).toBeDefined();
  });

  test('itself', () => {
    expect(setUp().bot.handle(line('Hi', { author: BOT }), place())).toBeUndefined();
  });
});

describe('order', () => {
  test('one turn at a time in a conversation, in the order of arrival', async () => {
    const engine = new ScriptedEngine();
    const { ask } = setUp(engine);
    const first = ask(line('one'));
    const second = eventsOf(ask(line('two')));
    const third = eventsOf(ask(line('three')));
    (await engine.next()).write('1').end();
    await eventsOf(first);
    (await engine.next()).write('2').end();
    expect((await second)[0]).toEqual({ type: 'waiting', for: 'turn' });
    (await engine.next()).write('3').end();
    await third;
    expect(engine.replies.map((reply) => reply.prompt)).toEqual(['Q: one\nA:', 'Q: two\nA:', 'Q: three\nA:']);
  });

  test('other conversations go on meanwhile', async () => {
    const engine = new ScriptedEngine();
    const { ask } = setUp(engine);
    ask(line('slow'));
    const elsewhere = ask(line('quick', { conversation: { platform: 'terminal', id: 'elsewhere' } }));
    await engine.next();
    (await engine.next()).write('Done.').end();
    expect((await eventsOf(elsewhere)).at(-1)).toMatchObject({ type: 'final', text: 'Done.' });
    expect(engine.replies[0]?.ended).toBe(false);
  });

  test('too many waiting in one conversation are told at once', async () => {
    const { ask } = setUp(new ScriptedEngine(), { waitingPerConversation: 1 });
    ask(line('one'));
    ask(line('two'));
    expect(await eventsOf(ask(line('three')))).toMatchObject([{ type: 'failed', code: 'TOO_MANY_WAITING' }]);
  });

  test('help and status do not wait for a reply', async () => {
    const engine = new ScriptedEngine();
    const { ask } = setUp(engine);
    ask(line('slow'));
    await engine.next();
    expect((await eventsOf(ask(command('help')))).at(-1)).toMatchObject({ type: 'final', reason: 'stop' });
    expect((await eventsOf(ask(command('status')))).at(-1)).toMatchObject({
      type: 'final',
      text: expect.stringMatching(/1 running/),
    });
  });
});

describe('stopping', () => {
  test('leaves the text so far and says so', async () => {
    const engine = new ScriptedEngine();
    const { ask, bot } = setUp(engine);
    const turn = ask(line('Tell me'));
    (await engine.next()).write('Once upon');
    const events = await until(turn, 'delta');
    expect(bot.stop(turn.id)).toBe(true);
    expect(await rest(events)).toMatchObject([
      { type: 'notice', text: 'Stopped.' },
      { type: 'final', text: 'Once upon', reason: 'aborted' },
    ]);
    expect(engine.replies[0]?.ended).toBe(true);
    expect(bot.stop(turn.id)).toBe(false);
  });

  test('works while the model is being loaded', async () => {
    const { ask, bot } = setUp(new Promise(() => undefined));
    const turn = ask(line('Hi'));
    const events = await until(turn, 'waiting');
    bot.stop(turn.id);
    expect((await rest(events)).at(-1)).toMatchObject({ type: 'final', text: '', reason: 'aborted' });
  });

  test('a turn that waits leaves the line, and the one behind it does not pass the one before it', async () => {
    const engine = new ScriptedEngine();
    const { ask, bot } = setUp(engine);
    ask(line('one'));
    const second = ask(line('two'));
    const third = eventsOf(ask(line('three')));
    const first = await engine.next();
    bot.stop(second.id);
    expect((await eventsOf(second)).at(-1)).toMatchObject({ reason: 'aborted' });
    expect(engine.replies).toHaveLength(1);
    first.write('1').end();
    (await engine.next()).write('3').end();
    await third;
    expect(engine.replies[1]?.prompt).toContain('three');
  });

  test('a reader who goes away stops the turn', async () => {
    const engine = new ScriptedEngine();
    const turn = setUp(engine).ask(line('Tell me'));
    (await engine.next()).write('Once upon');
    for await (const event of turn.events) if (event.type === 'delta') break;
    await expect.poll(() => engine.replies[0]?.ended).toBe(true);
  });

  test('closing the bot ends every turn with what there is', async () => {
    const engine = new ScriptedEngine();
    const { ask, bot } = setUp(engine);
    const turns = ['one', 'two'].map((text) => eventsOf(ask(line(text))));
    await engine.next();
    await bot.close();
    for (const turn of turns) expect((await turn).at(-1)).toMatchObject({ type: 'final', reason: 'aborted' });
  });

  test('closing the bot does not wait for an engine that has hung', async () => {
    const engine = new ScriptedEngine();
    engine.generate = () => new Channel<Chunk>()[Symbol.asyncIterator]();
    const { ask, bot } = setUp(engine, { closePatienceMs: 1 });
    ask(line('Tell me'));
    await expect(bot.close()).resolves.toBeUndefined();
  });
});

describe('controls', () => {
  test('reset forgets what was said before it, and nothing said later', async () => {
    const engine = new ScriptedEngine(says(' Yes.'));
    const { ask } = setUp(engine);
    const said = [
      message(ANN, 'old', 1),
      message(BOT, 'older', 2),
      message(ANN, 'new', 4),
      message(BOT, 'newer', 5),
    ];
    await eventsOf(ask(command('reset', '', { at: 3 }), place(said)));
    await eventsOf(ask(line('And?'), place(said)));
    expect(engine.replies[0]?.prompt).toBe('Q: new\nA: newer\nQ: And?\nA:');
  });

  test('reset waits for the reply that runs, so that it is forgotten too', async () => {
    const engine = new ScriptedEngine();
    const { ask } = setUp(engine);
    ask(line('one'));
    const reset = ask(command('reset'));
    (await engine.next()).write('1').end();
    expect((await eventsOf(reset)).map((event) => event.type)).toEqual(['waiting', 'delta', 'final']);
  });

  test('status says that the model is being loaded', async () => {
    const events = await eventsOf(setUp(new Promise(() => undefined)).ask(command('status')));
    expect(events.at(-1)).toMatchObject({ text: expect.stringMatching(/being loaded/) });
  });

  test('status does not wait for an engine that says nothing any more', async () => {
    const hung = Object.assign(new ScriptedEngine(), { stats: () => new Promise<never>(() => undefined) });
    const final = (await eventsOf(setUp(hung).ask(command('status')))).at(-1);
    expect(final).toMatchObject({ type: 'final', text: expect.stringMatching(/does not answer right now/) });
  });

  test('status shows model, speed, memory, queue and restarts', async () => {
    const { ask } = setUp(new ScriptedEngine());
    await Promise.resolve();
    const final = (await eventsOf(ask(command('status')))).at(-1);
    expect(final).toMatchObject({ type: 'final' });
    expect(final?.type === 'final' && final.text.split('\n')).toEqual([
      'model     script (6.4 million parameters, q4), reads 1024 tokens at once',
      'speed     123 tokens a second',
      'memory    200 MB; running replies use 1 MB of at most 512 MB',
      'reuse     0 % of all prompt tokens; 0 MB kept for it',
      'queue     0 running, 0 waiting',
      'written   42 tokens',
      'restarts  3',
    ]);
  });
});

describe('what goes wrong is told in words for the person', () => {
  test.each([
    ['QUEUE_FULL', /in about 3 s/],
    ['PROMPT_FAILED', /other words/],
    ['ENGINE_CLOSED', /shutting down/],
    ['ENGINE_FAILED', /not running/],
  ] as const)('%s', async (code, words) => {
    const engine = new ScriptedEngine((reply) =>
      reply.fail(new InferenceError(code, 'Ask again in about 3 s.')),
    );
    const events = await eventsOf(setUp(engine).ask(line('Hi')));
    expect(events.at(-1)).toMatchObject({ type: 'failed', code, message: expect.stringMatching(words) });
  });

  test('what people have seen of the answer stays', async () => {
    const engine = new ScriptedEngine();
    const turn = setUp(engine).ask(line('Hi'));
    const reply = (await engine.next()).write('Half an');
    const events = await until(turn, 'delta');
    reply.fail(new InferenceError('PROMPT_FAILED', 'It died.'));
    expect((await rest(events)).at(-1)).toMatchObject({ type: 'failed', text: 'Half an' });
  });

  test('a mistake of ours is calm for the person and whole in the log, without what people wrote', async () => {
    const engine = new ScriptedEngine((reply) => reply.fail(new TypeError('x is not a function')));
    const { ask, log } = setUp(engine);
    expect((await eventsOf(ask(line('my secret diary')))).at(-1)).toMatchObject({
      type: 'failed',
      code: 'INTERNAL',
    });
    expect(log.join('')).toContain('x is not a function');
    expect(log.join('')).not.toContain('diary');
  });

  test('a file that is not there, and a file that is no text', async () => {
    const { ask } = setUp();
    const summarize = command('summarize', '', { attachments: [NOTES] });
    expect((await eventsOf(ask(summarize))).at(-1)).toMatchObject({ type: 'failed', code: 'NOT_FOUND' });
    const binary = place([], { 'notes.txt': 'PK\0\0\0' });
    expect((await eventsOf(ask(summarize, binary))).at(-1)).toMatchObject({ type: 'failed', code: 'BINARY' });
  });

  test('nothing to sum up', async () => {
    expect((await eventsOf(setUp().ask(command('summarize')))).at(-1)).toMatchObject({
      type: 'failed',
      code: 'NOTHING_TO_SUMMARIZE',
    });
  });

  test('a history that cannot be read', async () => {
    const where = { ...place(), history: () => Promise.reject(new Error('socket closed')) };
    expect((await eventsOf(setUp().ask(line('Hi'), where))).at(-1)).toMatchObject({ code: 'INTERNAL' });
  });

  test('an engine that cannot start', async () => {
    const { ask } = setUp(Promise.reject(new InferenceError('CHECKPOINT_NOT_FOUND', '/nope is not there.')));
    expect((await eventsOf(ask(line('Hi')))).at(-1)).toMatchObject({
      type: 'failed',
      code: 'CHECKPOINT_NOT_FOUND',
    });
    expect((await eventsOf(ask(command('status')))).at(-1)).toMatchObject({ type: 'failed' });
  });
});
