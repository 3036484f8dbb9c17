import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { METRICS } from '../../../bot/observability/metric-table.ts';
import type { Engine } from '../../../inference/engine/engine.ts';
import type { EngineService } from '../../../inference/service.ts';
import { answer } from '../../adapters/discord/parley.ts';
import { complete } from '../../adapters/slack/waiting.ts';
import { type BothPlatforms, serveBoth } from '../../fixtures/both-platforms.ts';
import { kill } from '../../fixtures/services.ts';
import { starterService } from '../../fixtures/starter-service.ts';

// What programs that watch the bot get to see, through HTTP, of real turns on both platforms.

let engine: EngineService;

beforeAll(async () => {
  engine = await starterService();
});

afterAll(() => engine.close());

async function start(one: Promise<Engine> = Promise.resolve(engine)): Promise<BothPlatforms> {
  const both = await serveBoth(one);
  onTestFinished(() => both.stop());
  return both;
}

async function get(both: BothPlatforms, path: string) {
  const response = await fetch(`${both.address}${path}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** The figures by their names and labels, as Prometheus reads them. */
async function figures({ address }: BothPlatforms): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${address}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/u);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

async function askOnBoth({ discord, slack }: BothPlatforms): Promise<void> {
  const guild = discord.guild({ name: 'Reading Club' });
  const harbour = guild.channel({ name: 'harbour' });
  guild.person({ name: 'Ada' }).says(harbour, 'write The Old Lighthouse', { mention: true });
  const general = slack.workspace.channel('general');
  slack.workspace.user('ann').says(general, 'write The Old Lighthouse', { mention: true });
  await answer(discord, harbour);
  await slack.waitFor(() => complete(general.answers()[0]), { what: 'the complete answer' });
}

describe('/metrics', () => {
  test('counts requests, calls and tokens, and measures how long people wait', async () => {
    const both = await start();
    await askOnBoth(both);
    await expect.poll(() => both.log.filter(({ msg }) => msg === 'done').length).toBe(2);
    const seen = await figures(both);
    for (const platform of ['discord', 'slack']) {
      const of = `platform="${platform}"`;
      expect(seen.get(`parley_requests_total{${of},task="write",outcome="answered"}`)).toBe(1);
      expect(seen.get(`parley_requests_open{${of}}`)).toBe(0);
      expect(seen.get(`parley_replies_total{${of},state="whole"}`)).toBe(1);
      expect(seen.get(`parley_first_token_seconds_count{${of},task="write"}`)).toBe(1);
      expect(seen.get(`parley_first_message_seconds_count{${of}}`)).toBe(1);
      expect(seen.get(`parley_reply_seconds_count{${of},task="write"}`)).toBe(1);
      expect(seen.get(`parley_platform_connected{${of}}`)).toBe(1);
      expect(seen.get(`parley_rate_limited_total{${of}}`)).toBe(0);
      const done = both.log.find((line) => line.msg === 'done' && line.platform === platform);
      for (const [call, field] of [
        ['post', 'posts'],
        ['edit', 'edits'],
      ] as const)
        expect(seen.get(`parley_calls_total{${of},call="${call}",result="done"}`)).toBe(done?.[field]);
    }
    expect(seen.get('parley_generated_tokens_total')).toBeGreaterThan(0);
    expect(seen.get('parley_tokens_per_second')).toBeGreaterThan(0);
    expect(seen.get('parley_journal_turns')).toBe(0);
    expect(seen.get('parley_memory_bytes{process="bot"}')).toBeGreaterThan(2 ** 20);
    expect(seen.get('parley_memory_bytes{process="engine"}')).toBeGreaterThan(2 ** 20);
    expect(seen.get('parley_info{version="0.0.0",model="starter",weights="q8"}')).toBe(1);
  });

  test('has every measurement of the table, and what Node tells of its event loop', async () => {
    const both = await start();
    const text = await (await fetch(`${both.address}/metrics`)).text();
    for (const { name, kind } of Object.values(METRICS)) expect(text).toContain(`# TYPE ${name} ${kind}`);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  test('names nobody: no id, no name and no word of a message', async () => {
    const both = await start();
    await askOnBoth(both);
    const text = await (await fetch(`${both.address}/metrics`)).text();
    const ids = both.log.flatMap(({ turn }) => (turn === undefined ? [] : turn.split(/[:/]/u).slice(1)));
    expect(ids.length).toBeGreaterThan(0);
    for (const personal of [...ids, 'Ada', 'ann', 'Lighthouse', 'Reading Club', 'general'])
      expect(text).not.toMatch(new RegExp(`"[^"]*${personal}[^"]*"`, 'u'));
  });

  test("counts a platform's 429s, and calls that it turned down", async () => {
    const both = await start();
    both.slack.failNext('chat.postMessage', { kind: 'rate-limit', retryAfterSeconds: 1 });
    both.discord.failNext('POST /channels/:channel/messages', { status: 429, retryAfter: 0.1 });
    await askOnBoth(both);
    const seen = await figures(both);
    for (const platform of ['discord', 'slack']) {
      const of = `platform="${platform}"`;
      expect(seen.get(`parley_rate_limited_total{${of}}`)).toBe(1);
      expect(seen.get(`parley_calls_total{${of},call="post",result="limited"}`)).toBe(1);
    }
  });

  test('counts what is reused of earlier prompts', async () => {
    const both = await start();
    await askOnBoth(both);
    expect((await figures(both)).get('parley_prompt_reuse_ratio')).toBeGreaterThanOrEqual(0);
  });
});

describe('/readyz', () => {
  test('says yes when the model answers and the platforms are connected', async () => {
    const both = await start();
    expect(await get(both, '/readyz')).toEqual({
      status: 200,
      body: { status: 'ready', platforms: ['discord', 'slack'] },
    });
  });

  test('says no, and why, while the model is being loaded; the bot is alive all the same', async () => {
    const both = await start(new Promise(() => undefined));
    expect(await get(both, '/readyz')).toEqual({
      status: 503,
      body: { status: 'not ready', reasons: ['the model is still being loaded'] },
    });
    expect(await get(both, '/healthz')).toEqual({ status: 200, body: { status: 'alive' } });
    expect((await figures(both)).get('parley_engine_up')).toBe(0);
  });

  test('says no while a platform is away, and yes when it is back', async () => {
    const both = await start();
    const away = async () => (await get(both, '/readyz')).body;
    const slackIsBack = both.slack.failAlways('apps.connections.open', { kind: 'status', status: 500 });
    both.slack.sockets.dropAll();
    both.discord.gateway.refuseConnections(Number.POSITIVE_INFINITY);
    both.discord.gateway.cut();
    const reasons = ['discord is not connected', 'slack is not connected'];
    await expect.poll(away, { timeout: 20_000 }).toEqual({ status: 'not ready', reasons });
    expect((await figures(both)).get('parley_platform_connected{platform="slack"}')).toBe(0);
    slackIsBack();
    both.discord.gateway.refuseConnections(0);
    await expect.poll(away, { timeout: 30_000 }).toMatchObject({ status: 'ready' });
  });

  test('says no once the bot is about to end', async () => {
    const both = await start();
    await both.leave();
    const { status, body } = await get(both, '/readyz');
    expect(status).toBe(503);
    expect(body.reasons).toContain('the bot is about to end');
    expect((await get(both, '/healthz')).status).toBe(200);
  });
});

describe('the engine', () => {
  test('that dies is started again, and the bot stays alive and ready meanwhile', async () => {
    let lost: () => void = () => undefined;
    const isLost = new Promise<void>((resolve) => {
      lost = resolve;
    });
    const own = await starterService({ onEvent: ({ type }) => type === 'lost' && lost() });
    onTestFinished(() => own.close());
    const both = await start(Promise.resolve(own));
    expect((await get(both, '/readyz')).status).toBe(200);
    kill(own);
    await isLost;
    expect((await get(both, '/readyz')).status).toBe(200);
    expect((await get(both, '/healthz')).status).toBe(200);
  });

  test('that cannot be started any more makes the bot dead', async () => {
    const own = await starterService();
    const both = await start(Promise.resolve(own));
    await own.close();
    expect(await get(both, '/healthz')).toMatchObject({ status: 503, body: { status: 'dead' } });
    expect((await get(both, '/readyz')).status).toBe(503);
    expect((await figures(both)).get('parley_engine_up')).toBe(0);
  });
});

describe('the port', () => {
  test('answers questions and takes no orders', async () => {
    const { address } = await start();
    expect((await fetch(`${address}/healthz`, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${address}/`)).status).toBe(404);
    const head = await fetch(`${address}/metrics`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('lets nobody hold up the others by saying nothing', async () => {
    const both = await start();
    const { hostname, port } = new URL(both.address);
    const mute = Array.from({ length: 8 }, () => connect(Number(port), hostname));
    onTestFinished(() => {
      for (const socket of mute) socket.destroy();
    });
    expect((await get(both, '/healthz')).status).toBe(200);
  });
});
