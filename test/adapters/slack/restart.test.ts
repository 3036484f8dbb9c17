import { afterEach, expect, test } from 'vitest';
import { MemoryStore } from '../../../bot/store/memory-store.ts';
import type { Store, Turns } from '../../../bot/store/store.ts';
import type { FakeChannel } from '../../fakes/slack/driver/fake-channel.ts';
import type { SeenMessage } from '../../fakes/slack/driver/seen-message.ts';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { type Parley, startParley } from './parley.ts';
import { complete } from './waiting.ts';

// A bot that falls silent in the middle of an answer, and another one that has its store.

const store = () => new MemoryStore();
const parleys: Parley[] = [];

async function start(kept: Store, joins?: Parley): Promise<Parley> {
  const parley = await startParley({
    engine: new ScriptedEngine(),
    store: kept,
    ...(joins && { joins: joins.slack }),
  });
  parleys.push(parley);
  return parley;
}

// The later one before the earlier one, whose Slack it is.
afterEach(async () => {
  for (const parley of parleys.splice(0).reverse()) await parley.stop();
});

function readable(parley: Parley, channel: FakeChannel, text: string): Promise<SeenMessage> {
  const find = () => channel.answers().find(({ read }) => read.includes(text));
  return parley.slack.waitFor(find, { what: `"${text}"` });
}

/** Writes the rest of an answer that the other bot began, behind the tokens that it was given. */
async function goOn(parley: Parley, rest: string): Promise<void> {
  const reply = await parley.engine.next();
  expect(reply.options.shown).not.toEqual([]);
  reply.write(rest).end();
}

test('a streamed answer goes on in its message, with every word that was read', async () => {
  const kept = store();
  const first = await start(kept);
  const ann = first.slack.workspace.user('ann');
  ann.dm('tell me');
  (await first.engine.next()).write(' Once upon a time').write(' there was');
  const begun = await readable(first, ann.directMessages, 'Once upon a time');
  expect(begun.streaming).toBe('in_progress');
  await first.adapter.stop();

  const second = await start(kept, first);
  await goOn(second, ' a king.');
  const whole = () => ann.directMessages.answers().map(complete);
  await second.slack.waitFor(() => whole()[0]?.actions.includes('again'), { what: 'the whole answer' });
  expect(whole().map((answer) => answer?.read)).toEqual(['Once upon a time there was a king.']);
  await expect.poll(() => kept.turns.unfinished()).toEqual([]);
  const { agent } = second.slack.workspace;
  await second.slack.waitFor(() => agent.busy.sessions.length === 0, { what: 'the end of the session' });
  expect(agent.busy.lines).toEqual([]);
});

test('an answer in a channel goes on in its message', async () => {
  const kept = store();
  const first = await start(kept);
  const ann = first.slack.workspace.user('ann');
  const general = first.slack.workspace.channel('general');
  ann.says(general, 'tell me', { mention: true });
  (await first.engine.next()).write(' Once upon a time').write(' there was');
  await readable(first, general, 'Once upon a time');
  await first.adapter.stop();

  const second = await start(kept, first);
  await goOn(second, ' a king.');
  const whole = () => general.answers().map(complete);
  await second.slack.waitFor(() => whole()[0]?.actions.includes('again'), { what: 'the whole answer' });
  expect(whole().map((answer) => answer?.read)).toEqual(['Once upon a time there was a king.']);
  expect(second.slack.workspace.agent.busy).toEqual({ sessions: [], lines: [] });
});

test('the status line goes, though it arrived only behind the words of a bot that is no more', async () => {
  const kept = store();
  const first = await start(kept);
  const { slack } = first;
  const late = slack.hold('assistant.threads.setStatus');
  const general = slack.workspace.channel('general');
  slack.workspace.user('ann').says(general, 'tell me', { mention: true });
  const reply = await first.engine.next();
  await late.arrived;
  reply.write(' Once upon a time').write(' there was');
  await readable(first, general, 'Once upon a time');
  await first.adapter.stop();
  late.release();
  const { agent } = slack.workspace;
  await slack.waitFor(() => agent.busy.lines.length > 0, { what: 'the late status line' });

  const second = await start(kept, first);
  await goOn(second, ' a king.');
  await slack.waitFor(() => agent.busy.lines.length === 0, { what: 'the end of the status line' });
});

test('an answer that was shown whole before its bot could note it comes once', async () => {
  const kept = store();
  // It dies with each answer of Slack's on the way.
  const first = await start(notingNothing(kept));
  const ann = first.slack.workspace.user('ann');
  ann.dm('tell me');
  const reply = await first.engine.next();
  reply.write(' Once upon a time').write(' there was');
  await readable(first, ann.directMessages, 'Once upon a time');
  reply.write(' a king.').end();
  const whole = () => ann.directMessages.answers().map(complete);
  await first.slack.waitFor(() => whole()[0]?.actions.includes('again'), { what: 'the whole answer' });
  await first.adapter.stop();

  const second = await start(kept, first);
  (await second.engine.next()).end();
  await expect.poll(() => kept.turns.unfinished()).toEqual([]);
  expect(whole().map((answer) => answer?.read)).toEqual(['Once upon a time there was a king.']);
});

test.each([
  ['it was found but could not be edited', 'chat.update'],
  ['nobody could look for it', 'conversations.history'],
] as const)(
  'an answer that was posted minutes before the restart comes once, though at first %s',
  async (_, method) => {
    const kept = store();
    const first = await start(notingNothing(kept));
    const ann = first.slack.workspace.user('ann');
    const general = first.slack.workspace.channel('general');
    ann.slash('/ask', 'tell me', general);
    (await first.engine.next()).write(' Once upon a time').write(' there was');
    await readable(first, general, 'Once upon a time');
    await first.adapter.stop();
    first.slack.clock.advance(5 * 60_000);

    const second = await start(kept, first);
    second.slack.failNext(method, { kind: 'error', error: 'internal_error' });
    await goOn(second, ' a king.');
    await expect.poll(() => kept.turns.unfinished(), { timeout: 10_000 }).toEqual([]);
    expect(general.answers().map(({ read }) => read)).toEqual(['Once upon a time there was a king.']);
  },
);

test('another answer for one person alone leaves the first one as it is, though its bot could not note the end', async () => {
  const kept = store();
  const first = await start(withTurns(kept, { end: async () => undefined }));
  const ann = first.slack.workspace.user('ann');
  const general = first.slack.workspace.channel('general');
  const read = () => general.answers().map((answer) => answer.read);
  ann.slash('/ask', 'private: tell me', general);
  (await first.engine.next()).write(' Once upon a time there was a king.').end();
  const answer = await first.slack.waitFor(() =>
    general.answers().find(({ actions }) => actions.includes('again')),
  );
  const [asked] = await kept.turns.unfinished();
  await kept.turns.end(asked!.id);
  ann.press(answer, 'again');
  (await first.engine.next()).write(' In the beginning was a queen.').end();
  await expect
    .poll(async () => (await kept.turns.unfinished())[0]?.posted.length, { timeout: 10_000 })
    .toBe(1);
  await first.adapter.stop();

  const second = await start(kept, first);
  (await second.engine.next()).end();
  await expect.poll(() => kept.turns.unfinished(), { timeout: 10_000 }).toEqual([]);
  expect(read()).toEqual(['Once upon a time there was a king.', 'In the beginning was a queen.']);
});

/** The same store, to which nobody tells what was posted, and what has ended. */
function notingNothing(store: MemoryStore): Store {
  return withTurns(store, { post: async () => undefined, end: async () => undefined });
}

function withTurns(store: MemoryStore, changes: Partial<Turns>): Store {
  const { turns } = store;
  const changed: Turns = {
    take: (turn) => turns.take(turn),
    draft: (id, draft) => turns.draft(id, draft),
    write: (id, piece) => turns.write(id, piece),
    tryAgain: (id) => turns.tryAgain(id),
    gotOn: (id) => turns.gotOn(id),
    post: (id, place, posted) => turns.post(id, place, posted),
    end: (id) => turns.end(id),
    count: () => turns.count(),
    unfinished: () => turns.unfinished(),
    ...changes,
  };
  return new Proxy(store, {
    get: (whole, name) => (name === 'turns' ? changed : Reflect.get(whole, name, whole)),
  });
}
