import { afterEach, describe, expect, test } from 'vitest';
import { SlackAdapter } from '../../../adapters/slack/slack-adapter.ts';
import { systemClock } from '../../../bot/clock.ts';
import { Gate } from '../../../bot/gate.ts';
import type { AccessRules } from '../../../bot/permissions.ts';
import { createLogger } from '../../../config/logger.ts';
import { FakeSlack } from '../../fakes/slack/fake-slack.ts';
import { type Parley, startParley } from './parley.ts';
import { answerIn, quiet } from './waiting.ts';

let parley: Parley | undefined;
let slack: FakeSlack;

afterEach(async () => {
  await parley?.stop();
  parley = undefined;
  await slack.stop();
});

describe('what is no request', () => {
  test("bots' messages, edits, deletions and joins are left alone", async () => {
    parley = await startParley();
    ({ slack } = parley);
    const general = slack.workspace.channel('general');
    const ann = slack.workspace.user('ann');
    const mention = `<@${slack.app.botUser.id}> say: hello`;
    slack.workspace.bot('robot').says(general, mention);
    slack.workspace.bot('robot').says(general, mention, 'bot_message');
    general.join(slack.workspace.user('ben').record);
    const said = ann.says(general, 'nothing to see here');
    ann.edits(said, 'say: hello @parley');
    ann.deletes(said);
    await quiet(parley);

    expect(general.answers()).toEqual([]);
  });

  test('its own messages and edits, which come back as events, start nothing', async () => {
    parley = await startParley();
    ({ slack } = parley);
    const general = slack.workspace.channel('general');
    const said = slack.workspace
      .user('ann')
      .says(general, `say: <@${slack.app.botUser.id}> again`, { mention: true });
    await answerIn(parley, general, { thread: said.ts });
    await slack.waitFor(() => slack.deliveries.every((delivery) => delivery.acknowledged));
    await quiet(parley);

    expect(general.answers()).toHaveLength(1);
  });
});

describe('who may not', () => {
  const open: AccessRules = {
    workspaces: { allow: [], deny: [] },
    channels: { allow: [], deny: [] },
    roles: { allow: [], deny: [] },
    users: { allow: [], deny: [] },
    directMessages: true,
  };
  const gate = (rules: Partial<AccessRules>, requestsPerMinute = 0) =>
    new Gate({ rules: { slack: { ...open, ...rules } }, requestsPerMinute, clock: systemClock });

  test('is told so, and nobody else', async () => {
    slack = await FakeSlack.start({ rateLimits: 'off' });
    const general = slack.workspace.channel('general');
    parley = await startParley({ joins: slack, gate: gate({ channels: { allow: [], deny: [general.id] } }) });
    const said = slack.workspace.user('ann').says(general, 'say: hello', { mention: true });
    slack.workspace.user('ben').says(general, 'hm');
    slack.workspace.user('ben').slash('/ask', 'why?', general);
    const toAnn = await slack.waitFor(() => general.answers({ seenBy: 'ann' })[0]);
    const toBen = await slack.waitFor(() => general.answers({ seenBy: 'ben' })[0]);

    // Nothing is on its way any more.
    expect(slack.workspace.agent.statusLine(general.record, said.ts)).toBeUndefined();
    expect(toAnn).toMatchObject({
      ephemeralFor: 'ann',
      read: expect.stringContaining('I do not answer in this channel'),
    });
    expect(toBen).toMatchObject({
      ephemeralFor: 'ben',
      read: expect.stringContaining('I do not answer in this channel'),
    });
  });

  test('is told so alone, also when Slack does not take that at first', async () => {
    slack = await FakeSlack.start({ rateLimits: 'off' });
    const general = slack.workspace.channel('general');
    parley = await startParley({ joins: slack, gate: gate({ channels: { allow: [], deny: [general.id] } }) });
    slack.failNext('chat.postEphemeral', { kind: 'status', status: 500 });
    slack.workspace.user('ann').says(general, 'say: hello', { mention: true });
    const told = await slack.waitFor(() => general.answers()[0], { what: 'the refusal' });

    expect(told).toMatchObject({
      ephemeralFor: 'ann',
      read: expect.stringContaining('I do not answer in this channel'),
    });
  });

  test('is told in direct messages, where they are switched off', async () => {
    parley = await startParley({ gate: gate({ directMessages: false }) });
    ({ slack } = parley);
    const ann = slack.workspace.user('ann');
    ann.dm('say: hello');

    expect((await answerIn(parley, ann.directMessages)).read).toContain('I do not answer direct messages');
  });

  test('asks too often, is told when to come back', async () => {
    parley = await startParley({ gate: gate({}, 1) });
    ({ slack } = parley);
    const general = slack.workspace.channel('general');
    const ann = slack.workspace.user('ann');
    ann.says(general, 'say: one', { mention: true });
    await answerIn(parley, general);
    ann.says(general, 'say: two', { mention: true });

    expect((await answerIn(parley, general, {}, 1)).read).toContain('Ask again in');
  });
});

describe('requests over HTTP that do not come from Slack', () => {
  test.each([
    ['signed with another secret', { secret: 'f'.repeat(32) }],
    ['with a wrong signature', { signature: `v0=${'0'.repeat(64)}` }],
    ['without a signature', { signature: 'absent' }],
    ['older than five minutes', { timestamp: Math.floor(Date.now() / 1000) - 301 }],
  ] as const)('%s get 401 and a line in the log', async (_, forgery) => {
    parley = await startParley({ slack: { mode: 'http' } });
    ({ slack } = parley);
    const ann = slack.workspace.user('ann');
    const said = ann.dm('say: hello', { hold: true });
    const answer = await slack.http.request('events_api', said.deliveries[0]!.payload, forgery);

    expect(answer.status).toBe(401);
    expect(parley.log.join('')).toContain('verify');
    expect(ann.directMessages.answers()).toEqual([]);
  });
});

describe('a start that cannot succeed says which page and which switch mend it', () => {
  async function failure(over: { botToken?: string; appToken?: string }): Promise<unknown> {
    const adapter = new SlackAdapter({
      botToken: over.botToken ?? slack.botToken,
      apiUrl: slack.apiUrl,
      transport: { kind: 'socket', appToken: over.appToken ?? slack.appToken },
      inThreads: true,
      follow: true,
      commandPrefix: '',
      logger: createLogger({ level: 'silent', secrets: [], format: 'json' }),
      clock: Date.now,
    });
    try {
      await adapter.start(() => undefined);
      return undefined;
    } catch (error) {
      return error;
    } finally {
      await adapter.stop();
    }
  }

  test.each([
    [
      'a wrong bot token',
      () => ({ botToken: 'xoxb-wrong' }),
      /SLACK_BOT_TOKEN .*invalid_auth.*OAuth & Permissions/,
    ],
    [
      'a wrong app token',
      () => ({ appToken: 'xapp-wrong' }),
      /SLACK_APP_TOKEN .*invalid_auth.*App-Level Tokens/,
    ],
    [
      'swapped tokens',
      () => ({ botToken: slack.appToken, appToken: slack.botToken }),
      /not_allowed_token_type.*swapped/,
    ],
  ] as const)('%s', async (_, tokens, message) => {
    slack = await FakeSlack.start();

    expect(await failure(tokens())).toMatchObject({
      code: 'SLACK_REFUSED',
      message: expect.stringMatching(message),
    });
  });

  test('an app that was uninstalled', async () => {
    slack = await FakeSlack.start();
    slack.app.refusal = 'account_inactive';

    expect(await failure({})).toMatchObject({ message: expect.stringContaining('Install it again') });
  });

  test('an app without Socket Mode', async () => {
    slack = await FakeSlack.start({ mode: 'http' });

    expect(await failure({})).toMatchObject({ message: expect.stringContaining('Switch Socket Mode on') });
  });

  test('no way to Slack', async () => {
    slack = await FakeSlack.start();
    slack.failAlways('*', { kind: 'cut', when: 'before' });

    expect(await failure({})).toMatchObject({ code: 'SLACK_UNREACHABLE' });
  });
});
