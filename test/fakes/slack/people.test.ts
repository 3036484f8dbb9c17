import type { webApi } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FakeChannel } from './driver/fake-channel.ts';
import type { FakeUser } from './driver/fake-user.ts';
import { FakeSlack } from './fake-slack.ts';
import { webClient } from './web-client.ts';

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

function post(text: string, more: object = {}) {
  return client.chat.postMessage({ channel: general.id, text, ...more });
}

/** The inner events that the app got, or would get. */
function events() {
  return slack.deliveries.map((delivery) => (delivery.payload as { event: Record<string, unknown> }).event);
}

describe('what people type', () => {
  test('is stored escaped, with ids for names and brackets around addresses', () => {
    ann.says(general, 'a < b & @ann in #general: https://example.com');

    expect(events()[0]?.text).toBe(
      `a &lt; b &amp; <@${ann.id}> in <#${general.id}|general>: <https://example.com>`,
    );
    expect(general.messages()[0]?.read).toBe('a < b & @ann in #general: https://example.com');
  });

  test('a thread reply names its root and the author of the root', () => {
    const root = ann.says(general, 'root');
    slack.workspace.user('ben').says(general, 'reply', { thread: root.ts });

    expect(events()[1]).toMatchObject({
      type: 'message',
      channel_type: 'channel',
      thread_ts: root.ts,
      parent_user_id: ann.id,
    });
  });

  test('edits, deletions, joins and files come with their subtypes', () => {
    const said = ann.says(general, 'first');
    ann.edits(said, 'second');
    ann.deletes(said);
    general.join(slack.workspace.user('ben').record);
    ann.says(general, 'see', { files: [{ name: 'notes.md', content: '# Notes' }] });

    expect(events().map(({ type, subtype }) => subtype ?? type)).toEqual([
      'message',
      'message_changed',
      'message_deleted',
      'channel_join',
      'member_joined_channel',
      'file_share',
      'file_shared',
    ]);
    expect(events()[1]).toMatchObject({ message: { text: 'second' }, previous_message: { text: 'first' } });
    expect(general.message(said.ts)).toMatchObject({ deleted: true, edited: true });
    expect(events()[5]).toMatchObject({
      files: [{ name: 'notes.md', mode: 'hosted', filetype: 'markdown' }],
    });
  });

  test('a mention in direct messages is a message and nothing else', () => {
    ann.dm('hey @parley');

    expect(events().map(({ type, channel_type }) => [type, channel_type])).toEqual([['message', 'im']]);
  });

  test('where the bot is no member, it hears nothing', () => {
    const outside = slack.workspace.channel('outside', { withBot: false });
    ann.says(outside, 'hello', { mention: true });

    expect(slack.deliveries).toEqual([]);
  });
});

describe('what bots post', () => {
  test("the bot's own posts and edits come back as events, which its own user id and bot id give away", async () => {
    const { ts } = await post('one');
    await client.chat.update({ channel: general.id, ts: ts!, text: 'two' });

    expect(events()[0]).toMatchObject({ user: slack.app.botUser.id, bot_id: slack.app.botId, text: 'one' });
    // Bolt's ignoreSelf looks for a user at the top of the event: an edit has none there.
    expect(events()[1]).toMatchObject({ subtype: 'message_changed', message: { bot_id: slack.app.botId } });
    expect(events()[1]).not.toHaveProperty('user');
  });

  test('other bots post in the older form and in the newer', () => {
    const weather = slack.workspace.bot('weather');
    weather.says(general, 'rain', 'bot_message');
    weather.says(general, 'sun');

    expect(events()[0]).toMatchObject({
      subtype: 'bot_message',
      bot_id: weather.record.botId,
      username: 'weather',
    });
    expect(events()[1]).toMatchObject({ user: weather.record.id, bot_id: weather.record.botId });
    expect(events()[1]).not.toHaveProperty('subtype');
  });

  test('unescaped mentions ping: a person, or with <!channel> everybody', async () => {
    slack.workspace.user('ben').says(general, 'here too');
    ann.says(general, 'and me');
    await post(`<@${ann.id}>`);
    await post('<!channel>');
    await post('&lt;!channel&gt; &lt;@U1&gt; @ann');
    await post('hi @ann', { link_names: true });
    await post('', { blocks: [{ type: 'section', text: { type: 'plain_text', text: '<!here>' } }] });
    await post('', { blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '<!here>' } }] });

    expect(general.answers().map((message) => message.pings)).toEqual([
      ['ann'],
      ['ann', 'ben'],
      [],
      ['ann'],
      [],
      ['ann', 'ben'],
    ]);
    expect(general.answers()[2]?.read).toBe('<!channel> <@U1> @ann');
  });

  test('a ping counts even when a later edit took it away', async () => {
    const { ts } = await post(`<@${ann.id}>`);
    await client.chat.update({ channel: general.id, ts: ts!, text: 'nobody' });

    expect(general.answers()[0]).toMatchObject({ read: 'nobody', pings: ['ann'] });
  });

  test('links show a preview unless both kinds are switched off, and edits never do', async () => {
    await post('https://example.com/a.png');
    const quiet = { unfurl_links: false, unfurl_media: false };
    await post('<https://example.com|here>', quiet);
    const { ts } = await post('later');
    await client.chat.update({ channel: general.id, ts: ts!, text: 'https://example.com' });

    const answers = general.answers();
    expect(answers.map((message) => message.unfurled)).toEqual([['https://example.com/a.png'], [], []]);
    expect(answers.map((message) => message.links.length)).toEqual([1, 1, 1]);
  });
});
