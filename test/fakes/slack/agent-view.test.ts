import type { webApi } from '@slack/bolt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FakeChannel } from './driver/fake-channel.ts';
import type { FakeUser } from './driver/fake-user.ts';
import { FakeSlack } from './fake-slack.ts';
import { refused, webClient } from './web-client.ts';

let slack: FakeSlack;
let client: webApi.WebClient;
let general: FakeChannel;
let ann: FakeUser;

beforeEach(async () => {
  slack = await FakeSlack.start({ rateLimits: 'off' });
  client = webClient(slack);
  general = slack.workspace.channel('general');
  ann = slack.workspace.user('ann');
});

afterEach(() => slack.stop());

/** The inner events that the app got, or would get. */
function events() {
  return slack.deliveries.map((delivery) => (delivery.payload as { event: Record<string, unknown> }).event);
}

test('opening it is an event; prompts, title and status line are what the app last set', async () => {
  ann.opensApp();
  expect(events()[0]).toMatchObject({ type: 'app_home_opened', tab: 'messages', user: ann.id });
  const channel_id = ann.directMessages.id;
  const { ts: thread_ts } = ann.dm('hello');
  const { agent } = slack.workspace;
  await client.assistant.threads.setSuggestedPrompts({
    channel_id,
    prompts: [{ title: 'Summarize', message: 'Summarize #general' }],
  });
  await client.assistant.threads.setTitle({ channel_id, thread_ts, title: 'Hello' });
  await client.assistant.threads.setStatus({ channel_id, thread_ts, status: 'is thinking' });

  const { record } = ann.directMessages;
  expect(agent.suggestedPrompts.get(channel_id)?.prompts).toHaveLength(1);
  expect(agent.titles.get(`${channel_id}:${thread_ts}`)).toBe('Hello');
  expect(agent.statusLine(record, thread_ts)).toBe('is thinking');
  slack.clock.advance(120_001);
  expect(agent.statusLine(record, thread_ts)).toBeUndefined();
});

test('more than four prompts are refused', async () => {
  const prompt = { title: 'One', message: 'more' };
  const call = client.assistant.threads.setSuggestedPrompts({
    channel_id: ann.directMessages.id,
    prompts: Array(5).fill(prompt),
  });

  await expect(call).rejects.toMatchObject(refused('invalid_arguments'));
});

test('the older assistant view starts a thread and tells which channel the person looks at', () => {
  const thread = ann.startsAssistantThread(general);
  ann.looksAt(slack.workspace.channel('random'), thread.ts);

  expect(events().map(({ type }) => type)).toEqual([
    'assistant_thread_started',
    'assistant_thread_context_changed',
  ]);
  expect(events()[0]).toMatchObject({ assistant_thread: { context: { channel_id: general.id } } });
});
