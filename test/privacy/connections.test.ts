import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EVENTS, SCOPES } from '../../adapters/slack/manifest.ts';
import { GPT2 } from '../../inference/model/hub-model.ts';
import { startProgram } from '../bot/program.ts';
import { FakeDiscord } from '../fakes/discord/fake-discord.ts';
import { FakeSlack } from '../fakes/slack/fake-slack.ts';
import { addRandomGpt2, startHub, temporaryFolder } from '../fixtures/hub-checkpoint.ts';
import { openSockets, type Recorder, recordConnections } from './connections.ts';

// The whole program on both platforms, with a recorder in each of its processes: it connects to the platforms that it was
// given and, where that is allowed, to the hub; to nothing else, and the engine to nothing at all.

interface Scene {
  readonly discord: FakeDiscord;
  readonly slack: FakeSlack;
  readonly recorder: Recorder;
  readonly program: ReturnType<typeof startProgram>;
  /** Where the two platforms are: host and port. */
  readonly platforms: readonly string[];
}

async function begin(env: Readonly<Record<string, string>>): Promise<Scene> {
  const discord = await FakeDiscord.start();
  onTestFinished(() => discord.stop());
  const slack = await FakeSlack.start({ scopes: Object.keys(SCOPES), botEvents: EVENTS });
  onTestFinished(() => slack.stop());
  const recorder = await recordConnections();
  const program = startProgram('bot/main.ts', {
    env: {
      MODEL_CACHE: await temporaryFolder(),
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_API_URL: slack.apiUrl,
      ...recorder.env,
      ...env,
    },
  });
  await program.shows('In Slack as');
  await program.shows('In Discord as');
  const platforms = [discord.apiUrl, slack.apiUrl].map((url) => new URL(url).host).sort();
  return { discord, slack, recorder, program, platforms };
}

/** Whole turns on both, of every kind that reads something: a file, a link, the talk. */
async function talk({ discord, slack }: Scene): Promise<void> {
  const ada = discord.guild({ name: 'Reading Club' }).person({ name: 'Ada' });
  const attachments = [
    { name: 'tides.txt', data: 'The tide comes in at nine. See https://tides.example/today.' },
  ];
  ada.says(ada.dm(), 'summarize', { attachments });
  const ann = slack.workspace.user('ann');
  const general = slack.workspace.channel('general');
  const files = [
    { name: 'tides.txt', content: 'The tide comes in at nine. See https://tides.example/today.' },
  ];
  ann.says(general, 'When does it come? https://news.example/tides', { mention: true, files });
  ann.slash('/ask', 'What is a tide?', general);
  const answered = (count: number) => () =>
    general.answers().filter(({ actions }) => actions.includes('again')).length >= count;
  await slack.waitFor(answered(2), { what: 'two whole answers', within: 50_000 });
  await discord.waitFor(
    () =>
      ada
        .dm()
        .fromBot()
        .some(({ buttons }) => buttons[0]?.label === 'Again'),
    { what: 'the whole answer', timeoutMs: 40_000 },
  );
}

async function leave({ program }: Scene): Promise<void> {
  program.child.kill('SIGTERM');
  await program.ended;
}

describe('the program', () => {
  test('connects to its platforms alone, and its engine to nothing', async () => {
    const scene = await begin({ MODEL: 'starter' });
    const { recorder, platforms, program } = scene;
    await talk(scene);
    const [engine] = recorder.processes('engine-process');
    expect(engine).toBeGreaterThan(0);
    expect(recorder.of(engine!)).toEqual([]);
    if (process.platform === 'linux') {
      expect(openSockets(engine!)).toEqual([]);
      expect(openSockets(program.child.pid!).length).toBeGreaterThan(0);
      expect(platforms).toEqual(expect.arrayContaining([...new Set(openSockets(program.child.pid!))]));
    }
    await leave(scene);
    expect(recorder.targets()).toEqual(platforms);
  }, 90_000);

  test('asks the hub for a model where that is allowed, and no other host', async () => {
    const hub = await startHub();
    await addRandomGpt2(hub, 'me/mine');
    const scene = await begin({ MODEL: 'me/mine', MODEL_HOST: hub.url });
    const { recorder, platforms } = scene;
    await talk(scene);
    await leave(scene);
    const hosts = [hub.url, hub.storageUrl].map((url) => new URL(url).host);
    expect(recorder.targets()).toEqual([...platforms, ...hosts].sort());
  }, 90_000);

  test('asks it nothing with OFFLINE=true', async () => {
    const hub = await startHub();
    await addRandomGpt2(hub, GPT2);
    const scene = await begin({ MODEL: 'auto', MODEL_HOST: hub.url, OFFLINE: 'true' });
    await talk(scene);
    await leave(scene);
    expect(hub.requests).toEqual([]);
    expect(scene.recorder.targets()).toEqual(scene.platforms);
  }, 90_000);
});

test('the recorder sees every way out', async () => {
  const recorder = await recordConnections();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const script = `
    import dgram from 'node:dgram';
    import { lookup } from 'node:dns/promises';
    import { get } from 'node:https';
    import { connect } from 'node:net';
    const nothing = () => undefined;
    connect(${port}, '127.0.0.1').on('error', nothing).end();
    get('https://127.0.0.2:${port}/').on('error', nothing);
    await fetch('http://127.0.0.3:${port}/').catch(nothing);
    await fetch('http://one.invalid/').catch(nothing);
    await lookup('two.invalid').catch(nothing);
    dgram.createSocket('udp4').unref().send('x', 9, '127.0.0.4', nothing);
  `;
  const args = ['--input-type=module', '--eval', script];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...recorder.env } });
  await once(child, 'close');
  for (const host of ['127.0.0.1', '127.0.0.2', '127.0.0.3'])
    expect(recorder.targets()).toContain(`${host}:${port}`);
  for (const name of ['one.invalid', 'two.invalid']) expect(recorder.targets()).toContain(`lookup ${name}`);
  expect(recorder.targets()).toContain('datagram send');
});
