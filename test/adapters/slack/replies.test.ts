import { afterEach, describe, expect, test } from 'vitest';
import { MemoryStore } from '../../../bot/store/memory-store.ts';
import type { FakeChannel } from '../../fakes/slack/driver/fake-channel.ts';
import type { FakeUser } from '../../fakes/slack/driver/fake-user.ts';
import type { SeenMessage } from '../../fakes/slack/driver/seen-message.ts';
import { ScriptedEngine, type ScriptedReply } from '../../fixtures/scripted-engine.ts';
import { type Parley, type ParleySetUp, startParley } from './parley.ts';

let parley: Parley;
let general: FakeChannel;
let ann: FakeUser;

afterEach(() => parley.stop());

async function start(setUp: ParleySetUp = {}) {
  parley = await startParley({ engine: new ScriptedEngine(), ...setUp });
  general = parley.slack.workspace.channel('general');
  ann = parley.slack.workspace.user('ann');
}

async function asked(): Promise<ScriptedReply> {
  ann.says(general, 'tell me', { mention: true });
  return parley.engine.next();
}

function seen(look: (message: SeenMessage) => unknown, what: string): Promise<SeenMessage> {
  return parley.slack.waitFor(() => general.answers().find(look), { what });
}

describe('an answer in a channel', () => {
  test('is posted with its first words and a Stop button, edited as it grows, and ends with its own buttons', async () => {
    await start();
    const reply = await asked();
    reply.write(' Once upon a time');
    expect((await seen(({ read }) => read.includes('Once upon'), 'the first words')).actions).toEqual([
      'stop',
    ]);
    reply.write(' there was a king');
    await seen(({ read }) => read.includes('there was'), 'more words');
    reply.write(' who slept.').end();
    const answer = await seen(({ actions }) => actions.includes('again'), 'the end');

    expect(answer.read).toBe('Once upon a time there was a king who slept.');
    expect(answer.actions).toEqual(['again', 'more', 'feedback']);
    expect(answer.versions.map(({ how }) => how)).toEqual(['posted', 'updated', 'updated']);
    expect(answer.edited).toBe(false);
    expect(general.answers()).toHaveLength(1);
  });

  test('shows what it waits for when words are long in coming', async () => {
    await start();
    const reply = await asked();
    reply.queued(2);
    await seen(({ read }) => read.includes('2nd in the queue'), 'the place in the queue');
    reply.write(' Once upon a time there was a king.').end();

    expect((await seen(({ actions }) => actions.includes('again'), 'the end')).read).toBe(
      'Once upon a time there was a king.',
    );
  });

  test('calls nobody, links nothing and unfurls nothing, whatever the model writes', async () => {
    await start();
    const { slack } = parley;
    const written =
      ' <!channel> <!here> <@USLACK> <!subteam^S1> @channel @ann [click](https://evil.example/a) <https://evil.example/b|here> & so on';
    const reply = await asked();
    reply.write(written.replace('USLACK', ann.id)).end();
    const answer = await seen(({ actions }) => actions.includes('again'), 'the end');
    ann.dm('tell me');
    const direct = await parley.engine.next();
    direct.write(written.replace('USLACK', ann.id));
    await slack.waitFor(() => ann.directMessages.answers()[0]);
    direct.end();
    const streamed = await slack.waitFor(
      () => ann.directMessages.answers()[0]?.actions.includes('again') && ann.directMessages.answers()[0],
    );

    for (const message of [answer, streamed]) {
      expect(message?.pings).toEqual([]);
      expect(message?.unfurled).toEqual([]);
    }
    expect(answer.read).toContain(`<!channel> <!here> <@${ann.id}>`);
    expect(answer.read).toContain('click (https://evil.example/a)');
    expect(answer.read).toContain('& so on');
  });

  test("is in Slack's Markdown", async () => {
    await start();
    (await asked()).write(' # Tea\n- **Green** tea\n- `black` *tea*').end();
    const answer = await seen(({ actions }) => actions.includes('again'), 'the end');

    expect(answer.text).toBe('*Tea*\n• *Green* tea\n• `black` _tea_');
  });

  test('goes on in a second message when it is long', async () => {
    await start();
    const text = Array.from({ length: 700 }, (_, index) => `word${index}`).join(' ');
    (await asked()).write(` ${text}`).end();
    await seen(({ actions }) => actions.includes('again'), 'the end');
    const answers = general.answers();

    expect(answers.map(({ read }) => read).join(' ')).toBe(text);
    expect(answers.length).toBeGreaterThan(1);
    expect(answers.slice(0, -1).flatMap(({ actions }) => actions)).toEqual([]);
  });

  test('stays whole when the text has many characters to escape', async () => {
    await start();
    const text = Array.from({ length: 450 }, (_, index) => `&&&&&${index} <`).join(' ');
    (await asked()).write(` ${text}`).end();
    await seen(({ actions }) => actions.includes('again'), 'the end');

    expect(
      general
        .answers()
        .map(({ read }) => read.replaceAll('\n', ' '))
        .join(' '),
    ).toBe(text);
    expect(parley.slack.calls.every(({ error }) => error === undefined)).toBe(true);
  });

  test('keeps to the budget of updates, and the end arrives', async () => {
    await start({ slack: { rateLimits: {} } });
    const replies: ScriptedReply[] = [];
    for (let nth = 0; nth < 4; nth += 1) replies.push(await asked());
    for (let word = 0; word < 60; word += 1) {
      for (const reply of replies) reply.write(` word${word}`);
      await new Promise(setImmediate);
    }
    for (const reply of replies) reply.end();
    await parley.slack.waitFor(
      () => general.answers().filter(({ actions }) => actions.includes('again')).length === 4,
      { within: 30_000 },
    );

    expect(parley.slack.calls.filter(({ status }) => status === 429)).toEqual([]);
  });

  test.each([
    ['a post that is cut off before', 'chat.postMessage', 'before'],
    ['a post that is cut off behind', 'chat.postMessage', 'after'],
    ['a post that is cut off in its answer', 'chat.postMessage', 'mid-answer'],
    ['an update that is cut off before', 'chat.update', 'before'],
    ['an update that is cut off behind', 'chat.update', 'after'],
  ] as const)('is there once, whole, after %s', async (_, method, when) => {
    await start();
    parley.slack.failNext(method, { kind: 'cut', when });
    const reply = await asked();
    reply.write(' Once upon a time');
    await seen(({ read }) => read.includes('Once upon'), 'the first words');
    reply.write(' there was a king.').end();
    const answer = await seen(({ actions }) => actions.includes('again'), 'the end');

    expect(answer.read).toBe('Once upon a time there was a king.');
    expect(general.answers()).toHaveLength(1);
  });

  test('ends when its channel is gone, and so does the work on it', async () => {
    await start();
    const reply = await asked();
    reply.write(' Once upon a time');
    await seen(({ read }) => read.includes('Once upon'), 'the first words');
    general.archive();
    parley.slack.failAlways('chat.update', { kind: 'error', error: 'is_archived' });
    reply.write(' there was');
    await expect.poll(() => reply.ended, { timeout: 10_000 }).toBe(true);
  });
});

describe('buttons', () => {
  test('Stop ends the answer with what could be read, and the generation with it', async () => {
    await start();
    const reply = await asked();
    reply.write(' Once upon a time');
    const answer = await seen(({ read }) => read.includes('Once upon'), 'the first words');
    ann.press(answer, 'stop');
    await expect.poll(() => reply.ended, { timeout: 10_000 }).toBe(true);

    expect((await seen(({ actions }) => actions.includes('again'), 'the end')).read).toContain('Stopped.');
  });

  test('Again gives another answer beside the first, for the person who asked', async () => {
    await start();
    (await asked()).write(' Once upon a time there was a king.').end();
    const answer = await seen(({ actions }) => actions.includes('again'), 'the end');
    ann.press(answer, 'again');
    (await parley.engine.next()).write(' In the beginning was a queen.').end();
    const another = await seen(
      ({ read, actions }) => read.includes('queen') && actions.includes('again'),
      'the other',
    );

    expect(another.threadTs).toBe(answer.threadTs);
    expect(general.message(answer.ts).read).toBe('Once upon a time there was a king.');
  });

  test('More goes on with what was written', async () => {
    await start();
    ann.says(general, 'write The Old Lighthouse', { mention: true });
    (await parley.engine.next()).write(' stood on a rock.').end();
    const answer = await seen(({ actions }) => actions.includes('more'), 'the end');
    ann.press(answer, 'more');
    (await parley.engine.next()).write(' Nobody had lit it for years.').end();

    expect((await seen(({ read }) => read.includes('years'), 'more')).threadTs).toBe(answer.threadTs);
  });

  test('others may not decide, and are told so, alone; administrators may', async () => {
    await start();
    const { slack } = parley;
    const ben = slack.workspace.user('ben');
    const reply = await asked();
    reply.write(' Once upon a time');
    const answer = await seen(({ read }) => read.includes('Once upon'), 'the first words');
    ben.press(answer, 'stop');
    const note = await seen(({ read }) => read.includes('Only the person who asked'), 'the note');
    expect(note.ephemeralFor).toBe('ben');
    expect(reply.ended).toBe(false);
    const admin = slack.workspace.user('admin');
    admin.administers();
    admin.press(answer, 'stop');
    await expect.poll(() => reply.ended, { timeout: 10_000 }).toBe(true);
  });

  test.each([
    ['positive', 'It is noted as a good answer.'],
    ['negative', 'It is noted as a bad answer.'],
  ] as const)('%s feedback is kept, and thanked for to the presser alone', async (choice, thanks) => {
    const store = new MemoryStore();
    await start({ store });
    (await asked()).write(' Once upon a time there was a king.').end();
    const answer = await seen(({ actions }) => actions.includes('again'), 'the end');
    parley.slack.workspace.user('ben').press(answer, 'feedback', choice);
    const note = await seen(({ read }) => read.includes(thanks), 'the thanks');

    expect(note.ephemeralFor).toBe('ben');
    expect(await store.feedback.tally()).toEqual(
      choice === 'positive' ? { good: 1, bad: 0 } : { good: 0, bad: 1 },
    );
  });

  test('work under an answer that only one person sees', async () => {
    await start();
    ann.slash('/ask', 'private: tell me', general);
    const reply = await parley.engine.next();
    await seen(({ actions }) => actions.includes('stop'), 'the placeholder');
    const placeholder = general.answers()[0]!;
    ann.press(placeholder, 'stop');
    await expect.poll(() => reply.ended, { timeout: 10_000 }).toBe(true);

    const stopped = await seen(({ read }) => read.includes('Stopped'), 'the end');
    expect(stopped.ephemeralFor).toBe('ann');

    ann.press(stopped, 'again');
    (await parley.engine.next()).write(' Once upon a time there was a king.').end();
    const another = await seen(({ read }) => read.includes('king'), 'the other answer');
    expect(another).toMatchObject({ ephemeralFor: 'ann' });
    expect(another.ts).not.toBe(stopped.ts);
  });
});

describe.concurrent('an answer through a response URL', () => {
  test.each([
    ['in private', 'private: tell me', undefined],
    ['where the bot is no member', 'tell me', { withBot: false }],
  ] as const)('%s takes a placeholder, at most two updates, and the final text', async (_, text, options) => {
    const { slack, engine, stop } = await startParley({ engine: new ScriptedEngine() });
    const channel = slack.workspace.channel('elsewhere', options ?? {});
    slack.workspace.user('ben').slash('/ask', text, channel);
    const reply = await engine.next();
    await slack.waitFor(() => channel.answers()[0], { what: 'the placeholder' });
    for (let word = 0; word < 40; word += 1) {
      reply.write(` word${word}`);
      await new Promise(setImmediate);
    }
    await slack.waitFor(() => channel.answers()[0]?.read.includes('word'), { what: 'an update' });
    reply.write(' the end.').end();
    const answer = await slack.waitFor(() =>
      channel.answers().find(({ actions }) => actions.includes('again')),
    );

    expect(answer.read).toMatch(/^word0 .* the end\.$/u);
    expect(channel.answers()).toHaveLength(1);
    expect(slack.responseUrlUses.length).toBeLessThanOrEqual(4);
    expect(slack.responseUrlUses.every(({ status }) => status === 200)).toBe(true);
    await stop();
  });
});
