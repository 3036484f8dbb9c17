import type { App, BlockButtonAction, MessageShortcut } from '@slack/bolt';
import { afterEach, expect, test } from 'vitest';
import { type BoltApp, startInHttpMode } from './bolt-app.ts';
import { FakeSlack } from './fake-slack.ts';

let slack: FakeSlack;
let bolt: BoltApp;

afterEach(async () => {
  await bolt.stop();
  await slack.stop();
});

async function start(configure: (app: App) => void) {
  slack = await FakeSlack.start({ mode: 'http' });
  bolt = await startInHttpMode(slack, configure);
}

const event = {
  type: 'event_callback',
  event: { type: 'app_mention', text: 'hi', ts: '1.000001', channel: 'C1' },
};

test('the request URL is taken once Bolt has answered the challenge, and mentions are answered', async () => {
  await start((app) => {
    app.event('app_mention', async ({ event: mention, say }) => {
      await say({ text: 'here', thread_ts: mention.ts });
    });
  });
  const general = slack.workspace.channel('general');
  const said = slack.workspace.user('ann').says(general, 'hello', { mention: true });

  const answer = await slack.waitFor(() => general.answers()[0]);

  expect(answer.threadTs).toBe(said.ts);
  await slack.waitFor(() => said.deliveries.every((delivery) => delivery.acknowledged));
});

test.each([
  ['a wrong signature', { signature: `v0=${'0'.repeat(64)}` }, 'signature mismatch'],
  ['a signature by another secret', { secret: 'not the secret' }, 'signature mismatch'],
  ['an unknown version', { signature: 'v1=00' }, 'unknown signature version'],
  ['no signature', { signature: 'absent' }, 'did not have the expected type'],
  ['a timestamp six minutes old', { timestamp: Math.floor(Date.now() / 1000) - 360 }, 'stale'],
])('a request with %s gets 401 and a log line', async (_, forgery, complaint) => {
  let heard = false;
  await start((app) =>
    app.event('app_mention', async () => {
      heard = true;
    }),
  );
  const answer = await slack.http.request('events_api', event, forgery);

  expect(answer.status).toBe(401);
  expect(bolt.log.join('\n')).toContain(complaint);
  expect(heard).toBe(false);
});

test('what Bolt does not acknowledge is sent again with the retry headers', async () => {
  const retries: [number | undefined, string | undefined][] = [];
  await start((app) => {
    app.event('message', async ({ context }) => {
      retries.push([context.retryNum, context.retryReason]);
    });
  });
  slack.http.goOffline();
  const [delivery] = slack.workspace.user('ann').dm('hello').deliveries;
  expect(delivery?.state).toBe('waiting');
  slack.http.goOnline();
  await slack.waitFor(() => delivery?.acknowledged);
  slack.redeliver(delivery!, 1);
  await slack.waitFor(() => retries.length === 2);

  expect(retries).toEqual([
    [1, 'http_timeout'],
    [2, 'http_timeout'],
  ]);
});

test('a command, a shortcut and a press arrive as forms, and their response URLs work', async () => {
  await start((app) => {
    app.command('/ask', async ({ ack, respond }) => {
      await ack();
      await respond({
        text: 'pick',
        blocks: [
          {
            type: 'actions',
            elements: [
              { type: 'button', action_id: 'more', text: { type: 'plain_text', text: 'More' }, value: '7' },
            ],
          },
        ],
      });
    });
    app.action<BlockButtonAction>('more', async ({ ack, respond, action }) => {
      await ack();
      await respond({ replace_original: true, text: `more of ${action.value}`, blocks: [] });
    });
    app.shortcut<MessageShortcut>('summarize_thread', async ({ ack, respond, shortcut }) => {
      await ack();
      await respond(`about: ${shortcut.message.text}`);
    });
  });
  const ann = slack.workspace.user('ann');
  const general = slack.workspace.channel('general', { withBot: false });
  ann.slash('/ask', 'why', general);
  const offered = await slack.waitFor(() => general.answers()[0]);
  expect(offered).toMatchObject({ ephemeralFor: 'ann', actions: ['more'] });

  ann.press(offered, 'more');
  const replaced = await slack.waitFor(() =>
    general.answers().find((message) => message.read === 'more of 7'),
  );
  expect(replaced.ts).toBe(offered.ts);

  const said = ann.says(general, 'a long story');
  ann.shortcut('summarize_thread', said);
  await slack.waitFor(() => general.answers().find((message) => message.read === 'about: a long story'));
});
