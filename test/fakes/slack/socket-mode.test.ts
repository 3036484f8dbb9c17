import type { App } from '@slack/bolt';
import { afterEach, expect, test } from 'vitest';
import { type BoltApp, type BoltOptions, startInSocketMode } from './bolt-app.ts';
import { FakeSlack } from './fake-slack.ts';
import type { FakeSlackSettings } from './options.ts';

let slack: FakeSlack;
let bolts: BoltApp[] = [];

afterEach(async () => {
  await Promise.all(bolts.map((bolt) => bolt.stop()));
  bolts = [];
  await slack.stop();
});

async function start(settings: FakeSlackSettings, configure: (app: App) => void, options: BoltOptions = {}) {
  slack = await FakeSlack.start({ mode: 'socket', ...settings });
  bolts.push(await startInSocketMode(slack, configure, options));
}

test('Bolt connects, hears a mention, and answers in its thread', async () => {
  await start({}, (app) => {
    app.event('app_mention', async ({ event, say }) => {
      await say({ text: `You said: ${event.text}`, thread_ts: event.ts });
    });
  });
  const general = slack.workspace.channel('general');
  const said = slack.workspace.user('ann').says(general, 'hello <b> & @ann', { mention: true });

  const answer = await slack.waitFor(() => general.answers()[0]);

  expect(answer.threadTs).toBe(said.ts);
  expect(answer.read).toBe('You said: @parley hello <b> & @ann');
  expect(general.messages({ thread: said.ts })).toHaveLength(2);
  expect(slack.callsTo('auth.test')).toHaveLength(1);
  expect(slack.callsTo('apps.connections.open')).toHaveLength(1);
});

test('a mention arrives twice: as app_mention and, under another event id, as message', async () => {
  const heard: { type: string; ts: string; id: string }[] = [];
  await start({}, (app) => {
    app.event('app_mention', async ({ event, body }) => {
      heard.push({ type: event.type, ts: event.ts, id: body.event_id });
    });
    app.message(async ({ message, body }) => {
      heard.push({ type: message.type, ts: message.ts, id: body.event_id });
    });
  });
  const said = slack.workspace.user('ann').says(slack.workspace.channel('general'), 'hi', { mention: true });
  await slack.waitFor(() => said.deliveries.every((delivery) => delivery.acknowledged));

  expect(heard.map((event) => event.type).sort()).toEqual(['app_mention', 'message']);
  expect(new Set(heard.map((event) => event.ts))).toEqual(new Set([said.ts]));
  expect(new Set(heard.map((event) => event.id)).size).toBe(2);
});

test("Bolt's own stream answers direct messages, word by word", async () => {
  await start({}, (app) => {
    app.message(async ({ sayStream }) => {
      const stream = sayStream({ buffer_size: 1 });
      for (const word of ['Once ', 'upon ', 'a time']) await stream.append({ markdown_text: word });
      await stream.stop();
    });
  });
  const ann = slack.workspace.user('ann');
  const said = ann.dm('tell me');

  const answer = await slack.waitFor(() =>
    ann.directMessages.answers().find((message) => message.streaming === 'completed'),
  );

  expect(answer.threadTs).toBe(said.ts);
  expect(answer.versions.map((version) => version.text)).toEqual([
    '',
    'Once ',
    'Once upon ',
    'Once upon a time',
    'Once upon a time',
  ]);
  expect(slack.callsTo('chat.startStream')).toHaveLength(1);
});

test('a slash command acknowledged with a text shows it to the person alone', async () => {
  await start({}, (app) => {
    app.command('/summarize', async ({ ack, command }) => {
      await ack({ text: `Reading ${command.text}` });
    });
  });
  const general = slack.workspace.channel('general', { withBot: false });
  const { delivery } = slack.workspace.user('ann').slash('/summarize', 'a < b', general);

  const answer = await slack.waitFor(() => general.answers()[0]);

  expect(delivery.response).toEqual({ text: 'Reading a &lt; b' });
  expect(answer).toMatchObject({ read: 'Reading a < b', ephemeralFor: 'ann' });
  expect(general.messages({ seenBy: 'ben' })).toEqual([]);
});

test('a command that nobody acknowledges in time fails in front of the person', async () => {
  await start({}, (app) => {
    app.command('/summarize', async () => {});
  });
  const general = slack.workspace.channel('general');
  const { delivery } = slack.workspace.user('ann').slash('/summarize', '', general);
  await slack.waitFor(() => delivery.attempts.length === 1);
  slack.clock.advance(3_000);

  expect(delivery.state).toBe('failed');
  expect(general.messages({ seenBy: 'ann' })[0]?.read).toBe(
    '/summarize failed with the error "operation_timeout"',
  );
});

test('an event whose acknowledgement gets lost is sent again, with its number and reason', async () => {
  const heard: { retry: number | undefined; reason: string | undefined; id: string }[] = [];
  await start(
    {},
    (app) =>
      app.event('message', async ({ body, context }) => {
        heard.push({ retry: context.retryNum, reason: context.retryReason, id: body.event_id });
      }),
    { clientPingTimeout: 500 },
  );
  slack.sockets.connections[0]?.freeze();
  const [delivery] = slack.workspace.user('ann').dm('hello').deliveries;
  slack.clock.advance(3_000);

  await slack.waitFor(() => delivery?.acknowledged);

  // Slack's first retry comes at once, and the next when Bolt has noticed the dead line and connected again.
  expect(delivery?.attempts.map((attempt) => attempt.outcome)).toEqual(['timeout', 'closed', 'acknowledged']);
  expect(heard.map(({ retry, reason }) => [retry, reason])).toEqual([
    [0, ''],
    [1, 'timeout'],
    [2, 'timeout'],
  ]);
  expect(new Set(heard.map(({ id }) => id)).size).toBe(1);
});

test('retries come at once, after one minute and after five, and then no more', async () => {
  await start({}, () => {});
  slack.sockets.connections[0]?.freeze();
  const [delivery] = slack.workspace.user('ann').dm('hello').deliveries;
  const attemptsAfter = (milliseconds: number) => {
    slack.clock.advance(milliseconds);
    return delivery?.attempts.length;
  };

  // A second more than the waits: three seconds for the acknowledgement, then the schedule's.
  expect(attemptsAfter(3_000)).toBe(2);
  expect(attemptsAfter(64_000)).toBe(3);
  expect(attemptsAfter(304_000)).toBe(4);
  expect(attemptsAfter(600_000)).toBe(4);
  expect(delivery?.state).toBe('failed');
});

test('a command acknowledged after three seconds was acknowledged for nothing', async () => {
  let acknowledge: (() => void) | undefined;
  await start({}, (app) => {
    app.command('/ask', async ({ ack }) => {
      await new Promise<void>((resolve) => {
        acknowledge = resolve;
        slack.changed();
      });
      await ack('here I am');
    });
  });
  const general = slack.workspace.channel('general');
  const { delivery } = slack.workspace.user('ann').slash('/ask', 'anything', general);
  await slack.waitFor(() => acknowledge);
  slack.clock.advance(3_000);
  acknowledge?.();
  await slack.waitFor(() => delivery.attempts[0]?.outcome === 'late');

  expect(delivery.state).toBe('failed');
  expect(general.answers()).toEqual([]);
});

test.each(['warning', 'refresh_requested', 'link_disabled'] as const)(
  'Bolt connects again after a disconnect message (%s), and gets what came up meanwhile',
  async (reason) => {
    const texts: string[] = [];
    await start(
      {},
      (app) =>
        app.message(async ({ message }) => {
          if ('text' in message && message.text !== undefined) texts.push(message.text);
        }),
      { clientPingTimeout: 500 },
    );
    slack.sockets.disconnectAll(reason);
    expect(slack.sockets.ready).toBe(false);
    const [missed] = slack.workspace.user('ann').dm('are you there?').deliveries;

    await slack.waitFor(() => missed?.acknowledged);

    expect(texts).toEqual(['are you there?']);
    expect(missed?.attempts.map((attempt) => attempt.outcome)).toEqual(['offline', 'acknowledged']);
    expect(slack.callsTo('apps.connections.open')).toHaveLength(2);
  },
);

test('a socket cut in the middle of an answer costs the bot nothing: it goes on through the Web API', async () => {
  await start(
    {},
    (app) =>
      app.event('app_mention', async ({ event, client }) => {
        const posted = await client.chat.postMessage({ channel: event.channel, text: 'one' });
        slack.sockets.dropAll();
        await client.chat.update({ channel: event.channel, ts: posted.ts!, text: 'one two' });
      }),
    { clientPingTimeout: 500 },
  );
  const general = slack.workspace.channel('general');
  slack.workspace.user('ann').says(general, 'go on', { mention: true });

  const answer = await slack.waitFor(() =>
    general.answers().find((message) => message.versions.length === 2),
  );

  expect(answer.versions.map((version) => version.read)).toEqual(['one', 'one two']);
  await slack.waitFor(() => slack.sockets.ready, { what: 'the new connection' });
});

test('of the events that came up while nobody was connected, some are redelivered and some are lost', async () => {
  const texts: string[] = [];
  await start(
    { delivery: { keepsWhileOffline: (nth) => nth % 2 === 0 } },
    (app) =>
      app.message(async ({ message }) => {
        if ('text' in message && message.text !== undefined) texts.push(message.text);
      }),
    { clientPingTimeout: 500 },
  );
  const ann = slack.workspace.user('ann');
  slack.sockets.disconnectAll('refresh_requested');
  const missed = ['one', 'two', 'three'].flatMap((text) => ann.dm(text).deliveries);

  await slack.waitFor(() =>
    missed.every((delivery) => delivery.state !== 'waiting' && delivery.state !== 'sending'),
  );

  expect(missed.map((delivery) => delivery.state)).toEqual(['acknowledged', 'lost', 'acknowledged']);
  expect(texts.sort()).toEqual(['one', 'three']);
  expect(ann.directMessages.messages().map((message) => message.text)).toEqual(['one', 'two', 'three']);
});

test('with several connections each event goes to one of them, chosen at random', async () => {
  const heard = { first: 0, second: 0 };
  const count = (which: keyof typeof heard) => (app: App) =>
    app.message(async () => {
      heard[which] += 1;
    });
  await start({}, count('first'));
  bolts.push(await startInSocketMode(slack, count('second')));
  await slack.waitFor(() => slack.sockets.connections.length === 2);
  const ann = slack.workspace.user('ann');
  const said = Array.from({ length: 20 }, (_, index) => ann.dm(`message ${index}`));
  const sent = said.flatMap(({ deliveries }) => deliveries);
  await slack.waitFor(() => sent.every((delivery) => delivery.acknowledged));

  expect(heard.first + heard.second).toBe(20);
  expect(Math.min(heard.first, heard.second)).toBeGreaterThan(0);
});

test('a storm sends held events three times each, in one shuffled order', async () => {
  const ids: string[] = [];
  await start({}, (app) => app.event('message', async ({ body }) => void ids.push(body.event_id)));
  const ann = slack.workspace.user('ann');
  const held = ['a', 'b', 'c'].flatMap((text) => ann.dm(text, { hold: true }).deliveries);
  slack.storm(held, 3);
  await slack.waitFor(() => ids.length === 9 && held.every((delivery) => delivery.acknowledged));

  for (const delivery of held) expect(ids.filter((id) => id === delivery.eventId)).toHaveLength(3);
  expect(ids).not.toEqual(held.flatMap((delivery) => Array(3).fill(delivery.eventId)));
});

test('one message can arrive under several event ids', async () => {
  const seen: { id: string; ts: string }[] = [];
  await start({}, (app) =>
    app.message(async ({ message, body }) => void seen.push({ id: body.event_id, ts: message.ts })),
  );
  const [delivery] = slack.workspace.user('ann').dm('hello').deliveries;
  slack.redeliver(delivery!, 1, { newEventId: true });
  await slack.waitFor(() => seen.length === 2);

  expect(seen[0]?.ts).toBe(seen[1]?.ts);
  expect(seen[0]?.id).not.toBe(seen[1]?.id);
});

test('Bolt gives up a line that no longer answers its pings, and opens another', async () => {
  await start({}, () => {}, { clientPingTimeout: 500 });
  slack.sockets.connections[0]?.freeze();

  await slack.waitFor(() => slack.callsTo('apps.connections.open').length === 2);

  expect(bolts[0]?.log.join('\n')).toContain("A pong wasn't received from the server");
});

test.each(['invalid_auth', 'account_inactive'])('a start with %s fails for good', async (error) => {
  slack = await FakeSlack.start();
  slack.app.refusal = error;

  await expect(startInSocketMode(slack, () => {})).rejects.toMatchObject({ data: { error } });
});
