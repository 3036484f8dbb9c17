import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Parley, startParley } from './parley.ts';
import { answerIn, quiet } from './waiting.ts';

// Over HTTP anybody can call: only what Slack has signed, a moment ago, is heard, and each of it once.

let parley: Parley;

beforeEach(async () => {
  parley = await startParley({ slack: { mode: 'http' } });
});

afterEach(() => parley.stop());

/** A mention as Slack would tell it, which it does not by itself. */
function mention(text: string) {
  const { workspace } = parley.slack;
  const general = workspace.channel('general');
  const { deliveries } = workspace.user('ann').says(general, text, { mention: true, hold: true });
  const payload = deliveries[0]?.payload ?? {};
  return { general, payload };
}

const minutesFromNow = (minutes: number) => Math.floor(Date.now() / 1000) + minutes * 60;

describe('an event over HTTP', () => {
  test('that is signed by Slack is answered', async () => {
    const { general, payload } = mention('say: heard');
    expect((await parley.slack.http.request('events_api', payload)).status).toBe(200);
    expect((await answerIn(parley, general)).read).toBe('heard');
  });

  test.each([
    ['without a signature', { signature: 'absent' }],
    ['with a wrong signature', { signature: `v0=${'0'.repeat(64)}` }],
    ['with a signature of another version', { signature: 'v1=00' }],
    ['signed with another secret', { secret: 'a secret that somebody has guessed' }],
    ['signed six minutes ago', { timestamp: minutesFromNow(-6) }],
  ] as const)('%s is refused, and nothing is done about it', async (_, forgery) => {
    const { general, payload } = mention('say: forged');
    expect((await parley.slack.http.request('events_api', payload, forgery)).status).toBe(401);
    await quiet(parley);
    expect(general.answers()).toEqual([]);
    expect(parley.log.join('')).not.toContain('forged');
  });

  test('whose text was changed behind the signature is refused', async () => {
    const { general, payload } = mention('say: changed');
    const timestamp = minutesFromNow(0);
    const { sign } = await import('../../fakes/slack/delivery/signature.ts');
    const signature = sign(
      parley.slack.signingSecret,
      timestamp,
      JSON.stringify(mention('say: other').payload),
    );
    const answer = await parley.slack.http.request('events_api', payload, { timestamp, signature });
    expect(answer.status).toBe(401);
    await quiet(parley);
    expect(general.answers()).toEqual([]);
  });

  test('that somebody has overheard and sends again is answered once', async () => {
    const { general, payload } = mention('say: once');
    await parley.slack.http.request('events_api', payload);
    await answerIn(parley, general);
    for (let time = 0; time < 3; time += 1) await parley.slack.http.request('events_api', payload);
    await quiet(parley);
    expect(general.answers()).toHaveLength(1);
  });
});

describe('a command over HTTP', () => {
  function command() {
    const { app, workspace } = parley.slack;
    const general = workspace.channel('general');
    return {
      general,
      payload: {
        token: app.verificationToken,
        team_id: app.teamId,
        api_app_id: app.appId,
        channel_id: general.id,
        channel_name: 'general',
        user_id: workspace.user('ann').record.id,
        user_name: 'ann',
        command: '/ask',
        text: 'say: commanded',
        trigger_id: '1.2.forged',
      },
    };
  }

  test('that is not signed is refused', async () => {
    const { general, payload } = command();
    const forgery = { secret: 'a secret that somebody has guessed' };
    expect((await parley.slack.http.request('slash_commands', payload, forgery)).status).toBe(401);
    await quiet(parley);
    expect(general.answers()).toEqual([]);
  });

  test('that somebody has overheard and sends again is answered once', async () => {
    const { general, payload } = command();
    for (let time = 0; time < 3; time += 1) await parley.slack.http.request('slash_commands', payload);
    await answerIn(parley, general);
    await quiet(parley);
    expect(general.answers()).toHaveLength(1);
  });
});

test('a path, typed by somebody in a chat, is text and opens no file', async () => {
  const { slack, engine, adapter } = parley;
  const ann = slack.workspace.user('ann');
  const general = slack.workspace.channel('general');
  ann.slash('/summarize', '/etc/hostname', general);
  await answerIn(parley, general);
  expect(engine.replies.at(-1)?.prompt).toBe('/etc/hostname\n\nTL;DR:');
  for (const location of ['/etc/hostname', 'file:///etc/hostname', '../../etc/hostname'])
    await expect(adapter.attachment({ name: 'it', location })).rejects.toMatchObject({ code: 'UNREADABLE' });
  ann.dm('model ./models/starter');
  await answerIn(parley, ann.directMessages);
  expect(engine.replies.at(-1)?.prompt).toContain('model ./models/starter');
});
