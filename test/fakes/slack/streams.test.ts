import type { webApi } from '@slack/bolt';
import { afterEach, expect, test } from 'vitest';
import type { Said } from './driver/said.ts';
import { FakeSlack } from './fake-slack.ts';
import type { FakeSlackSettings } from './options.ts';
import { refused, webClient } from './web-client.ts';

let slack: FakeSlack;
let client: webApi.WebClient;

afterEach(() => slack.stop());

async function start(settings: FakeSlackSettings = {}) {
  slack = await FakeSlack.start(settings);
  client = webClient(slack);
}

/** A stream that flushes every append, in the thread of what was said. */
function stream(said: Said) {
  return client.chatStream({ channel: said.channel, thread_ts: said.threadTs, buffer_size: 1 });
}

test('a stream grows by appends until it is stopped, with its buttons below', async () => {
  await start();
  const ann = slack.workspace.user('ann');
  const said = ann.dm('tell me');
  const streamer = stream(said);
  await streamer.append({ markdown_text: 'Once ' });
  await streamer.append({ markdown_text: 'upon' });
  expect(ann.directMessages.answers()[0]?.streaming).toBe('in_progress');
  const button = (text: string) => ({ text: { type: 'plain_text' as const, text }, value: text });
  const { message } = await streamer.stop({
    markdown_text: ' a time',
    blocks: [
      {
        type: 'context_actions',
        elements: [
          {
            type: 'feedback_buttons',
            action_id: 'feedback',
            positive_button: button('Good'),
            negative_button: button('Bad'),
          },
        ],
      },
    ],
  });

  const answer = ann.directMessages.answers()[0];
  expect(answer).toMatchObject({
    read: 'Once upon a time',
    threadTs: said.ts,
    streaming: 'completed',
    actions: ['feedback'],
  });
  expect(answer?.versions.map((version) => [version.how, version.read])).toEqual([
    ['posted', ''],
    ['appended', 'Once '.trim()],
    ['appended', 'Once upon'],
    ['stopped', 'Once upon a time'],
  ]);
  expect(message).toMatchObject({ streaming_state: 'completed', text: 'Once upon a time' });
});

test('a stream dies five minutes after its start; its message can then be updated', async () => {
  await start();
  const ann = slack.workspace.user('ann');
  const streamer = stream(ann.dm('slowly'));
  await streamer.append({ markdown_text: 'first' });
  const { channel, ts } = ann.directMessages.answers()[0]!;
  await expect(client.chat.update({ channel, ts, text: 'x' })).rejects.toMatchObject(
    refused('streaming_state_conflict'),
  );
  await expect(client.chat.delete({ channel, ts })).rejects.toMatchObject(refused('cant_delete_message'));
  slack.clock.advance(300_000);

  await expect(streamer.append({ markdown_text: 'second' })).rejects.toMatchObject(
    refused('message_not_in_streaming_state'),
  );
  await expect(streamer.stop()).rejects.toMatchObject(refused('message_not_in_streaming_state'));
  expect(ann.directMessages.answers()[0]?.streaming).toBe('errored');
  await client.chat.update({ channel, ts, text: 'first second' });
  expect(ann.directMessages.answers()[0]?.read).toBe('first second');
});

test('a stream takes 12,000 characters in all', async () => {
  await start();
  const ann = slack.workspace.user('ann');
  const streamer = stream(ann.dm('at length'));
  await streamer.append({ markdown_text: 'x'.repeat(12_000) });

  await expect(streamer.append({ markdown_text: 'y' })).rejects.toMatchObject(refused('msg_too_long'));
  expect(ann.directMessages.answers()[0]?.text).toBe('x'.repeat(12_000));
});

test('the first payload fixes whether a stream takes text or chunks', async () => {
  await start();
  const said = slack.workspace.user('ann').dm('mix');
  const { ts } = await client.chat.startStream({
    channel: said.channel,
    thread_ts: said.ts,
    markdown_text: 'text',
  });
  const chunks = [{ type: 'markdown_text' as const, text: 'chunk' }];
  const append = client.chat.appendStream({ channel: said.channel, ts: ts!, chunks });

  await expect(append).rejects.toMatchObject(refused('streaming_mode_mismatch'));
});

test('in a channel a stream names its recipient', async () => {
  await start();
  const ann = slack.workspace.user('ann');
  const said = ann.says(slack.workspace.channel('general'), 'here', { mention: true });
  const target = { channel: said.channel, thread_ts: said.ts };

  await expect(client.chat.startStream(target)).rejects.toMatchObject(refused('missing_recipient_team_id'));
  const team = { ...target, recipient_team_id: slack.app.teamId };
  await expect(client.chat.startStream(team)).rejects.toMatchObject(refused('missing_recipient_user_id'));
  expect((await client.chat.startStream({ ...team, recipient_user_id: ann.id })).ok).toBe(true);
});

test.each([
  ['nowhere', 'unknown_method', 'unknown_method'],
  ['direct-messages', 'channel_type_not_supported', undefined],
] as const)('a workspace may have streams %s', async (support, inChannel, inDirectMessages) => {
  await start({ streams: { support } });
  const ann = slack.workspace.user('ann');
  const outcome = async (said: Said) => {
    try {
      await stream(said).append({ markdown_text: 'hello' });
      return undefined;
    } catch (error) {
      return (error as { data: { error: string } }).data.error;
    }
  };

  expect(await outcome(ann.says(slack.workspace.channel('general'), 'a'))).toBe(inChannel);
  expect(await outcome(ann.dm('b'))).toBe(inDirectMessages);
});

test("Slack's own stop button ends the stream and tells the app, which hears of it at its next append too", async () => {
  await start();
  const ann = slack.workspace.user('ann');
  const said = ann.dm('go on and on');
  const session = { channel_id: said.channel, thread_ts: said.ts };
  expect(() => ann.stops(said)).toThrow('no stop button');
  await client.agents.sessions.setStatus({ ...session, status: 'processing' });
  const streamer = stream(said);
  await streamer.append({ markdown_text: 'and on' });
  const stopped = ann.stops(said);

  expect(stopped.payload).toMatchObject({
    event: {
      type: 'agent_session_stopped',
      user: ann.id,
      thread_ts: said.ts,
      streaming_message_ts: [streamer.ts],
    },
  });
  await expect(streamer.append({ markdown_text: 'more' })).rejects.toMatchObject(refused('stopped_by_user'));
  await expect(streamer.stop()).rejects.toMatchObject(refused('message_not_in_streaming_state'));
  await client.agents.sessions.setStatus({ ...session, status: 'active' });
  expect(slack.workspace.agent.status(ann.directMessages.record, said.ts)).toBe('active');
});

test('chat.stopStream can set the session free in the same call', async () => {
  await start();
  const ann = slack.workspace.user('ann');
  const said = ann.dm('quickly');
  await client.agents.sessions.setStatus({
    channel_id: said.channel,
    thread_ts: said.ts,
    status: 'processing',
  });
  const streamer = stream(said);
  await streamer.append({ markdown_text: 'done' });
  await streamer.stop({ session_status: 'active' });

  expect(slack.workspace.agent.status(ann.directMessages.record, said.ts)).toBe('active');
});

test('an app without the agent view may not set session statuses, and one without the event is warned', async () => {
  await start({ agent: false });
  const said = slack.workspace.user('ann').dm('hi');
  const call = () =>
    client.agents.sessions.setStatus({ channel_id: said.channel, thread_ts: said.ts, status: 'processing' });
  await expect(call()).rejects.toMatchObject(refused('not_authorized'));

  await slack.stop();
  await start({ botEvents: ['message.im'] });
  const again = slack.workspace.user('ann').dm('hi');
  const { warning } = await client.agents.sessions.setStatus({
    channel_id: again.channel,
    thread_ts: again.ts,
    status: 'processing',
  });
  expect(warning).toBe('missing_agent_session_stopped_event_subscription');
});
