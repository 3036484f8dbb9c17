import { Client, type ClientOptions, GatewayIntentBits, Partials } from 'discord.js';
import { afterEach } from 'vitest';
import { FakeDiscord, type FakeDiscordOptions } from './fake-discord.ts';

/** The unprivileged intents that a chat bot needs. */
export const plainIntents = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.DirectMessages,
];

const clients: Client[] = [];
const servers: FakeDiscord[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.destroy()));
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

/** A server that stops after the test. */
export async function startDiscord(options?: FakeDiscordOptions): Promise<FakeDiscord> {
  const discord = await FakeDiscord.start(options);
  servers.push(discord);
  return discord;
}

/** The real discord.js, told nothing but where the API is; it ends with the test. */
export function newClient(discord: FakeDiscord, options: Partial<ClientOptions> = {}): Client {
  const client = new Client({
    intents: plainIntents,
    partials: [Partials.Channel],
    ...options,
    rest: { api: discord.apiUrl, ...options.rest },
    // discord.js spaces logins 5 s apart; Discord's limit on that is not what these tests are about.
    ws: { buildIdentifyThrottler: async () => ({ waitForIdentify: async () => {} }), ...options.ws },
  });
  clients.push(client);
  return client;
}

/** A client that is logged in and has received its servers. */
export async function login(
  discord: FakeDiscord,
  options: Partial<ClientOptions> = {},
): Promise<Client<true>> {
  const client = newClient(discord, options);
  const ready = new Promise<Client<true>>((resolve) => client.once('clientReady', resolve));
  await client.login(discord.token);
  return ready;
}
