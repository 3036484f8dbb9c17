import { REST, Routes, type TextChannel } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { login, startDiscord } from './real-client.ts';

const post = 'POST /channels/:channel/messages';

async function scene(...[options]: Parameters<typeof startDiscord>) {
  const discord = await startDiscord({ rateLimits: { scale: 0.05 }, ...options });
  const general = discord.guild().channel({ name: 'general' });
  const client = await login(discord, { rest: { offset: 0 } });
  const channel = (await client.channels.fetch(general.id)) as TextChannel;
  const texts = () => general.fromBot().map(({ content }) => content);
  return { discord, general, client, channel, texts };
}

describe('rate limits', () => {
  test('a client that reads the headers never meets a 429, however much it wants to say', async () => {
    const { discord, channel, texts } = await scene();
    const wanted = Array.from({ length: 12 }, (_, index) => String(index));

    await Promise.all(wanted.map((text) => channel.send(text)));

    expect(texts()).toEqual(wanted);
    expect(discord.rateLimited).toEqual([]);
  });

  test('posts and edits have a budget each, and every channel has its own', async () => {
    const { discord, general, client, channel } = await scene({ rateLimits: {} });
    const other = discord.guild().channel({ name: 'other' });
    let waits = 0;
    client.rest.on('rateLimited', () => {
      waits += 1;
    });

    const sent = await Promise.all([1, 2, 3, 4, 5].map((n) => channel.send(String(n))));
    await Promise.all(sent.map((message) => message.edit('x')));
    const elsewhere = (await client.channels.fetch(other.id)) as TextChannel;
    await Promise.all([1, 2, 3, 4, 5].map((n) => elsewhere.send(String(n))));

    expect(waits).toBe(0);
    expect(general.fromBot().map(({ versions }) => versions.length)).toEqual([2, 2, 2, 2, 2]);
    expect(discord.rateLimited).toEqual([]);
  });

  test('two clients with one token exhaust the budget: the 429 is waited out and nothing is lost', async () => {
    const { discord, channel, texts } = await scene();
    const second = new REST({ api: discord.apiUrl, offset: 0 }).setToken(discord.token);

    await Promise.all(['1', '2', '3', '4', '5'].map((text) => channel.send(text)));
    await second.post(Routes.channelMessages(channel.id), { body: { content: '6' } });

    expect(texts()).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(discord.rateLimited).toMatchObject([{ route: post }]);
  });

  test('a 429 on demand is obeyed by its Retry-After', async () => {
    const { discord, channel, texts } = await scene();

    discord.failNext(post, { status: 429, retryAfter: 0.05, scope: 'shared' });
    await channel.send('patience');

    expect(texts()).toEqual(['patience']);
    const [refused, accepted] = discord.requests.filter(({ route }) => route === post);
    expect(refused?.status).toBe(429);
    expect(accepted!.at - refused!.at).toBeGreaterThanOrEqual(45);
  });

  test('a global 429 holds every route back', async () => {
    const { discord, channel, texts } = await scene();

    discord.failNext(post, { status: 429, retryAfter: 0.1, scope: 'global' });
    await Promise.all([channel.send('patience'), channel.sendTyping()]);
    await channel.sendTyping();

    expect(texts()).toEqual(['patience']);
    expect(discord.rateLimited).toHaveLength(1);
  });

  test('more requests than fifty a second over all channels are a global 429', async () => {
    const { discord } = await scene({ rateLimits: { globalPerSecond: 2 } });
    const careless = new REST({ api: discord.apiUrl, offset: 0 }).setToken(discord.token);

    await Promise.all([1, 2, 3, 4].map(() => careless.get(Routes.user())));

    expect(discord.rateLimited.length).toBeGreaterThan(0);
  });

  test('messages older than an hour have a stricter budget for edits', async () => {
    const { discord, general, channel } = await scene({
      rateLimits: { oldEdits: { limit: 1, windowMs: 50 } },
    });
    const sent = await channel.send('old');
    discord.clock.advance(61 * 60_000);

    await sent.edit('older');
    await sent.edit('oldest');

    expect(general.fromBot()[0]?.content).toBe('oldest');
    expect(discord.rateLimited).toMatchObject([{ code: 30046 }]);
  });
});

describe('failures', () => {
  test('a 5xx is tried again, and reported when it stays', async () => {
    const { discord, channel, texts } = await scene();

    discord.failNext(post, { status: 502, times: 2 });
    await channel.send('at last');
    discord.failNext(post, { status: 500, times: 4 });
    await expect(channel.send('never')).rejects.toMatchObject({ name: 'HTTPError', status: 500 });

    expect(texts()).toEqual(['at last']);
  });

  test('a 5xx for something that was done makes a twin, unless the nonce is enforced', async () => {
    const { discord, channel, texts } = await scene();

    discord.failNext(post, { status: 503, applied: true });
    await channel.send('twice');
    discord.failNext(post, { status: 503, applied: true });
    await channel.send({ content: 'once', nonce: 7, enforceNonce: true });

    expect(texts()).toEqual(['twice', 'twice', 'once']);
  });

  test('a connection that ends before, after or in the middle of an answer is an error for the client', async () => {
    const { discord, channel, texts } = await scene();

    for (const cut of ['before', 'after', 'middle'] as const) {
      discord.failNext(post, { cut });
      await expect(channel.send(cut)).rejects.toThrow();
    }

    expect(texts()).toEqual(['after', 'middle']);
  });

  test('an answer can be held back: the message is there before the client knows', async () => {
    const { discord, channel, texts } = await scene();

    const release = discord.holdNext(post);
    let known = false;
    const sending = channel.send('slow').then(() => {
      known = true;
    });
    await discord.waitFor(() => texts().includes('slow'));
    expect(known).toBe(false);
    release();
    await sending;

    expect(known).toBe(true);
  });

  test('an address that the fake does not know is a 404 that tests can see', async () => {
    const { discord, client } = await scene();

    await expect(client.rest.get('/voice/regions')).rejects.toMatchObject({ status: 404 });

    expect(discord.unknownRequests).toMatchObject([{ path: '/voice/regions' }]);
  });
});
