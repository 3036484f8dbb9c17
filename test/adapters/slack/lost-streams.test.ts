import { afterEach, describe, expect, test } from 'vitest';
import { MemoryStore } from '../../../bot/store/memory-store.ts';
import type { FakeUser } from '../../fakes/slack/driver/fake-user.ts';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { type Parley, startParley } from './parley.ts';
import { complete } from './waiting.ts';

// Until a stream has ended, nothing in it says whose answer it is. Two answers in one thread must never both take it for
// theirs: the later one would wipe out the earlier one.

const parleys: Parley[] = [];

async function start(kept?: MemoryStore, joins?: Parley): Promise<Parley> {
  const parley = await startParley({
    engine: new ScriptedEngine(),
    ...(kept && { store: kept }),
    ...(joins && { joins: joins.slack }),
  });
  parleys.push(parley);
  return parley;
}

// The later one before the earlier one, whose Slack it is.
afterEach(async () => {
  for (const parley of parleys.splice(0).reverse()) await parley.stop();
});

const FIRST = 'Once upon a time there was a king.';
const SECOND = 'Then he went home to his queen.';

/** Both answers, in the order of their messages, once they are whole. */
async function bothAnswers({ slack }: Parley, ann: FakeUser): Promise<readonly string[]> {
  const whole = () =>
    ann.directMessages.answers().filter((answer) => complete(answer)?.actions.includes('again'));
  await slack.waitFor(() => whole().length === 2 && whole(), { what: 'both answers', within: 15_000 });
  return ann.directMessages.answers().map(({ read }) => read);
}

test('after a restart the second of two answers in a thread leaves the first one its stream, though its edit comes late', async () => {
  const kept = new MemoryStore();
  const first = await start(kept);
  const ann = first.slack.workspace.user('ann');
  const root = ann.dm('tell me');
  (await first.engine.next()).write(' Once upon a time').write(' there was');
  await first.slack.waitFor(() =>
    ann.directMessages.answers().find(({ read }) => read.includes('Once upon a time')),
  );
  await expect.poll(async () => (await kept.turns.unfinished())[0]?.posted.length).toBe(1);
  ann.dm('and then?', { thread: root.ts });
  await expect.poll(() => kept.turns.count()).toBe(2);
  await first.adapter.stop();

  const second = await start(kept, first);
  second.slack.failNext('chat.update', { kind: 'rate-limit', retryAfterSeconds: 1 });
  (await second.engine.next()).write(' a king.').end();
  (await second.engine.next()).write(` ${SECOND}`).end();
  expect(await bothAnswers(second, ann)).toEqual([FIRST, SECOND]);
});

describe('an answer whose stream was never confirmed', () => {
  test('keeps it when the next answer in the thread comes before it could be edited', async () => {
    const parley = await start();
    const { slack, engine } = parley;
    const ann = slack.workspace.user('ann');
    slack.failNext('chat.startStream', { kind: 'cut', when: 'after' });
    slack.failNext('chat.update', { kind: 'status', status: 500 });
    const root = ann.dm('tell me');
    const reply = await engine.next();
    reply.write(' Once upon a time there was');
    await slack.waitFor(() => slack.callsTo('chat.update').length > 0, { what: 'the edit' });
    ann.dm('and then?', { thread: root.ts });
    reply.write(' a king.').end();
    (await engine.next()).write(` ${SECOND}`).end();
    expect(await bothAnswers(parley, ann)).toEqual([FIRST, SECOND]);
  });

  test('does not take the stream of the next answer, whose start is not answered yet', async () => {
    const parley = await start();
    const { slack, engine } = parley;
    const ann = slack.workspace.user('ann');
    slack.failNext('chat.startStream', { kind: 'cut', when: 'before' });
    slack.failNext('chat.startStream', { kind: 'slow', milliseconds: 2_500 });
    const starts = slack.hold('chat.startStream');
    const root = ann.dm('tell me');
    const first = await engine.next();
    first.write(' Once upon a time there was');
    await starts.arrived;
    ann.dm('and then?', { thread: root.ts });
    first.write(' a king.').end();
    const second = await engine.next();
    const looks = slack.hold('conversations.replies');
    starts.release();
    second.write(` ${SECOND}`);
    await slack.waitFor(() => ann.directMessages.answers().length === 1, { what: 'the second stream' });
    await looks.arrived;
    looks.release();
    second.end();
    expect((await bothAnswers(parley, ann)).toSorted()).toEqual([FIRST, SECOND]);
  });
});
