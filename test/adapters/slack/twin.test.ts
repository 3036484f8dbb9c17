import { afterEach, expect, test } from 'vitest';
import { type Parley, startParley } from './parley.ts';

const parleys: Parley[] = [];

// The later one before the earlier one, whose Slack it is.
afterEach(async () => {
  for (const parley of parleys.splice(0).reverse()) await parley.stop();
});

async function start(joins?: Parley): Promise<Parley> {
  const parley = await startParley(joins ? { joins: joins.slack } : {});
  parleys.push(parley);
  return parley;
}

const warnings = ({ log }: Parley) => log.filter((line) => line.includes('same SLACK_APP_TOKEN'));

test('a second bot on the same app learns from Slack’s greeting that it is not alone, and says what to do', async () => {
  const first = await start();
  const second = await start(first);
  expect(warnings(first)).toEqual([]);
  expect(warnings(second)).toEqual([expect.stringMatching(/"connections":2.*End the other one/)]);
});

test('a connection that is renewed is no second bot', async () => {
  const only = await start();
  only.slack.sockets.disconnectAll('refresh_requested');
  const again = () => only.log.some((line) => line.includes('connected to Slack again'));
  await expect.poll(again, { timeout: 10_000 }).toBe(true);
  expect(warnings(only)).toEqual([]);
});
