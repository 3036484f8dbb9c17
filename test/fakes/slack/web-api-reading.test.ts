import type { webApi } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FakeChannel } from './driver/fake-channel.ts';
import { FakeSlack } from './fake-slack.ts';
import { webClient } from './web-client.ts';

let slack: FakeSlack;
let client: webApi.WebClient;
let general: FakeChannel;

async function start() {
  slack = await FakeSlack.start();
  client = webClient(slack);
  general = slack.workspace.channel('general');
}

beforeEach(() => start());
afterEach(() => slack.stop());

describe('history', () => {
  test('history is newest first, in pages, without replies; replies are oldest first, with their root', async () => {
    const ann = slack.workspace.user('ann');
    const roots = ['one', 'two', 'three'].map((text) => ann.says(general, text));
    const replies = ['a', 'b'].map((text) => ann.says(general, text, { thread: roots[0]!.ts }));
    const channel = general.id;

    const first = await client.conversations.history({ channel, limit: 2 });
    expect(first.messages?.map((message) => message.text)).toEqual(['three', 'two']);
    expect(first.has_more).toBe(true);
    const rest = await client.conversations.history({
      channel,
      limit: 2,
      cursor: first.response_metadata!.next_cursor!,
    });
    expect(rest.messages?.map((message) => message.text)).toEqual(['one']);
    expect(rest.messages?.[0]).toMatchObject({ reply_count: 2, latest_reply: replies[1]!.ts });

    const thread = await client.conversations.replies({ channel, ts: roots[0]!.ts });
    expect(thread.messages?.map((message) => message.text)).toEqual(['one', 'a', 'b']);
  });

  test('oldest and latest are exclusive unless asked otherwise', async () => {
    const ann = slack.workspace.user('ann');
    const said = ['one', 'two', 'three'].map((text) => ann.says(general, text).ts);
    const between = async (inclusive: boolean) => {
      const range = { channel: general.id, oldest: said[0]!, latest: said[2]!, inclusive };
      return (await client.conversations.history(range)).messages?.map((message) => message.text);
    };

    expect(await between(false)).toEqual(['two']);
    expect(await between(true)).toEqual(['three', 'two', 'one']);
  });

  test('reading methods take their arguments from forms, never from JSON', async () => {
    const response = await fetch(`${slack.apiUrl}conversations.history`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: general.id }),
    });

    expect(await response.json()).toMatchObject({ ok: false, error: 'invalid_arguments' });
  });
});

describe('people, conversations and files', () => {
  test('who and what there is can be looked up', async () => {
    const ann = slack.workspace.user('ann');
    const { user } = await client.users.info({ user: ann.id });
    expect(user).toMatchObject({ name: 'ann', is_bot: false, profile: { display_name: 'ann' } });
    const { channel } = await client.conversations.info({ channel: general.id });
    expect(channel).toMatchObject({ name: 'general', is_member: true, is_im: false });
    const opened = await client.conversations.open({ users: ann.id });
    expect(opened.channel?.id).toBe(ann.directMessages.id);
    expect((await client.team.info()).team?.domain).toBe('parley-test');
    expect((await client.bots.info({ bot: slack.app.botId })).bot?.user_id).toBe(slack.app.botUser.id);
  });

  test('a private file opens with the token; without it Slack sends the login page, with status 200', async () => {
    const content = 'line one\nline two';
    slack.workspace.user('ann').says(general, '', { files: [{ name: 'notes.txt', content, snippet: true }] });
    const { messages } = await client.conversations.history({ channel: general.id });
    const file = messages?.[0]?.files?.[0];
    expect(file).toMatchObject({
      name: 'notes.txt',
      mode: 'snippet',
      mimetype: 'text/plain',
      size: content.length,
    });
    expect((await client.files.info({ file: file!.id! })).file?.id).toBe(file?.id);

    const download = (token: string) =>
      fetch(file!.url_private!, { headers: { authorization: `Bearer ${token}` } });
    expect(await (await download(slack.botToken)).text()).toBe(content);
    const page = await download('xoxb-other');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  });

  test('a home view is what views.publish last showed', async () => {
    const ann = slack.workspace.user('ann');
    await client.views.publish({ user_id: ann.id, view: { type: 'home', blocks: [{ type: 'divider' }] } });

    expect(slack.workspace.homeView(ann)).toMatchObject({ type: 'home', blocks: [{ type: 'divider' }] });
  });
});
