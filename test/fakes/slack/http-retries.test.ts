import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { FakeSlack } from './fake-slack.ts';

let slack: FakeSlack;
let bot: Server;

afterEach(async () => {
  bot.closeAllConnections();
  bot.close();
  await slack.stop();
});

/** A bot that answers the challenge and then what `answer` says; Bolt itself acknowledges every event. */
async function start(answer: () => { status: number; headers?: Record<string, string> } | 'silence') {
  slack = await FakeSlack.start({ mode: 'http', delivery: { retryDelaysMs: [0, 20, 20] } });
  const headers: IncomingHttpHeaders[] = [];
  bot = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      if (body.includes('url_verification')) {
        response.end(body);
        return;
      }
      headers.push(request.headers);
      const said = answer();
      if (said !== 'silence') response.writeHead(said.status, said.headers).end();
      slack.changed();
    });
  });
  await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
  await slack.http.verifyRequestUrl(`http://127.0.0.1:${(bot.address() as AddressInfo).port}/slack/events`);
  return headers;
}

test('an event answered with an error is sent again with its number and the reason, until it is taken', async () => {
  const answers = [500, 503, 200];
  const headers = await start(() => ({ status: answers.shift() ?? 200 }));
  const [delivery] = slack.workspace.user('ann').dm('hello').deliveries;
  await slack.waitFor(() => delivery?.acknowledged);

  expect(headers.map((header) => header['x-slack-retry-num'])).toEqual([undefined, '1', '2']);
  expect(headers.map((header) => header['x-slack-retry-reason'])).toEqual([
    undefined,
    'http_error',
    'http_error',
  ]);
});

test('x-slack-no-retry ends the retries', async () => {
  const headers = await start(() => ({ status: 500, headers: { 'x-slack-no-retry': '1' } }));
  const [delivery] = slack.workspace.user('ann').dm('hello').deliveries;
  await slack.waitFor(() => delivery?.state === 'failed');

  expect(headers).toHaveLength(1);
});

test('an event without an answer for three seconds is sent again with http_timeout', async () => {
  let silent = true;
  const headers = await start(() => (silent ? 'silence' : { status: 200 }));
  const [delivery] = slack.workspace.user('ann').dm('hello').deliveries;
  await slack.waitFor(() => headers.length === 1);
  silent = false;
  slack.clock.advance(3_000);
  await slack.waitFor(() => delivery?.acknowledged);

  expect(headers[1]).toMatchObject({ 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' });
});

test('with the bot down, an event is tried again with connection_failed', async () => {
  await start(() => ({ status: 200 }));
  bot.closeAllConnections();
  await new Promise((resolve) => bot.close(resolve));
  const [delivery] = slack.workspace.user('ann').dm('hello').deliveries;
  await slack.waitFor(() => delivery?.state === 'failed');

  expect(delivery?.attempts.map((attempt) => attempt.reason)).toEqual([
    '',
    'connection_failed',
    'connection_failed',
    'connection_failed',
  ]);
});
