import { describe, expect, test } from 'vitest';
import { GPT2 } from '../../inference/model/hub-model.ts';
import {
  addRandomGpt2,
  deadAddress,
  partialBytes,
  startHub,
  temporaryFolder,
} from '../fixtures/hub-checkpoint.ts';
import { startProgram } from './program.ts';

// The whole program with a hub of our own: which model answers, what is asked of the network, and what is said of it.

async function setUp() {
  const hub = await startHub();
  const cache = await temporaryFolder();
  const settings = { MODEL_HOST: hub.url, MODEL_CACHE: cache, ENGINE_WEIGHTS: 'q8', HISTORY_FILE: 'none' };
  const start = (env: Record<string, string> = {}, person = false, args: readonly string[] = []) =>
    startProgram('bot/main.ts', { env: { ...settings, ...env }, person, args });
  const ask = (input: string, env: Record<string, string> = {}) => {
    const program = start(env);
    program.child.stdin?.end(input);
    return program.ended;
  };
  const fetch = (id: string) =>
    startProgram('bot/model-cli.ts', { args: ['fetch', id], env: settings }).ended;
  return { hub, cache, start, ask, fetch };
}

/** A promise with its way out. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('lines through a pipe', () => {
  test('with MODEL=auto make no connection, and are answered by the starter without a word about it', async () => {
    const { hub, ask } = await setUp();
    await addRandomGpt2(hub, GPT2);
    const { status, out, err } = await ask('What is tea?\n/status\n');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^model +starter /m);
    expect(hub.requests).toEqual([]);
  });

  test('use GPT-2 as soon as it has been fetched by somebody', async () => {
    const { hub, ask, fetch } = await setUp();
    await addRandomGpt2(hub, GPT2);
    await fetch(GPT2);
    const asked = hub.requests.length;
    // Behind an answer, because a model that takes long to load is not waited for by /status.
    const { out } = await ask('Hello\n/status\n', { OFFLINE: 'true' });
    expect(out).toMatch(/^model +openai-community\/gpt2 /m);
    expect(hub.requests).toHaveLength(asked);
  });

  test('with an id wait for its download, which is told in plain lines on standard error', async () => {
    const { hub, ask } = await setUp();
    await addRandomGpt2(hub, 'me/mine', { access: 'private', token: 'hf_0123456789' });
    const { status, out, err } = await ask('/status\nHello\n', {
      MODEL: 'me/mine',
      HF_TOKEN: 'hf_0123456789',
    });
    expect(status).toBe(0);
    expect(out).toMatch(/model +me\/mine |The first answer waits for me\/mine/);
    expect(err).toContain('fetching: 0 %');
    expect(err).toContain('fetching: 100 %');
    expect(err).not.toContain('hf_0123456789');
    const authorized = hub.requests.filter(({ authorization }) => authorization !== undefined);
    expect(new Set(authorized.map(({ origin }) => origin))).toEqual(new Set(['hub']));
  });

  test('with an id that cannot be had end with one sentence and status 1', async () => {
    const { hub, ask } = await setUp();
    const missing = await ask('Hello\n', { MODEL: 'nobody/nothing' });
    expect(missing.status).toBe(1);
    expect(missing.err).toMatch(/^Parley cannot go on: nobody\/nothing was not found .*\n$/);
    const asked = hub.requests.length;
    const offline = await ask('Hello\n', { MODEL: 'nobody/nothing', OFFLINE: 'true' });
    expect(offline).toMatchObject({ status: 1, err: expect.stringContaining('OFFLINE is true') });
    const dead = await ask('Hello\n', { MODEL: 'nobody/nothing', MODEL_HOST: await deadAddress() });
    expect(dead).toMatchObject({ status: 1, err: expect.stringContaining('cannot be reached') });
    expect(hub.requests).toHaveLength(asked);
  });

  test('may change the model, and the next line is answered by it', async () => {
    const { hub, ask } = await setUp();
    await addRandomGpt2(hub, 'me/mine');
    const { out } = await ask('Hello\n/status\n/model me/mine\n/status\n/model gpt3\n/model\n');
    expect(out).toMatch(/^model +starter [\s\S]*me\/mine answers from now on\.\nmodel +me\/mine /m);
    expect(out).toMatch(/There is no model gpt3\. [\s\S]*in the cache +me\/mine \([\d.]+ MB\)/);
  });

  test('of two bots that start at once with the same id are both answered, by one download', async () => {
    const { hub, ask } = await setUp();
    await addRandomGpt2(hub, 'me/mine');
    const both = await Promise.all([
      ask('Hello\n', { MODEL: 'me/mine' }),
      ask('Hello\n', { MODEL: 'me/mine' }),
    ]);
    expect(both.map(({ status }) => status)).toEqual([0, 0]);
    expect(hub.downloads).toHaveLength(1);
  });
});

test('one task and out fetches nothing, also where a person sits', async () => {
  const { hub, start } = await setUp();
  await addRandomGpt2(hub, GPT2);
  const { status, err } = await start({}, true, ['--task', 'ask', 'What is tea?']).ended;
  expect({ status, err }).toEqual({ status: 0, err: expect.not.stringContaining('fetch') });
  expect(hub.requests).toEqual([]);
});

test('a person who changes the model talks on with the old one until the new one is there', async () => {
  const { hub, start } = await setUp();
  await addRandomGpt2(hub, 'me/mine');
  const line = gate();
  hub.breakStorage({ pauseAfter: 100_000, until: line.opened });
  const program = start({ MODEL: 'starter' }, true);
  program.type('/model me/mine');
  await program.shows('me/mine is being fetched. Until it is ready, the model stays as it is.');
  // Asked again as long as the starter is still being loaded, for which /status does not wait.
  await expect
    .poll(
      () => {
        program.type('/status');
        return program.out;
      },
      { interval: 1_000, timeout: 40_000 },
    )
    .toMatch(/model +starter .*\ncoming +me\/mine \(/);
  line.open();
  await program.shows('From now on me/mine answers.');
  program.type('/model starter');
  await program.shows('starter is being loaded. Until it is ready, the model stays as it is.');
  await program.shows('From now on starter answers.');
  program.type('/quit');
  expect((await program.ended).status).toBe(0);
});

describe('a person at the prompt, with MODEL=auto', () => {
  test('is answered by the starter at once, sees the download above the prompt, and then hears that GPT-2 answers', async () => {
    const { hub, cache, start } = await setUp();
    await addRandomGpt2(hub, GPT2);
    const line = gate();
    hub.breakStorage({ pauseAfter: 100_000, until: line.opened });
    const program = start({}, true);
    await program.shows('with the small starter model');
    await program.shows(`${GPT2} is being fetched; until it is there, the small starter model answers.`);
    await program.shows(/openai-community\/gpt2 \[-{30}\] 0 %/);
    program.type('What is tea?');
    await program.shows(/> What is tea\?\r?\n/);
    program.type('/status');
    await program.shows(/model +starter .*\ncoming +openai-community\/gpt2 \(/);
    await expect.poll(() => partialBytes(cache, GPT2)).toBe(100_000);
    line.open();
    await program.shows(`From now on ${GPT2} answers.`);
    program.type('/model');
    await program.shows(/model +openai-community\/gpt2 [^\n]*\nin the cache +openai-community\/gpt2/);
    program.type('/quit');
    expect((await program.ended).status).toBe(0);
  });

  test('without a network reads one calm line and goes on', async () => {
    const { start } = await setUp();
    const program = start({ MODEL_HOST: await deadAddress() }, true);
    await program.shows(`${GPT2} is not to be had for now, so the small starter model goes on answering.`);
    program.type('/status');
    await program.shows(/model +starter /);
    program.type('/quit');
    const { status, err } = await program.ended;
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(program.out.match(/not to be had/g)).toHaveLength(1);
  });

  test('who leaves during the download keeps what has arrived', async () => {
    const { hub, cache, start } = await setUp();
    await addRandomGpt2(hub, GPT2);
    hub.breakStorage({ pauseAfter: 100_000, until: new Promise(() => {}) });
    const program = start({}, true);
    await expect.poll(() => partialBytes(cache, GPT2), { timeout: 30_000 }).toBe(100_000);
    program.type('/quit');
    expect((await program.ended).status).toBe(0);
    expect(await partialBytes(cache, GPT2)).toBe(100_000);
    const again = start({}, true);
    await again.shows(`From now on ${GPT2} answers.`);
    expect(hub.downloads.map(({ range }) => range)).toEqual([undefined, 'bytes=100000-']);
  });
});
