import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type Content, HubClient } from '../../../../inference/model/hub/hub-client.ts';
import { failureOf, startHub } from './hub-fixture.ts';
import { ManualClock } from './manual-clock.ts';

const ID = 'openai-community/gpt2';
const CONFIG = { id: ID, revision: 'main', path: 'config.json' };
const WEIGHTS = { id: ID, revision: 'main', path: 'model.safetensors' };

async function contentOf({ body }: Content): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('asking for a file', () => {
  it('reads size, hash and commit of a large file from the redirect, without asking the storage', async () => {
    const hub = await startHub();
    const repository = hub.addRepository(ID);
    const weights = randomBytes(1000);
    const commit = repository.commit({ 'model.safetensors': weights });
    const metadata = await new HubClient({ host: hub.url }).metadata(WEIGHTS);
    const etag = repository.resolve('main')?.files.get('model.safetensors')?.etag;
    expect(metadata).toEqual({ commit, etag, size: 1000 });
    expect(etag).toHaveLength(64);
    expect(hub.requests.map(({ origin, method }) => `${method} ${origin}`)).toEqual(['HEAD hub']);
  });

  it('follows the hub’s relative redirects: to its cache for small files, and to the new name of a renamed repository', async () => {
    const hub = await startHub();
    const commit = hub.addRepository(ID).commit({ 'config.json': '{}' });
    hub.rename('gpt2', ID);
    const client = new HubClient({ host: hub.url });
    const metadata = await client.metadata({ ...CONFIG, id: 'gpt2' });
    // git hash-object of "{}"
    expect(metadata).toEqual({ commit, etag: '9e26dfeeb6e641a33dae4961196235bdb965b21b', size: 2 });
    const text = await client.read({ ...CONFIG, id: 'gpt2' }, 0, undefined, contentOf);
    expect(text.toString()).toBe('{}');
  });

  it('asks for a file uncompressed, and for the part that is missing', async () => {
    const hub = await startHub();
    const weights = randomBytes(1000);
    hub.addRepository(ID).commit({ 'model.safetensors': weights });
    const client = new HubClient({ host: hub.url });
    const rest = await client.read(WEIGHTS, 600, undefined, async (content) => {
      expect(content).toMatchObject({ start: 600, length: 1000 });
      return contentOf(content);
    });
    expect(rest.equals(weights.subarray(600))).toBe(true);
  });

  it('works with a mirror that lives below a path', async () => {
    const hub = await startHub();
    const client = new HubClient({ host: `${hub.url}/huggingface/` });
    await failureOf(client.metadata(CONFIG));
    expect(hub.requests[0]?.path).toBe(`/huggingface/${ID}/resolve/main/config.json`);
  });

  it('refuses a host that is no address, before asking anybody', () => {
    for (const host of ['huggingface.co', 'ftp://huggingface.co', 'https://user:secret@mirror.example']) {
      expect(() => new HubClient({ host })).toThrow(expect.objectContaining({ code: 'HUB_HOST_INVALID' }));
    }
  });
});

describe('the token', () => {
  it('goes to the configured host only, on every hop, and never to the storage', async () => {
    const hub = await startHub();
    hub
      .addRepository(ID, { access: 'private', token: 'hf_secret' })
      .commit({ 'model.safetensors': randomBytes(10), 'config.json': '{}' });
    const client = new HubClient({ host: hub.url, token: 'hf_secret' });
    await client.metadata(WEIGHTS);
    await client.read(WEIGHTS, 0, undefined, contentOf);
    await client.read(CONFIG, 0, undefined, contentOf);
    const toHub = hub.requests.filter(({ origin }) => origin === 'hub');
    const toStorage = hub.requests.filter(({ origin }) => origin === 'storage');
    expect(new Set(toHub.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer hf_secret']));
    expect(toStorage.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('does not go to a host that the hub redirects to, however much it looks like a hub', async () => {
    const [mirror, other] = [await startHub(), await startHub()];
    other.addRepository(ID).commit({ 'config.json': '{}' });
    const location = `${other.url}/${ID}/resolve/main/config.json`;
    mirror.breakHub('config.json', { status: 302, headers: { location } });
    await new HubClient({ host: mirror.url, token: 'hf_secret' }).metadata(CONFIG);
    expect(mirror.requests[0]?.authorization).toBe('Bearer hf_secret');
    expect(other.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('is in no message', async () => {
    const hub = await startHub();
    const client = new HubClient({ host: hub.url, token: 'hf_revoked' });
    const error = await failureOf(client.metadata(CONFIG));
    expect(error.code).toBe('HUB_UNAUTHORIZED');
    expect(error.message).toMatch(/HF_TOKEN is not valid/);
    expect(error.message).not.toContain('hf_revoked');
  });
});

describe('a refusal says what to do', () => {
  it('when the repository is not there, which the hub tells nobody without a token', async () => {
    const hub = await startHub();
    const anonymous = await failureOf(new HubClient({ host: hub.url }).metadata(CONFIG));
    expect(anonymous).toMatchObject({ code: 'HUB_NOT_FOUND', retry: 'no' });
    expect(anonymous.message).toMatch(/does not exist, or it is private\. Check the spelling/);
    const known = await failureOf(new HubClient({ host: hub.url, token: 'hf_me' }).metadata(CONFIG));
    expect(known).toMatchObject({ code: 'HUB_NOT_FOUND' });
    expect(known.message).toMatch(/does not exist, or HF_TOKEN does not open it/);
  });

  it('when a file or a revision is not there', async () => {
    const hub = await startHub();
    hub.addRepository(ID).commit({ 'config.json': '{}' });
    const client = new HubClient({ host: hub.url });
    const file = await failureOf(client.metadata(WEIGHTS));
    expect(file.message).toBe(`${ID} has no file model.safetensors at main. Choose another model.`);
    const revision = await failureOf(client.metadata({ ...CONFIG, revision: 'v2' }));
    expect(revision.message).toBe(`${ID} has no revision v2. Choose another one, or leave it out.`);
    expect([file.code, revision.code]).toEqual(['HUB_NOT_FOUND', 'HUB_NOT_FOUND']);
  });

  it('when the repository is gated', async () => {
    const hub = await startHub();
    hub.addRepository(ID, { access: 'gated', token: 'hf_accepted' }).commit({ 'config.json': '{}' });
    const anonymous = await failureOf(new HubClient({ host: hub.url }).metadata(CONFIG));
    const stranger = await failureOf(new HubClient({ host: hub.url, token: 'hf_me' }).metadata(CONFIG));
    expect([anonymous.code, stranger.code]).toEqual(['HUB_UNAUTHORIZED', 'HUB_UNAUTHORIZED']);
    expect(anonymous.message).toMatch(/accept its terms, and set HF_TOKEN/);
    expect(stranger.message).toMatch(/The account of HF_TOKEN has no access/);
    await new HubClient({ host: hub.url, token: 'hf_accepted' }).metadata(CONFIG);
  });

  it('when the hub forbids it, in the hub’s own words', async () => {
    const hub = await startHub();
    hub.addRepository(ID).commit({ 'config.json': '{}' });
    const headers = { 'x-error-message': 'Access to this resource is disabled.' };
    hub.breakHub('config.json', { status: 403, headers });
    const error = await failureOf(new HubClient({ host: hub.url }).metadata(CONFIG));
    expect(error).toMatchObject({ code: 'HUB_UNAUTHORIZED', retry: 'no' });
    expect(error.message).toContain('Access to this resource is disabled.');
  });

  it('when it is a proxy or a login page that answers', async () => {
    const hub = await startHub();
    hub.addRepository(ID).commit({ 'config.json': '{}' });
    hub.breakHub('config.json', { page: '<h1>Welcome to the hotel</h1>' });
    const error = await failureOf(new HubClient({ host: hub.url }).metadata(CONFIG));
    expect(error).toMatchObject({ code: 'HUB_UNEXPECTED', retry: 'no' });
    expect(error.message).toMatch(/login page/);
  });

  it('when redirects go round in circles', async () => {
    const hub = await startHub();
    hub.rename('a/b', 'c/d');
    hub.rename('c/d', 'a/b');
    const error = await failureOf(new HubClient({ host: hub.url }).metadata({ ...CONFIG, id: 'a/b' }));
    expect(error.code).toBe('HUB_UNEXPECTED');
  });

  it.each([
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': 'Sun, 01 Nov 2026 00:00:30 GMT' }, 30_000],
    [{ ratelimit: '"resolvers";r=0;t=55' }, 55_000],
    [{}, undefined],
  ])('when there were too many requests, with the pause that %j asks for', async (headers, wait) => {
    const hub = await startHub();
    hub.addRepository(ID).commit({ 'config.json': '{}' });
    hub.breakHub('config.json', { status: 429, headers });
    const client = new HubClient({ host: hub.url, clock: new ManualClock() });
    const error = await failureOf(client.metadata(CONFIG));
    expect(error).toMatchObject({ code: 'HUB_UNAVAILABLE', retry: 'yes', retryAfterMs: wait });
  });
});

describe('the network', () => {
  it('that is not there is told apart from a hub that has a bad moment', async () => {
    // A port that was free a moment ago: nobody listens there.
    const port = await freePort();
    const error = await failureOf(new HubClient({ host: `http://127.0.0.1:${port}` }).metadata(CONFIG));
    expect(error).toMatchObject({ code: 'HUB_UNREACHABLE', retry: 'offline' });
    expect(error.message).toMatch(/cannot be reached: the connection was refused \(ECONNREFUSED\)/);
    const name = await failureOf(new HubClient({ host: 'http://hub.invalid' }).metadata(CONFIG));
    expect(name).toMatchObject({ code: 'HUB_UNREACHABLE', retry: 'offline' });
  });

  it('that cuts the connection before an answer may be tried again', async () => {
    const hub = await startHub();
    hub.breakHub('config.json', { cutAfter: 0 });
    const error = await failureOf(new HubClient({ host: hub.url }).metadata(CONFIG));
    expect(error).toMatchObject({ code: 'HUB_UNREACHABLE', retry: 'yes' });
  });

  it('that falls silent is given up after the idle time', async () => {
    const hub = await startHub();
    hub.addRepository(ID).commit({ 'model.safetensors': randomBytes(1000) });
    hub.breakStorage({ pauseAfter: 500, until: new Promise(() => undefined) });
    const clock = new ManualClock();
    const client = new HubClient({ host: hub.url, clock, idleTimeoutMs: 30_000 });
    let received = 0;
    const reading = client.read(WEIGHTS, 0, undefined, async ({ body }) => {
      for await (const chunk of body) {
        received += chunk.length;
        if (received === 500) setImmediate(() => clock.advance(30_000));
      }
    });
    const error = await failureOf(reading);
    expect(error).toMatchObject({ code: 'HUB_UNREACHABLE', retry: 'yes' });
    expect(error.message).toMatch(/sent nothing for 30 s/);
    expect(error.message).toContain(new URL(hub.storageUrl).host);
  });

  it('that is slow but moves is given all the time it needs', async () => {
    const hub = await startHub();
    const weights = randomBytes(1000);
    hub.addRepository(ID).commit({ 'model.safetensors': weights });
    const clock = new ManualClock();
    const client = new HubClient({ host: hub.url, clock, idleTimeoutMs: 30_000 });
    const arrivals = new EventEmitter();
    const pieces: Uint8Array[] = [];
    const piece = async (index: number) => {
      if (pieces.length < index) await once(arrivals, 'piece');
    };
    hub.breakStorage({ pieceBytes: 100, piece });
    await client.read(WEIGHTS, 0, undefined, async ({ body }) => {
      for await (const chunk of body) {
        pieces.push(chunk);
        // Ten pieces, each just in time: five minutes together.
        clock.advance(29_000);
        setImmediate(() => arrivals.emit('piece'));
      }
    });
    const content = Buffer.concat(pieces);
    expect(content.equals(weights)).toBe(true);
    expect(hub.downloads).toHaveLength(1);
  });

  it('is left alone as soon as the caller has had enough', async () => {
    const hub = await startHub();
    hub.addRepository(ID).commit({ 'model.safetensors': randomBytes(1000) });
    hub.breakStorage({ pauseAfter: 500, until: new Promise(() => undefined) });
    const enough = new AbortController();
    const reading = new HubClient({ host: hub.url }).read(WEIGHTS, 0, enough.signal, async ({ body }) => {
      for await (const _ of body) enough.abort(new Error('quit'));
    });
    expect((await failureOf(reading)).message).toBe('quit');
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
