import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GPT2 } from '../../inference/model/hub-model.ts';
import { addRandomGpt2, partialBytes, startHub, temporaryFolder } from '../fixtures/hub-checkpoint.ts';
import { startProgram } from './program.ts';

async function setUp() {
  const hub = await startHub();
  const cache = await temporaryFolder();
  const env = { MODEL_HOST: hub.url, MODEL_CACHE: cache, ENGINE_WEIGHTS: 'q8' };
  const start = (args: readonly string[], more: Record<string, string> = {}, person = false) =>
    startProgram('bot/model-cli.ts', { args, env: { ...env, ...more }, person });
  return { hub, cache, start, run: (...args: string[]) => start(args).ended };
}

describe('npm run model', () => {
  test('fetches GPT-2, prepares it, lists it and removes it again', async () => {
    const { hub, cache, run } = await setUp();
    await addRandomGpt2(hub, GPT2);
    const fetched = await run('fetch');
    expect(fetched).toMatchObject({
      status: 0,
      out: `${GPT2} is ready (q8). The bot uses it by itself (MODEL=auto).\n`,
    });
    expect(fetched.err).toMatch(
      /^Asking 127\.0\.0\.1:\d+ for .*\n.* 0 %, .*\n(.*\n)*.* 100 %, .*\n.*being prepared/,
    );
    expect((await run('list')).out).toMatch(/^openai-community\/gpt2 +[\d.]+ MB +ready \(q8\)\n$/);
    expect(await run('remove', GPT2)).toMatchObject({ status: 0, out: `${GPT2} is removed.\n`, err: '' });
    expect((await run('list')).out).toContain('No model has been fetched');
    const left = (await readdir(join(cache, 'compiled'))).filter((name) => !name.endsWith('.fingerprint'));
    expect(left).toEqual([]);
  });

  test('fetches what MODEL names, or what stands behind fetch', async () => {
    const { hub, start } = await setUp();
    await addRandomGpt2(hub, 'me/mine');
    const { out } = await start(['fetch'], { MODEL: 'me/mine', ENGINE_WEIGHTS: 'fp32' }).ended;
    expect(out).toBe('me/mine is ready (fp32). The bot uses it with MODEL=me/mine.\n');
    expect((await start(['fetch', 'me/mine']).ended).out).toContain('me/mine is ready (q8)');
    expect((await start(['list']).ended).out).toContain('ready (fp32, q8)');
  });

  test('stopped by Ctrl-C keeps what has arrived, says how to go on, and then does', async () => {
    if (process.platform === 'win32') return;
    const { hub, cache, start, run } = await setUp();
    await addRandomGpt2(hub, 'me/mine');
    hub.breakStorage({ pauseAfter: 100_000, until: new Promise(() => {}) });
    const stopped = start(['fetch', 'me/mine']);
    const arrived = () => partialBytes(cache, 'me/mine');
    await expect.poll(arrived, { interval: 10, timeout: 30_000 }).toBe(100_000);
    stopped.child.kill('SIGINT');
    const { status, out, err } = await stopped.ended;
    expect({ status, out }).toEqual({ status: 130, out: '' });
    expect(err).toMatch(/Stopped\. \d+ kB are kept; .* npm run model -- fetch me\/mine\n$/);
    expect((await run('list')).out).toMatch(/unfinished; npm run model -- fetch me\/mine goes on/);
    expect(await run('fetch', 'me/mine')).toMatchObject({ status: 0 });
    expect(hub.downloads.map(({ range }) => range)).toEqual([undefined, 'bytes=100000-']);
  });

  test('shows a bar where somebody looks', async () => {
    const { hub, start } = await setUp();
    await addRandomGpt2(hub, 'me/mine');
    const { status, err } = await start(['fetch', 'me/mine'], {}, true).ended;
    expect(status).toBe(0);
    const shown = err.replaceAll('\r\x1b[K', '<cleared>');
    expect(shown).toMatch(/<cleared>me\/mine \[#{30}\] 100 %, [^<]*<cleared>/);
    expect(err).not.toContain('\n');
  });

  test('ends with 1 and one line when there is no such model, no way, or nothing to remove', async () => {
    const { hub, run, start } = await setUp();
    expect(await run('fetch', 'nobody/nothing')).toMatchObject({
      status: 1,
      err: expect.stringContaining('nobody/nothing was not found'),
    });
    const asked = hub.requests.length;
    expect(await start(['fetch'], { OFFLINE: 'true' }).ended).toMatchObject({
      status: 1,
      err: expect.stringMatching(/OFFLINE is true.*\n$/),
    });
    expect(await run('remove', 'nobody/nothing')).toMatchObject({
      status: 1,
      err: 'nobody/nothing is not in the cache. See npm run model -- list.\n',
    });
    expect(hub.requests).toHaveLength(asked);
  });

  test.each([
    [[]],
    [['fetsch']],
    [['list', 'x/y']],
    [['remove']],
    [['fetch', 'gpt2']],
    [['fetch', 'a/b', 'c']],
  ])('ends with 2, a sentence and the usage for %j', async (args) => {
    const { run, hub } = await setUp();
    const { status, out, err } = await run(...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^[^\n]+[.?]\n\nUsage: npm run model/);
    expect(hub.requests).toEqual([]);
  });

  test('names wrong settings, with 78', async () => {
    const { start } = await setUp();
    const { status, err } = await start(['list'], { MODEL_HOST: 'hub' }).ended;
    expect({ status, err }).toEqual({ status: 78, err: expect.stringContaining('MODEL_HOST') });
  });
});
