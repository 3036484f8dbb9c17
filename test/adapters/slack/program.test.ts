import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { EVENTS, SCOPES } from '../../../adapters/slack/manifest.ts';
import { compiledModel } from '../../../inference/model/compiled.ts';
import { locateModel } from '../../../inference/model/locate.ts';
import { startProgram } from '../../bot/program.ts';
import { FakeDiscord } from '../../fakes/discord/fake-discord.ts';
import type { FakeChannel } from '../../fakes/slack/driver/fake-channel.ts';
import type { SeenMessage } from '../../fakes/slack/driver/seen-message.ts';
import { FakeSlack } from '../../fakes/slack/fake-slack.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

// The whole program as people start it: settings in the environment, the model in a process of its own.

/** Compiled once for all tests, and before them: a bot that is told to go waits six seconds for an answer, and no model. */
let cache: string;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'parley-slack-'));
  await compiledModel(locateModel('starter').folder, 'q8', cache);
});

afterAll(() => rm(cache, { recursive: true, force: true }));

async function begin() {
  const slack = await FakeSlack.start({ scopes: Object.keys(SCOPES), botEvents: EVENTS });
  onTestFinished(() => slack.stop());
  const folders = { MODEL_CACHE: cache, DATA_DIR: await temporaryFolder() };
  const start = (env: Record<string, string> = {}) =>
    startProgram('bot/main.ts', {
      env: {
        MODEL: 'starter',
        ...folders,
        SLACK_BOT_TOKEN: slack.botToken,
        SLACK_APP_TOKEN: slack.appToken,
        SLACK_API_URL: slack.apiUrl,
        ...env,
      },
    });
  return { slack, start, general: slack.workspace.channel('general'), ann: slack.workspace.user('ann') };
}

function whole(slack: FakeSlack, channel: FakeChannel): Promise<SeenMessage> {
  return slack.waitFor(() => channel.answers().find(({ actions }) => actions.includes('again')), {
    what: 'the whole answer',
    within: 50_000,
  });
}

describe('the program with tokens for Slack', () => {
  test('says who it is, answers, and leaves with whole replies', async () => {
    const { slack, start, general, ann } = await begin();
    const program = start();
    await program.shows('In Slack as @parley, in Parley Test.');
    ann.says(general, 'What is a tide?', { mention: true });
    await slack.waitFor(() => slack.callsTo('assistant.threads.setStatus')[0], { within: 40_000 });
    program.child.kill('SIGTERM');
    const { status, out, err } = await program.ended;

    expect(status).toBe(0);
    expect((await whole(slack, general)).read).toMatch(/\w/u);
    expect(slack.sockets.connections).toEqual([]);
    expect(out + err).not.toContain(slack.botToken);
    expect(out + err).not.toContain(slack.appToken);
  });

  test('is called over HTTP where there is a signing secret instead of an app token', async () => {
    const slack = await FakeSlack.start({ mode: 'http', scopes: Object.keys(SCOPES), botEvents: EVENTS });
    onTestFinished(() => slack.stop());
    const port = await freePort();
    const program = startProgram('bot/main.ts', {
      env: {
        MODEL: 'starter',
        MODEL_CACHE: cache,
        SLACK_BOT_TOKEN: slack.botToken,
        SLACK_SIGNING_SECRET: slack.signingSecret,
        SLACK_PORT: String(port),
        SLACK_API_URL: slack.apiUrl,
      },
    });
    await program.shows('In Slack as @parley');
    await slack.http.verifyRequestUrl(`http://127.0.0.1:${port}/slack/events`);
    const ann = slack.workspace.user('ann');
    ann.dm('What is a tide?');
    expect((await whole(slack, ann.directMessages)).read).toMatch(/\w/u);
    program.child.kill('SIGTERM');
    expect((await program.ended).status).toBe(0);
  });

  test('serves Discord and Slack side by side', async () => {
    const { slack, start, ann } = await begin();
    const discord = await FakeDiscord.start();
    onTestFinished(() => discord.stop());
    const ada = discord.guild({ name: 'Reading Club' }).person({ name: 'Ada' });
    const program = start({ DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl });
    await program.shows('In Slack as');
    await program.shows('In Discord as');
    ann.dm('What is a tide?');
    ada.says(ada.dm(), 'What is a tide?');

    expect((await whole(slack, ann.directMessages)).read).toMatch(/\w/u);
    await discord.waitFor(
      () =>
        ada
          .dm()
          .fromBot()
          .some(({ buttons }) => buttons[0]?.label === 'Again'),
      {
        timeoutMs: 40_000,
      },
    );
    program.child.kill('SIGTERM');
    expect((await program.ended).status).toBe(0);
  });

  test('that is killed in mid-reply ends the reply after its next start, in the same message, though it streamed', async () => {
    const { slack, start, ann } = await begin();
    const first = start();
    await first.shows('In Slack as');
    const hold = slack.hold('chat.appendStream');
    ann.dm('write The Old Lighthouse');
    await hold.arrived;
    first.child.kill('SIGKILL');
    await first.ended;
    hold.release();
    const before = ann.directMessages.answers()[0]?.read ?? '';
    const second = start();
    const answer = await whole(slack, ann.directMessages);

    expect(answer.read.startsWith(before.slice(0, 20))).toBe(true);
    expect(ann.directMessages.answers()).toHaveLength(1);
    second.child.kill('SIGTERM');
    const { status, err } = await second.ended;
    expect(status).toBe(0);
    expect(err).toContain('taken up again');
  }, 60_000);

  test('that is killed before it hears that its first words were posted does not post them twice', async () => {
    const { slack, start, general, ann } = await begin();
    const first = start();
    await first.shows('In Slack as');
    slack.failNext('chat.postMessage', { kind: 'slow', milliseconds: 5_000 });
    ann.says(general, 'write The Old Lighthouse', { mention: true });
    await slack.waitFor(() => general.answers()[0], { within: 40_000 });
    first.child.kill('SIGKILL');
    await first.ended;
    const second = start();
    await whole(slack, general);

    expect(general.answers()).toHaveLength(1);
    second.child.kill('SIGTERM');
    await second.ended;
  }, 60_000);

  test.each([
    [
      'a token that Slack does not know',
      { SLACK_BOT_TOKEN: 'xoxb-no-such-token' },
      /Slack refused SLACK_BOT_TOKEN \(invalid_auth\)/u,
    ],
    [
      'no token for the connection',
      { SLACK_APP_TOKEN: '' },
      /SLACK_APP_TOKEN is missing.*connections:write/u,
    ],
    ['no token for the bot', { SLACK_BOT_TOKEN: '' }, /SLACK_BOT_TOKEN is missing.*xoxb-/u],
  ] as const)('ends at once with %s, and says what to do', async (_, env, message) => {
    const { start } = await begin();
    const { status, err } = await start(env).ended;

    expect(status).toBe(1);
    expect(err).toMatch(message);
    expect(err).not.toContain('no-such-token');
  });
});

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
