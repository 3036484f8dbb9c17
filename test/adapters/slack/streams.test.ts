import { afterEach, describe, expect, test } from 'vitest';
import type { FakeUser } from '../../fakes/slack/driver/fake-user.ts';
import type { SeenMessage } from '../../fakes/slack/driver/seen-message.ts';
import { ScriptedEngine, type ScriptedReply } from '../../fixtures/scripted-engine.ts';
import { type Parley, type ParleySetUp, startParley } from './parley.ts';
import { answerIn } from './waiting.ts';

let parley: Parley;
let ann: FakeUser;

afterEach(() => parley.stop());

async function start(setUp: ParleySetUp = {}) {
  parley = await startParley({ engine: new ScriptedEngine(), ...setUp });
  ann = parley.slack.workspace.user('ann');
}

/** Ann asks in a direct message, and the model has said these words, which can be read. */
async function streaming(words: string): Promise<ScriptedReply> {
  ann.dm('tell me');
  const reply = await parley.engine.next();
  reply.write(words);
  await readable(words.trim().split(' ').slice(0, -1).join(' '));
  return reply;
}

function readable(text: string): Promise<SeenMessage> {
  const answer = () => ann.directMessages.answers()[0];
  return parley.slack.waitFor(() => answer()?.read.includes(text) && answer(), { what: `"${text}"` });
}

/** The whole answer: what can be pressed under it says so. */
function whole(): Promise<SeenMessage> {
  const answer = () => ann.directMessages.answers()[0];
  return parley.slack.waitFor(() => answer()?.actions.includes('again') && answer(), {
    what: 'the whole answer',
  });
}

function calls(method: string): number {
  return parley.slack.callsTo(method).length;
}

describe('in direct messages', () => {
  test('an answer streams: started once, appended to, and stopped with its buttons', async () => {
    await start();
    const reply = await streaming(' Once upon a time');
    reply.write(' there was a king');
    await readable('there was a');
    reply.write(' who slept.').end();
    const answer = await whole();

    expect(answer).toMatchObject({
      read: 'Once upon a time there was a king who slept.',
      streaming: 'completed',
    });
    expect(answer.actions).toEqual(['again', 'more', 'feedback']);
    expect(answer.versions.map(({ how }) => how)).toEqual(
      expect.arrayContaining(['posted', 'appended', 'stopped']),
    );
    expect(calls('chat.update')).toBe(0);
    expect(calls('chat.startStream')).toBe(1);
  });

  test.each(['nowhere', 'direct-messages'] as const)(
    'with streams %s the answer is whole all the same',
    async (support) => {
      await start({ slack: { streams: { support } } });
      const reply = await streaming(' Once upon a time');
      reply.write(' there was a king.').end();

      expect((await whole()).read).toBe('Once upon a time there was a king.');
    },
  );

  test('a workspace that has no streams is not asked again for each answer', async () => {
    await start({ slack: { streams: { support: 'nowhere' } } });
    for (const nth of [0, 1]) {
      ann.dm('tell me');
      const reply = await parley.engine.next();
      reply.write(' Once upon a time there was');
      await parley.slack.waitFor(() => ann.directMessages.answers()[nth]);
      reply.write(' a king.').end();
      await answerIn(parley, ann.directMessages, {}, nth);
    }

    expect(calls('chat.startStream')).toBe(1);
  });

  test('without the agent view there would be no way to stop a stream: the answer is posted with a Stop button', async () => {
    await start({ slack: { agent: false } });
    const reply = await streaming(' Once upon a time');

    expect(ann.directMessages.answers()[0]?.actions).toEqual(['stop']);
    reply.write(' there was a king.').end();
    expect((await whole()).read).toBe('Once upon a time there was a king.');
    expect(calls('chat.startStream')).toBe(0);
  });

  test('a stream is left after four minutes, before it dies, and its message edited from then on', async () => {
    await start();
    const reply = await streaming(' Once upon a time');
    parley.slack.clock.advance(4 * 60_000 + 1);
    reply.write(' there was a king');
    await readable('there was a');
    reply.write(' who slept.').end();
    const answer = await whole();

    expect(answer.read).toBe('Once upon a time there was a king who slept.');
    expect(answer.versions.map(({ how }) => how)).toContain('updated');
    expect(ann.directMessages.answers()).toHaveLength(1);
    expect(answer.actions).toEqual(['again', 'more', 'feedback']);
  });

  test('a stream that died is found out, and its message edited', async () => {
    await start({ slack: { streams: { lifetimeMs: 1_000 } } });
    const reply = await streaming(' Once upon a time');
    parley.slack.clock.advance(2_000);
    reply.write(' there was a king.').end();

    expect((await whole()).read).toBe('Once upon a time there was a king.');
    expect(ann.directMessages.answers()).toHaveLength(1);
  });

  test('a stream is left near 12,000 characters, and nothing is lost', async () => {
    await start();
    const long = Array.from({ length: 1_400 }, (_, index) => `${index} & <more>`).join(' ');
    ann.dm('tell me');
    const reply = await parley.engine.next();
    for (const words of long.match(/.{1,900}/gsu) ?? []) {
      const before = parley.slack.calls.length;
      reply.write(words);
      await parley.slack.waitFor(() => parley.slack.calls.length > before);
    }
    reply.end();
    await parley.slack.waitFor(() => ann.directMessages.answers().at(-1)?.actions.includes('again'));
    const read = ann.directMessages.answers().map((message) => message.read.replaceAll('\n', ' '));

    expect(read.join(' ')).toBe(long);
    expect(parley.slack.calls.filter(({ error }) => error === 'msg_too_long')).toEqual([]);
  });

  test('when too many begin at once, some are posted instead', async () => {
    await start({
      slack: { rateLimits: {} },
      engine: new ScriptedEngine((reply) => reply.write(' Once upon a time there was a king.')),
    });
    const people = Array.from({ length: 25 }, (_, index) => parley.slack.workspace.user(`person${index}`));
    for (const person of people) person.dm('tell me');
    await parley.slack.waitFor(() => people.every((person) => person.directMessages.answers().length > 0));
    for (const reply of parley.engine.replies) reply.end();
    await parley.slack.waitFor(
      () => people.every((person) => person.directMessages.answers()[0]?.actions.includes('again')),
      { within: 30_000 },
    );

    expect(people.map((person) => person.directMessages.answers().length)).toEqual(people.map(() => 1));
    expect(parley.slack.callsTo('chat.startStream').every(({ status }) => status === 200)).toBe(true);
  });

  describe('what goes wrong on the wire neither loses words nor says them twice', () => {
    test.each([
      ['the start is cut off before', 'chat.startStream', 'before'],
      ['the start is cut off behind', 'chat.startStream', 'after'],
      ['an append is cut off before', 'chat.appendStream', 'before'],
      ['an append is cut off behind', 'chat.appendStream', 'after'],
      ['an append is cut off in its answer', 'chat.appendStream', 'mid-answer'],
      ['the end is cut off before', 'chat.stopStream', 'before'],
      ['the end is cut off behind', 'chat.stopStream', 'after'],
    ] as const)('%s', async (_, method, when) => {
      await start();
      parley.slack.failNext(method, { kind: 'cut', when });
      ann.dm('tell me');
      const reply = await parley.engine.next();
      reply.write(' Once upon a time');
      await readable('Once upon a');
      reply.write(' there was a king');
      await readable('there was a');
      reply.write(' who slept.').end();
      const answer = await whole();

      expect(answer.read).toBe('Once upon a time there was a king who slept.');
      expect(ann.directMessages.answers()).toHaveLength(1);
      expect(answer.actions).toEqual(['again', 'more', 'feedback']);
    });

    test.each(['chat.appendStream', 'chat.stopStream'] as const)(
      '%s is refused with 429 or fails with 500',
      async (method) => {
        await start();
        parley.slack.failNext(method, { kind: 'rate-limit', retryAfterSeconds: 1 });
        parley.slack.failNext(method, { kind: 'status', status: 500 });
        const reply = await streaming(' Once upon a time');
        reply.write(' there was a king').write(' who slept.').end();

        expect((await whole()).read).toBe('Once upon a time there was a king who slept.');
      },
    );
  });
});

describe('a stream whose start was never confirmed', () => {
  test('is found again, though the answer is complete by then', async () => {
    await start();
    parley.slack.failNext('chat.startStream', { kind: 'cut', when: 'after' });
    ann.dm('tell me');
    const reply = await parley.engine.next();
    reply.write(' Once upon a time there was');
    await parley.slack.waitFor(() => calls('chat.startStream') > 0);
    reply.write(' a king.').end();
    await parley.slack.waitFor(() => ann.directMessages.answers().at(-1)?.actions.includes('again'));

    const answers = ann.directMessages.answers();
    expect(answers.map(({ read, streaming }) => [read, streaming])).toEqual([
      ['Once upon a time there was a king.', 'completed'],
    ]);
  });
});

test('a stream that was found again is not lost when the next call goes wrong as well', async () => {
  await start();
  const { slack } = parley;
  slack.failNext('chat.startStream', { kind: 'cut', when: 'after' });
  slack.failNext('chat.stopStream', { kind: 'cut', when: 'after' });
  slack.failNext('chat.update', { kind: 'status', status: 500 });
  ann.dm('tell me');
  const reply = await parley.engine.next();
  reply.write(' Once upon a time there was');
  await slack.waitFor(() => calls('chat.update') > 1, { what: 'the second edit' });
  reply.write(' a king.').end();
  await slack.waitFor(() => ann.directMessages.answers().at(-1)?.actions.includes('again'));

  expect(ann.directMessages.answers().map(({ read }) => read)).toEqual([
    'Once upon a time there was a king.',
  ]);
});

describe('in the agent view', () => {
  test('prompts are suggested when somebody opens it', async () => {
    await start();
    ann.opensApp();
    const suggested = await parley.slack.waitFor(() =>
      parley.slack.workspace.agent.suggestedPrompts.get(ann.directMessages.id),
    );

    expect(suggested.prompts.length).toBeGreaterThan(0);
    expect(suggested.prompts.length).toBeLessThanOrEqual(4);
    expect(parley.slack.callsTo('assistant.threads.setSuggestedPrompts')[0]?.args.thread_ts).toBeUndefined();
  });

  test('the status line says that the bot is thinking, and the session is processing until the answer is whole', async () => {
    await start();
    const { slack } = parley;
    const said = ann.dm('tell me');
    const reply = await parley.engine.next();
    const { agent } = slack.workspace;
    await slack.waitFor(() => agent.status(ann.directMessages.record, said.ts) === 'processing');
    await slack.waitFor(() => agent.statusLine(ann.directMessages.record, said.ts) === 'is thinking …');
    reply.write(' Once upon a time there was a king.').end();
    await slack.waitFor(() => agent.status(ann.directMessages.record, said.ts) === 'active');

    expect(agent.statusLine(ann.directMessages.record, said.ts)).toBeUndefined();
  });

  test.each([
    { kind: 'rate-limit', retryAfterSeconds: 1 },
    { kind: 'error', error: 'internal_error' },
    { kind: 'status', status: 500 },
  ] as const)('the session ends, though Slack does not take the end of it at first (%j)', async (failure) => {
    await start({ slack: { streams: { support: 'nowhere' } } });
    const { slack } = parley;
    ann.dm('tell me');
    const reply = await parley.engine.next();
    const { agent } = slack.workspace;
    await slack.waitFor(() => agent.busy.sessions.length > 0);
    slack.failNext('agents.sessions.setStatus', failure);
    reply.write(' Once upon a time there was a king.').end();

    await slack.waitFor(() => agent.busy.sessions.length === 0, { what: 'the end of the session' });
  });

  test('the session ends, though nobody knows at first that it has begun', async () => {
    await start({ slack: { streams: { support: 'nowhere' } } });
    const { slack } = parley;
    slack.failNext('agents.sessions.setStatus', { kind: 'cut', when: 'after' });
    ann.dm('tell me');
    const reply = await parley.engine.next();
    reply.write(' Once upon a time there was a king.').end();
    await whole();

    await slack.waitFor(() => slack.workspace.agent.busy.sessions.length === 0, {
      what: 'the end of the session',
    });
  });

  test('the status line goes, though nobody knows at first that the answer was posted', async () => {
    await start();
    const { slack } = parley;
    const general = slack.workspace.channel('general');
    slack.failNext('chat.postMessage', { kind: 'cut', when: 'after' });
    ann.says(general, 'tell me', { mention: true });
    const reply = await parley.engine.next();
    reply.write(' Once upon a time there was a king.').end();
    await slack.waitFor(() => general.answers()[0]?.actions.includes('again'));

    const { agent } = slack.workspace;
    await slack.waitFor(() => agent.busy.lines.length === 0, { what: 'the end of the status line' });
    expect(general.answers()).toHaveLength(1);
  });

  test('the status line goes, though it arrives only behind the answer', async () => {
    await start();
    const { slack } = parley;
    const general = slack.workspace.channel('general');
    const late = slack.hold('assistant.threads.setStatus');
    ann.says(general, 'tell me', { mention: true });
    const reply = await parley.engine.next();
    await late.arrived;
    reply.write(' Once upon a time there was a king.').end();
    await slack.waitFor(() => general.answers()[0]?.actions.includes('again'));
    late.release();
    const { agent } = slack.workspace;
    await slack.waitFor(() => calls('assistant.threads.setStatus') === 2 && agent.busy.lines.length === 0, {
      what: 'the end of the status line',
    });
  });

  test("Slack's own stop button stops the answer, and what could be read stays", async () => {
    await start();
    const { slack } = parley;
    const said = ann.dm('tell me');
    const reply = await parley.engine.next();
    reply.write(' Once upon a time');
    await readable('Once upon a');
    ann.stops(said);
    await expect.poll(() => reply.ended, { timeout: 10_000 }).toBe(true);
    const answer = await slack.waitFor(() => {
      const [message] = ann.directMessages.answers();
      return message?.actions.includes('again') && message;
    });

    expect(answer.read).toContain('Once upon a time');
    expect(answer.read).toContain('Stopped.');
    await slack.waitFor(() => slack.workspace.agent.status(ann.directMessages.record, said.ts) === 'active');
  });
});
