import { PermissionFlagsBits } from 'discord.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../../adapters/discord/discord-client.ts';
import type { FakeDiscord } from '../../fakes/discord/fake-discord.ts';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { answer, answerTo, scene } from './parley.ts';

const UNKNOWN_ERROR = 4000;
const POST = 'POST /channels/:channel/messages';
const PATCH = 'PATCH /channels/:channel/messages/:message';

async function running() {
  const engine = new ScriptedEngine();
  const there = await scene({ engine });
  const { discord, general, ada } = there;
  ada.says(general, 'What is a tide?', { mention: true });
  const reply = await engine.next();
  reply.write(' The sea that breathes');
  const message = await discord.waitFor(() => general.fromBot().find(({ content }) => content !== ''));
  return { ...there, engine, reply, message };
}

describe('a connection that breaks in the middle of a reply', () => {
  test.each([
    ['closes', (discord: FakeDiscord) => discord.gateway.close(UNKNOWN_ERROR)],
    ['is cut without a word', (discord: FakeDiscord) => discord.gateway.cut()],
    ['is to be begun anew', (discord: FakeDiscord) => discord.gateway.askToReconnect()],
  ])(
    'and %s costs nothing: the reply ends whole, and what was said meanwhile is heard',
    async (_, breaks) => {
      const { discord, general, engine, ada, bob, reply, message } = await running();
      breaks(discord);
      bob.says(general, 'And a moon?', { mention: true });
      const used = ada.slash(general, 'ask', { question: 'And a star?' });
      reply.write(' in and out.').end();
      for (let asked = 0; asked < 2; asked++) (await engine.next()).write(' It shines.').end();
      await answer(discord, general, 3);
      expect(message.content).toBe('The sea that breathes in and out.');
      expect((await answerTo(discord, used)).content).toBe('It shines.');
      await discord.waitFor(() => discord.gateway.resumes.length === 1);
      expect(discord.gateway.identifies).toHaveLength(1);
      expect(engine.replies).toHaveLength(3);
    },
  );
});

test('a gateway that takes nobody for a while is tried again, and the session goes on', async () => {
  const { discord, general, ada } = await scene();
  discord.gateway.refuseConnections(3);
  discord.gateway.cut();
  ada.says(general, 'say: hello', { mention: true });
  expect((await answer(discord, general)).content).toBe('hello');
  expect(discord.gateway.identifies).toHaveLength(1);
});

describe('trouble with the API in the middle of a reply', () => {
  test.each([
    ['server errors', { status: 500, times: 5 }],
    ['a cut connection', { cut: 'before', times: 1 }],
    ['an answer that is lost', { cut: 'after', times: 1 }],
    ['too many calls', { status: 429, retryAfter: 0.2, times: 1 }],
    ['too many calls in all', { status: 429, retryAfter: 0.2, scope: 'global', times: 1 }],
  ] as const)('leaves the reply whole: %s', async (_, fault) => {
    const { discord, general, reply, message } = await running();
    discord.failNext(PATCH, fault);
    reply.write(' in and out.').end();
    await discord.waitFor(
      () => message.content === 'The sea that breathes in and out.' && message.buttons.length === 4,
    );
    expect(general.fromBot()).toHaveLength(1);
  });

  test.each([
    ['carried out, but answered with an error', { status: 502, applied: true, times: 1 }],
    ['carried out, but the answer is lost', { cut: 'after', times: 1 }],
  ] as const)('makes no second message of a post that was %s', async (_, fault) => {
    const { discord, general, ada } = await scene();
    discord.failNext(POST, fault);
    ada.says(general, 'say: hello', { mention: true });
    await discord.waitFor(() => general.fromBot().some(({ buttons }) => buttons.length === 4));
    expect(general.fromBot().map(({ content }) => content)).toEqual(['hello']);
  });
});

test.each([
  ['was answered with an error', { status: 502, applied: true }],
  ['lost its answer', { cut: 'after' }],
] as const)(
  'a private command whose acknowledgement arrived but %s is answered all the same',
  async (_, fault) => {
    const { discord, general, ada } = await scene();
    discord.failNext('POST /interactions/:interaction/:token/callback', fault);
    const used = ada.slash(general, 'ask', { question: 'say: hello', private: true });
    expect(await answerTo(discord, used)).toMatchObject({ content: 'hello', isEphemeral: true });
  },
);

test('a command that cannot be acknowledged is in the log, without the key to its answer', async () => {
  const { discord, general, ada, log } = await scene();
  discord.failNext('POST /interactions/:interaction/:token/callback', { status: 400 });
  const used = ada.slash(general, 'ask', { question: 'say: hello' });
  expect((await answer(discord, general)).content).toBe('hello');
  await expect.poll(() => log.find(({ interaction }) => interaction === used.id)).toBeDefined();
  expect(JSON.stringify(log)).not.toContain(used.token);
});

describe('a reply whose place is gone', () => {
  test('stops the model: somebody has deleted the message', async () => {
    const { guild, reply, message } = await running();
    const moderators = guild.role({ name: 'Moderators', permissions: PermissionFlagsBits.ManageMessages });
    guild.person({ name: 'Mia' }, { roles: [moderators] }).deletes(message);
    reply.write(' in and out.');
    await expect.poll(() => reply.ended).toBe(true);
  });

  test('stops the model: the bot was thrown out of the server', async () => {
    const { guild, reply } = await running();
    guild.removeBot();
    reply.write(' in and out.');
    await expect.poll(() => reply.ended).toBe(true);
  });
});

describe('long replies', () => {
  test('go on in further messages, all of them answers to the one who asked, and joined they are the text', async () => {
    const facts = Array.from(
      { length: 90 },
      (_, nth) => `Wave ${nth} came with the wind from ${nth} miles away.`,
    );
    const engine = new ScriptedEngine((reply) => {
      for (const fact of facts) reply.write(` ${fact}`);
      reply.end();
    });
    const { discord, general, ada } = await scene({ engine });
    const asked = ada.says(general, 'Tell me of the waves.', { mention: true });
    await discord.waitFor(() => general.fromBot().some(({ buttons }) => buttons.length === 4));
    const messages = general.fromBot();
    expect(messages.length).toBeGreaterThan(1);
    expect(messages.map(({ content }) => content).join(' ')).toBe(facts.join(' '));
    expect(messages.map(({ replyTo }) => replyTo)).toEqual(messages.map(() => asked.id));
    expect(messages.slice(0, -1).flatMap(({ buttons }) => buttons)).toEqual([]);
  });

  test('keep within the length also where escapes make them longer', async () => {
    const text = Array.from({ length: 400 }, (_, nth) => `<@${nth}>`).join(' ');
    const engine = new ScriptedEngine((reply) => reply.write(` ${text}`).end());
    const { discord, general, ada } = await scene({ engine });
    ada.says(general, 'Whom?', { mention: true });
    await discord.waitFor(() => general.fromBot().some(({ buttons }) => buttons.length === 4));
    const joined = general
      .fromBot()
      .map(({ content }) => content)
      .join(' ');
    expect(joined.replaceAll('\\<', '<')).toBe(text);
    expect(discord.requests.filter(({ code }) => code === 50035)).toEqual([]);
  });
});

test('text of the model pings nobody and becomes no mention, command, or disguised link; in code it stays as it is', async () => {
  const { discord, guild, general, ada, bob } = await scene({
    engine: new ScriptedEngine((reply) =>
      reply
        .write(
          ` @everyone <@${reply.options.conversation}> <#1> </ask:1> [here](https://example.org) \`<@1>\``,
        )
        .end(),
    ),
  });
  guild.role({ name: 'All', mentionable: true });
  bob.says(general, 'Hello?', { mention: true });
  const said = await answer(discord, general);
  expect(discord.pings).toEqual([]);
  expect(said.mentions).toEqual([]);
  expect(said.content).toMatch(
    /^@everyone \\<@.*> \\<#1> \\<\/ask:1> \[here\]\u200b\(https:\/\/example\.org\) `<@1>`$/u,
  );
  expect(said.embeds).toEqual([]);
  expect(ada.sees(general)).toHaveLength(2);
});

/** A client without a bot around it. */
async function listener(discord: FakeDiscord) {
  const client = createClient({ apiUrl: discord.apiUrl, messageContent: false });
  const ready = new Promise((resolve) => client.once('clientReady', resolve));
  await client.login(discord.token);
  await ready;
  let count = 0;
  client.on('messageCreate', () => {
    count += 1;
  });
  const heard = (messages: number) => expect.poll(() => count, { timeout: 20_000 }).toBe(messages);
  onTestFinished(() => client.destroy());
  return { client, heard };
}

test('memory stays flat: of messages, people and members only the latest are kept', async () => {
  const { discord, guild, general } = await scene();
  const { client, heard } = await listener(discord);
  for (let nth = 0; nth < 700; nth++) guild.person({ name: `Person ${nth}` }).says(general, 'Hello.');
  await heard(700);
  const channel = client.channels.cache.get(general.id);
  expect(channel?.isTextBased() && channel.messages.cache.size).toBe(20);
  expect(client.guilds.cache.get(guild.id)?.members.cache.size).toBe(500);
});

test('memory stays flat: of direct messages only the latest conversations are kept, and a forgotten one comes back with its next message', async () => {
  const { discord, guild, adapter, ada } = await scene();
  const { client, heard } = await listener(discord);
  const direct = () => client.channels.cache.filter((channel) => channel.isDMBased());
  await adapter.stop();
  ada.says(ada.dm(), 'Hello.');
  await heard(1);
  expect(direct().has(ada.dm().id)).toBe(true);
  for (let nth = 0; nth < 600; nth++) {
    const person = guild.person({ name: `Person ${nth}` });
    person.says(person.dm(), 'Hello.');
  }
  await heard(601);
  expect(direct().size).toBe(500);
  expect(direct().has(ada.dm().id)).toBe(false);
  ada.says(ada.dm(), 'Hello again.');
  await heard(602);
  expect(direct().size).toBe(500);
  expect(direct().has(ada.dm().id)).toBe(true);
});
