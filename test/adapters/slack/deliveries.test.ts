import { afterEach, describe, expect, test } from 'vitest';
import { MemoryStore } from '../../../bot/store/memory-store.ts';
import type { FakeSlackSettings } from '../../fakes/slack/options.ts';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { echo, type Parley, startParley } from './parley.ts';
import { answerIn, complete, quiet } from './waiting.ts';

let parley: Parley;

afterEach(() => parley.stop());

const modes: readonly NonNullable<FakeSlackSettings['mode']>[] = ['socket', 'http'];

describe.each(modes)('in %s mode', (mode) => {
  test('a storm, in which every event comes three times and in any order, yields one answer each', async () => {
    parley = await startParley({ slack: { mode } });
    const { slack } = parley;
    const people = ['ann', 'ben', 'cleo', 'dan'].map((name) => slack.workspace.user(name));
    const channels = ['general', 'random'].map((name) => slack.workspace.channel(name));
    const said = people.flatMap((person) => [
      ...channels.map((channel) =>
        person.says(channel, `say: ${person.name}`, { mention: true, hold: true }),
      ),
      person.dm(`say: ${person.name}`, { hold: true }),
    ]);
    slack.storm(
      said.flatMap(({ deliveries }) => deliveries),
      3,
    );
    const everywhere = () => [...channels, ...people.map((person) => person.directMessages)];
    await slack.waitFor(
      () =>
        said.every(({ threadTs, ts }) =>
          everywhere().some((channel) =>
            complete(channel.answers({ thread: threadTs }).find((answer) => answer.ts !== ts)),
          ),
        ),
      { within: 30_000 },
    );
    await quiet(parley);

    for (const { ts } of said) {
      const answers = everywhere().flatMap((channel) => channel.answers({ thread: ts }));
      expect(answers).toHaveLength(1);
    }
  });

  test('a message that comes again under another event id is answered once', async () => {
    parley = await startParley({ slack: { mode } });
    const { slack } = parley;
    const general = slack.workspace.channel('general');
    const said = slack.workspace.user('ann').says(general, 'say: once', { mention: true });
    await answerIn(parley, general, { thread: said.ts });
    slack.redeliver(said.deliveries, 2, { newEventId: true });
    await quiet(parley);

    expect(general.answers()).toHaveLength(1);
  });

  test('an event that comes again after a restart is not answered again', async () => {
    const store = new MemoryStore();
    parley = await startParley({ slack: { mode }, store });
    const { slack } = parley;
    const general = slack.workspace.channel('general');
    const said = slack.workspace.user('ann').says(general, 'say: once', { mention: true });
    await answerIn(parley, general, { thread: said.ts });
    await parley.adapter.stop();
    const again = await startParley({ joins: slack, slack: { mode }, store });
    slack.redeliver(said.deliveries, 2);
    slack.redeliver(said.deliveries, 1, { newEventId: true });
    await quiet(again);
    await again.stop();

    expect(general.answers()).toHaveLength(1);
  });

  test('everything is acknowledged at once, however long the engine takes', async () => {
    const engine = new ScriptedEngine();
    parley = await startParley({ slack: { mode }, engine });
    const { slack } = parley;
    const general = slack.workspace.channel('general');
    const ann = slack.workspace.user('ann');
    const said = ann.says(general, 'tell me', { mention: true });
    const deliveries = [
      ...said.deliveries,
      ann.slash('/ask', 'why?', general).delivery,
      ann.shortcut('summarize_thread', said).delivery,
    ];
    await slack.waitFor(() => deliveries.every((delivery) => delivery.acknowledged));

    expect(deliveries.flatMap(({ attempts }) => attempts)).toHaveLength(deliveries.length);
    // The shortcut's summary waits until the thread's earlier question is answered.
    await expect.poll(() => engine.replies.length).toBe(2);
  });
});

describe('when the connection ends', () => {
  test.each([
    ['is cut', () => parley.slack.sockets.dropAll()],
    ['is refreshed', () => parley.slack.sockets.disconnectAll('refresh_requested')],
  ] as const)('and %s in the middle of an answer, nothing of the answer is lost', async (_, cut) => {
    const engine = new ScriptedEngine();
    parley = await startParley({ engine });
    const { slack } = parley;
    const general = slack.workspace.channel('general');
    slack.workspace.user('ann').says(general, 'tell me', { mention: true });
    const reply = await engine.next();
    reply.write(' Once upon a time');
    await slack.waitFor(() => general.answers()[0]?.read.includes('Once upon'));
    cut();
    reply.write(' there was a king.').end();

    expect((await answerIn(parley, general)).read).toBe('Once upon a time there was a king.');
  });

  test('the bot connects again at once, and answers what came meanwhile, also what Slack does not send again', async () => {
    parley = await startParley({ slack: { delivery: { keepsWhileOffline: () => false } } });
    const { slack } = parley;
    const general = slack.workspace.channel('general');
    const ann = slack.workspace.user('ann');
    const first = ann.says(general, 'say: before', { mention: true });
    await answerIn(parley, general, { thread: first.ts });
    slack.sockets.dropAll();
    await slack.waitFor(() => slack.sockets.connections.length === 0);
    const missed = ann.says(general, 'say: missed', { mention: true });
    const inThread = ann.says(general, 'say: missed in the thread', { thread: first.ts });

    expect(missed.deliveries.map(({ state }) => state)).toEqual(['lost', 'lost']);
    expect((await answerIn(parley, general, { thread: missed.ts })).read).toBe('missed');
    expect((await answerIn(parley, general, { thread: inThread.threadTs }, 1)).read).toBe(
      'missed in the thread',
    );
    await quiet(parley);
    expect(general.answers()).toHaveLength(3);
  });

  test('a later message that comes first does not hide an earlier one that was lost', async () => {
    parley = await startParley({ slack: { delivery: { keepsWhileOffline: (nth) => nth > 1 } } });
    const { slack } = parley;
    const general = slack.workspace.channel('general');
    const ann = slack.workspace.user('ann');
    const first = ann.says(general, 'say: before', { mention: true });
    await answerIn(parley, general, { thread: first.ts });
    slack.sockets.dropAll();
    await slack.waitFor(() => slack.sockets.connections.length === 0);
    const lost = ann.says(general, 'say: lost', { mention: true });
    const kept = ann.says(general, 'say: kept', { mention: true });

    expect((await answerIn(parley, general, { thread: kept.ts })).read).toBe('kept');
    expect((await answerIn(parley, general, { thread: lost.ts })).read).toBe('lost');
  });

  test('what came up while the bot was not running is answered also where nobody had asked it before', async () => {
    const store = new MemoryStore();
    parley = await startParley({ slack: { delivery: { keepsWhileOffline: () => false } }, store });
    const { slack } = parley;
    const general = slack.workspace.channel('general');
    const ann = slack.workspace.user('ann');
    ann.says(general, 'Good morning.');
    await expect.poll(() => store.heard.latest(10)).toHaveLength(1);
    await parley.adapter.stop();
    const missed = ann.says(general, 'say: missed', { mention: true });
    const again = await startParley({ joins: slack, store });
    expect((await answerIn(again, general, { thread: missed.ts })).read).toBe('missed');
    await quiet(again);
    expect(general.answers()).toHaveLength(1);
    await again.stop();
  });

  test('what came up while the bot was not running is answered, in the conversations that it knew', async () => {
    const store = new MemoryStore();
    parley = await startParley({ slack: { delivery: { keepsWhileOffline: () => false } }, store });
    const { slack } = parley;
    const general = slack.workspace.channel('general');
    const ann = slack.workspace.user('ann');
    const first = ann.says(general, 'say: before', { mention: true });
    await answerIn(parley, general, { thread: first.ts });
    await parley.adapter.stop();
    const missed = ann.says(general, 'say: missed', { mention: true });
    ann.says(general, 'say: missed in the thread', { thread: first.ts });
    const again = await startParley({ joins: slack, store });

    expect((await answerIn(again, general, { thread: missed.ts })).read).toBe('missed');
    expect((await answerIn(again, general, { thread: first.ts }, 1)).read).toBe('missed in the thread');
    await quiet(again);
    expect(general.answers()).toHaveLength(3);
    await again.stop();
  });

  test('what is older than a quarter of an hour is not answered any more', async () => {
    parley = await startParley({ slack: { delivery: { keepsWhileOffline: () => false } } });
    const { slack } = parley;
    const general = slack.workspace.channel('general');
    const ann = slack.workspace.user('ann');
    const first = ann.says(general, 'say: before', { mention: true });
    await answerIn(parley, general, { thread: first.ts });
    const hold = slack.hold('apps.connections.open');
    slack.sockets.dropAll();
    await hold.arrived;
    const old = ann.says(general, 'say: old', { mention: true });
    slack.clock.advance(16 * 60_000);
    const recent = ann.says(general, 'say: recent', { mention: true });
    hold.release();
    await answerIn(parley, general, { thread: recent.ts });

    expect(general.answers({ thread: old.ts })).toEqual([]);
  });

  test('a network that is down for a while is waited out', async () => {
    parley = await startParley({ engine: echo() });
    const { slack } = parley;
    const ann = slack.workspace.user('ann');
    slack.failNext('apps.connections.open', { kind: 'cut', when: 'before' }, 2);
    slack.sockets.dropAll();
    await slack.waitFor(() => slack.callsTo('apps.connections.open').length >= 4 && slack.sockets.ready);
    ann.dm('say: back again');

    expect((await answerIn(parley, ann.directMessages)).read).toBe('back again');
    expect(parley.log.join('')).toContain('tried again');
  });

  test('stopping in the middle of a reconnection is quiet', async () => {
    parley = await startParley();
    const { slack } = parley;
    const hold = slack.hold('apps.connections.open');
    slack.sockets.dropAll();
    await hold.arrived;
    const stopped = parley.adapter.stop();
    hold.release();
    await stopped;

    expect(slack.sockets.connections).toEqual([]);
  });
});
