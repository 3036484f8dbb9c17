import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startProgram } from '../../bot/program.ts';
import { FakeDiscord } from '../../fakes/discord/fake-discord.ts';
import { answer, answerTo } from './parley.ts';

// The whole program, killed and started again: what people see in Discord of it is one whole answer.

async function begin() {
  const discord = await FakeDiscord.start();
  onTestFinished(() => discord.stop());
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-restart-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const guild = discord.guild({ name: 'Reading Club' });
  const start = (env: Readonly<Record<string, string>> = {}) =>
    startProgram('bot/main.ts', {
      env: {
        MODEL: 'starter',
        MODEL_CACHE: path.join(folder, 'cache'),
        DATA_DIR: path.join(folder, 'data'),
        DISCORD_TOKEN: discord.token,
        DISCORD_API_URL: discord.apiUrl,
        ...env,
      },
    });
  const general = guild.channel({ name: 'general' });
  const ada = guild.person({ name: 'Ada' });
  /**
   * Has a story begun whose seed makes it long: one by chance may be over before there is an edit. It is the bot's second
   * message, behind what it says about the seed. Gives what lets its edits go.
   */
  const storyBegins = async () => {
    await answerTo(discord, ada.slash(general, 'seed', { seed: '7' }));
    const letGo = discord.holdNext(EDIT);
    ada.says(general, 'write The Old Lighthouse', { mention: true });
    await discord.waitFor(() => discord.requests.some(({ route }) => route === EDIT), { timeoutMs: 40_000 });
    return letGo;
  };
  return { discord, guild, start, general, ada, storyBegins };
}

const EDIT = 'PATCH /channels/:channel/messages/:message';

test('a bot that is killed in mid-reply ends it after its next start, in the same message', async () => {
  const { discord, start, general, storyBegins } = await begin();
  const first = start();
  await first.shows('In Discord as');
  await storyBegins();
  first.child.kill('SIGKILL');
  await first.ended;
  const [, message] = general.fromBot();
  const before = message?.content ?? '';
  expect(message?.buttons.map(({ label }) => label)).toEqual(['Stop']);

  const second = start();
  const whole = await answer(discord, general, 2);
  expect(whole.content.startsWith(before.slice(0, 20))).toBe(true);
  expect(general.fromBot()).toHaveLength(2);
  second.child.kill('SIGTERM');
  const { status, err } = await second.ended;
  expect(status).toBe(0);
  expect(err).toContain('taken up again');
}, 60_000);

test('a bot that is told to stop takes nothing new and says so, ends its reply, and leaves with status 0', async () => {
  const { discord, guild, start, general, ada, storyBegins } = await begin();
  const program = start({ STOP_SECONDS: '60' });
  await program.shows('In Discord as');
  const letGo = await storyBegins();
  program.child.kill('SIGTERM');
  await program.shows('leaving as soon as');
  const random = guild.channel({ name: 'random' });
  ada.says(random, 'What is a tide?', { mention: true });
  const told = await discord.waitFor(() => random.fromBot()[0], { timeoutMs: 40_000 });
  expect(told.content).toContain('I am about to leave, so I cannot answer that. Ask again when I am back.');
  letGo();
  expect((await program.ended).status).toBe(0);
  expect((await answer(discord, general, 2)).buttons.map(({ label }) => label)).toContain('Again');
}, 60_000);

test('a bot that may not wait leaves its reply to the next start, with status 0', async () => {
  const { discord, start, general, storyBegins } = await begin();
  const first = start({ STOP_SECONDS: '0' });
  await first.shows('In Discord as');
  await storyBegins();
  first.child.kill('SIGTERM');
  expect((await first.ended).status).toBe(0);
  expect(general.fromBot()[1]?.buttons.map(({ label }) => label)).toEqual(['Stop']);
  start();
  await answer(discord, general, 2);
  expect(general.fromBot()).toHaveLength(2);
}, 60_000);

test('a second bot on the same data folder says so and ends', async () => {
  const { start } = await begin();
  const first = start();
  await first.shows('In Discord as');
  const { status, err } = await start().ended;
  expect(status).toBe(1);
  expect(err).toMatch(/Parley cannot go on: another Parley uses the data folder .*DATA_DIR/u);
}, 60_000);
