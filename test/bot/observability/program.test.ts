import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { FakeDiscord } from '../../fakes/discord/fake-discord.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { startProgram } from '../program.ts';

// The whole program with METRICS_PORT.

/** A port, and what is listening there until `free` is called. */
async function takenPort(host = '127.0.0.1') {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  const free = () => new Promise((resolve) => server.close(resolve));
  return { port: typeof address === 'object' && address ? address.port : 0, free };
}

async function begin(env: Readonly<Record<string, string>>) {
  const discord = await FakeDiscord.start();
  onTestFinished(() => discord.stop());
  const access = { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl };
  const model = { MODEL: 'starter', MODEL_CACHE: await temporaryFolder() };
  return startProgram('bot/main.ts', { env: { ...model, ...access, ...env } });
}

test('tells whether it is ready, and its figures, to this machine', async () => {
  const { port, free } = await takenPort();
  await free();
  const program = await begin({ METRICS_PORT: String(port) });
  await program.shows('the bot can be watched');
  const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status;
  await expect.poll(ready, { timeout: 40_000 }).toBe(200);
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(text).toMatch(/^parley_info\{version="\d+\.\d+\.\d+",model="starter",weights="q8"\} 1$/mu);
  expect(text).toMatch(/^parley_platform_connected\{platform="discord"\} 1$/mu);
  program.child.kill('SIGTERM');
  await program.ended;
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
});

test('ends at once when the port is taken, and says what to do', async () => {
  const { port, free } = await takenPort();
  onTestFinished(() => void free());
  const { status, err } = await (await begin({ METRICS_PORT: String(port) })).ended;
  expect(status).toBe(1);
  expect(err).toMatch(
    new RegExp(
      `Parley cannot go on: Nothing can listen at 127\\.0\\.0\\.1, port ${port}, .*another program has it\\..*METRICS_PORT`,
      'u',
    ),
  );
});

test('ends at once when the address is none of this machine', async () => {
  const { status, err } = await (await begin({ METRICS_PORT: '9464', METRICS_HOST: '192.0.2.1' })).ended;
  expect(status).toBe(1);
  expect(err).toContain('this machine does not have the address 192.0.2.1');
});
