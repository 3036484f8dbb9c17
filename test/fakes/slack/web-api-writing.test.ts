import type { webApi } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FakeChannel } from './driver/fake-channel.ts';
import { FakeSlack } from './fake-slack.ts';
import type { FakeSlackSettings } from './options.ts';
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

describe('tokens and scopes', () => {
  test('a call needs a token that is good, of the right kind, with a scope', async () => {
    await restart({ scopes: ['chat:write'] });
    const channel = general.id;

    await expect(webClient(slack, '').auth.test()).rejects.toMatchObject(refused('not_authed'));
    await expect(webClient(slack, 'xoxb-other').auth.test()).rejects.toMatchObject(refused('invalid_auth'));
    await expect(webClient(slack, slack.appToken).auth.test()).rejects.toMatchObject(
      refused('not_allowed_token_type'),
    );
    await expect(client.users.info({ user: slack.app.botUser.id })).rejects.toMatchObject(
      refused('missing_scope', { needed: 'users:read', provided: 'chat:write' }),
    );
    await expect(client.conversations.history({ channel })).rejects.toMatchObject(refused('missing_scope'));
    slack.app.refusal = 'account_inactive';
    await expect(client.auth.test()).rejects.toMatchObject(refused('account_inactive'));
  });

  test('a method that does not exist is unknown_method', async () => {
    await expect(client.apiCall('chat.whisper')).rejects.toMatchObject(refused('unknown_method'));
  });
});

describe('chat', () => {
  test('a text past 40,000 characters is cut off, not refused', async () => {
    await client.chat.postMessage({ channel: general.id, text: 'x'.repeat(40_001) });

    expect(general.answers()[0]?.text).toHaveLength(40_000);
  });

  test('an update takes 4,000 characters and no more', async () => {
    const { ts } = await client.chat.postMessage({ channel: general.id, text: 'short' });
    const update = (text: string) => client.chat.update({ channel: general.id, ts: ts!, text });

    await update('x'.repeat(4_000));
    await expect(update('x'.repeat(4_001))).rejects.toMatchObject(refused('msg_too_long'));
    expect(general.answers()[0]?.versions.map((version) => version.text.length)).toEqual([5, 4_000]);
  });

  test("other people's messages and ephemeral ones cannot be updated", async () => {
    const said = slack.workspace.user('ann').says(general, 'mine');
    const update = (ts: string) => client.chat.update({ channel: general.id, ts, text: 'yours' });
    const whispered = await client.chat.postEphemeral({
      channel: general.id,
      user: slack.workspace.user('ann').id,
      text: 'psst',
    });

    await expect(update(said.ts)).rejects.toMatchObject(refused('cant_update_message'));
    await expect(update(whispered.message_ts!)).rejects.toMatchObject(refused('cant_update_message'));
    await expect(update('1.000001')).rejects.toMatchObject(refused('message_not_found'));
  });

  test('an update that does not mention the blocks leaves them, and so the buttons', async () => {
    const blocks = [
      {
        type: 'actions',
        elements: [{ type: 'button', action_id: 'stop', text: { type: 'plain_text', text: 'Stop' } }],
      },
    ];
    const { ts } = await client.chat.postMessage({ channel: general.id, text: 'one', blocks });
    await client.chat.update({ channel: general.id, ts: ts!, text: 'one two' });
    expect(general.answers()[0]).toMatchObject({ read: 'one two', actions: ['stop'] });

    await client.chat.update({ channel: general.id, ts: ts!, text: 'one two three', blocks: [] });
    expect(general.answers()[0]?.actions).toEqual([]);
  });

  test('blocks beyond the documented sizes are invalid_blocks', async () => {
    const post = (text: string) =>
      client.chat.postMessage({
        channel: general.id,
        text: '',
        blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }],
      });

    await post('x'.repeat(3_000));
    await expect(post('x'.repeat(3_001))).rejects.toMatchObject(refused('invalid_blocks'));
  });

  test('the bot posts where it is a member, and nowhere else', async () => {
    const post = (channel: string) => client.chat.postMessage({ channel, text: 'hi' });
    const outside = slack.workspace.channel('outside', { withBot: false });
    const secret = slack.workspace.channel('secret', { withBot: false, private: true });

    await expect(post('C0000000000')).rejects.toMatchObject(refused('channel_not_found'));
    await expect(post(outside.id)).rejects.toMatchObject(refused('not_in_channel'));
    await expect(post(secret.id)).rejects.toMatchObject(refused('channel_not_found'));
    general.archive();
    await expect(post(general.id)).rejects.toMatchObject(refused('is_archived'));
  });

  test('a permalink names the message and its thread', async () => {
    const said = slack.workspace.user('ann').says(general, 'root');
    const reply = slack.workspace.user('ben').says(general, 'reply', { thread: said.ts });
    const { permalink } = await client.chat.getPermalink({ channel: general.id, message_ts: reply.ts });

    expect(permalink).toBe(reply.permalink);
    expect(permalink).toMatch(/\/archives\/C\w+\/p\d{16}\?thread_ts=\d+\.\d{6}&cid=C\w+$/);
  });
});
