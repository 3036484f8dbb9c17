import type { App, BlockFeedbackButtonsAction, webApi } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startInSocketMode } from './bolt-app.ts';
import type { FakeChannel } from './driver/fake-channel.ts';
import type { FakeUser } from './driver/fake-user.ts';
import { FakeSlack } from './fake-slack.ts';
import { webClient } from './web-client.ts';

let slack: FakeSlack;
let client: webApi.WebClient;
let general: FakeChannel;
let ann: FakeUser;
let stopBolt: (() => Promise<void>) | undefined;

beforeEach(async () => {
  slack = await FakeSlack.start({ rateLimits: 'off' });
  client = webClient(slack);
  general = slack.workspace.channel('general');
  ann = slack.workspace.user('ann');
});

afterEach(async () => {
  await stopBolt?.();
  stopBolt = undefined;
  await slack.stop();
});

async function connect(configure: (app: App) => void) {
  const bolt = await startInSocketMode(slack, configure);
  stopBolt = bolt.stop;
}

function post(text: string, more: object = {}) {
  return client.chat.postMessage({ channel: general.id, text, ...more });
}

describe('response URLs', () => {
  const respond = (url: string, body: object) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  test('work five times', async () => {
    const { responseUrl } = ann.slash('/ask', 'why', general);
    const statuses: number[] = [];
    for (let use = 1; use <= 6; use += 1)
      statuses.push((await respond(responseUrl, { text: `${use}` })).status);

    expect(statuses).toEqual([200, 200, 200, 200, 200, 404]);
    expect(slack.responseUrlUses.at(-1)?.error).toBe('used_url');
    expect(general.answers({ seenBy: 'ann' })).toHaveLength(5);
    expect(general.answers({ seenBy: 'ben' })).toHaveLength(0);
  });

  test('work for thirty minutes', async () => {
    const { responseUrl } = ann.slash('/ask', 'why', general);
    slack.clock.advance(30 * 60_000 + 1);

    expect(await (await respond(responseUrl, { text: 'late' })).json()).toEqual({
      ok: false,
      error: 'expired_url',
    });
  });

  test('replace and delete what the first answer posted, or post for everybody', async () => {
    const { responseUrl } = ann.slash('/ask', 'why', general);
    await respond(responseUrl, { text: 'one moment' });
    await respond(responseUrl, { text: 'because', replace_original: true });
    expect(general.answers().map((message) => message.versions.map((version) => version.read))).toEqual([
      ['one moment', 'because'],
    ]);
    await respond(responseUrl, { delete_original: true });
    expect(general.answers()).toEqual([]);
    await respond(responseUrl, { text: 'for all', response_type: 'in_channel' });
    expect(general.answers({ seenBy: 'ben' }).map((message) => message.read)).toEqual(['for all']);
  });
});

test('feedback buttons send the value of the one that was pressed', async () => {
  const button = (value: string) => ({ text: { type: 'plain_text' as const, text: value }, value });
  const pressed: string[] = [];
  await connect((app) => {
    app.action<BlockFeedbackButtonsAction>('feedback', async ({ ack, action }) => {
      await ack();
      pressed.push(action.value);
    });
  });
  await post('how was it?', {
    blocks: [
      {
        type: 'context_actions',
        elements: [
          {
            type: 'feedback_buttons',
            action_id: 'feedback',
            positive_button: button('good'),
            negative_button: button('bad'),
          },
        ],
      },
    ],
  });
  const { delivery } = ann.press(general.answers()[0]!, 'feedback', 'negative');
  await slack.waitFor(() => delivery.acknowledged);

  expect(pressed).toEqual(['bad']);
  expect(() => ann.press(general.answers()[0]!, 'stop')).toThrow('sees no "stop"');
});
