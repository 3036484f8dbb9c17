import type { webApi } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FakeChannel } from './driver/fake-channel.ts';
import { FakeSlack } from './fake-slack.ts';
import type { FakeSlackSettings } from './options.ts';
import { chatMethods } from './web-api/chat.ts';
import { chatStreamMethods } from './web-api/chat-stream.ts';
import { refused, webClient } from './web-client.ts';

let slack: FakeSlack;
let client: webApi.WebClient;
let general: FakeChannel;

async function start(settings: FakeSlackSettings = {}) {
  slack = await FakeSlack.start(settings);
  client = webClient(slack);
  general = slack.workspace.channel('general');
}

beforeEach(() => start());
afterEach(() => slack.stop());

async function restart(settings: FakeSlackSettings) {
  await slack.stop();
  await start(settings);
}

describe('rate limits', () => {
  test('past its budget a method answers 429, and the client waits as long as Retry-After says', async () => {
    await restart({
      rateLimits: { 'chat.postMessage': { calls: 1, perMs: 500, burst: 1, scope: 'channel' } },
    });
    const random = slack.workspace.channel('random');
    const post = (channel: string) => client.chat.postMessage({ channel, text: 'hi' });
    await post(general.id);
    await post(random.id);
    await post(general.id);

    // A client that did not wait would have met more than one 429.
    const statuses = slack.callsTo('chat.postMessage').map((call) => call.status);
    expect(statuses).toEqual([200, 200, 429, 200]);
  });

  test('the clock brings a budget back', async () => {
    await restart({ rateLimits: { 'chat.update': { calls: 3, perMs: 180_000, scope: 'workspace' } } });
    const { ts } = await client.chat.postMessage({ channel: general.id, text: '0' });
    const hasty = webClient(slack, slack.botToken, { rejectRateLimitedCalls: true });
    const update = (text: string) => hasty.chat.update({ channel: general.id, ts: ts!, text });
    for (const text of ['1', '2', '3']) await update(text);

    await expect(update('4')).rejects.toMatchObject({
      code: 'slack_webapi_rate_limited_error',
      retryAfter: 60,
    });
    slack.clock.advance(60_000);
    await update('5');
    expect(general.answers()[0]?.read).toBe('5');
  });

  test("the limits are Slack's: fifty updates and a hundred appends a minute, a message a second a channel", () => {
    expect(chatMethods['chat.update']?.limit).toMatchObject({ calls: 50, perMs: 60_000, scope: 'workspace' });
    expect(chatStreamMethods['chat.appendStream']?.limit).toMatchObject({ calls: 100, perMs: 60_000 });
    expect(chatMethods['chat.postMessage']?.limit).toMatchObject({
      calls: 1,
      perMs: 1_000,
      scope: 'channel',
    });
  });
});

describe('faults', () => {
  const post = (text: string) => client.chat.postMessage({ channel: general.id, text });

  test('a failure comes as often as asked, for that method alone', async () => {
    slack.failNext('chat.postMessage', { kind: 'error', error: 'fatal_error' }, 2);

    await expect(post('one')).rejects.toMatchObject(refused('fatal_error'));
    await client.auth.test();
    await expect(post('two')).rejects.toMatchObject(refused('fatal_error'));
    await post('three');
    expect(general.answers().map((message) => message.read)).toEqual(['three']);
  });

  test('server errors and lines cut before the call are tried again by the client', async () => {
    slack.failNext('chat.postMessage', { kind: 'status', status: 503 });
    slack.failNext('chat.postMessage', { kind: 'cut', when: 'before' });
    await post('at last');

    expect(slack.callsTo('chat.postMessage').map((call) => call.status)).toEqual([503, 0, 200]);
    expect(general.answers()).toHaveLength(1);
  });

  test('a line cut after the call makes the client post twice', async () => {
    slack.failNext('chat.postMessage', { kind: 'cut', when: 'after' });
    await post('twice');

    expect(general.answers().map((message) => message.read)).toEqual(['twice', 'twice']);
  });

  test('an answer cut in the middle fails although the call was done', async () => {
    slack.failNext('chat.postMessage', { kind: 'cut', when: 'mid-answer' });

    await expect(post('once')).rejects.toThrow();
    expect(general.answers()).toHaveLength(1);
  });

  test('a slow call is done at once and answered late', async () => {
    slack.failNext('chat.postMessage', { kind: 'slow', milliseconds: 60_000 });
    const posted = post('slow');
    await slack.waitFor(() => general.answers()[0]);
    slack.clock.advance(60_000);

    expect((await posted).ok).toBe(true);
  });

  test('a held method waits at the door until it is released', async () => {
    const hold = slack.hold('chat.postMessage');
    const posted = post('later');
    await hold.arrived;
    expect(general.answers()).toEqual([]);
    hold.release();

    await posted;
    expect(general.answers()).toHaveLength(1);
  });
});
