import { describe, expect, onTestFinished, test } from 'vitest';
import { compiledModel } from '../../../inference/model/compiled.ts';
import { locateModel } from '../../../inference/model/locate.ts';
import { startProgram } from '../../bot/program.ts';
import { FakeDiscord } from '../../fakes/discord/fake-discord.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { answer } from './parley.ts';

// The whole program as people start it: settings in the environment, the model in a process of its own.

async function begin(env: Record<string, string> = {}) {
  const discord = await FakeDiscord.start();
  onTestFinished(() => discord.stop());
  const guild = discord.guild({ name: 'Reading Club' });
  const program = startProgram('bot/main.ts', {
    env: {
      MODEL: 'starter',
      MODEL_CACHE: await temporaryFolder(),
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      ...env,
    },
  });
  return {
    discord,
    program,
    general: guild.channel({ name: 'general' }),
    ada: guild.person({ name: 'Ada' }),
  };
}

describe('the program with a token for Discord', () => {
  test('says who it is, with which model, and how to invite it; answers; and leaves with whole replies', async () => {
    const cache = await temporaryFolder();
    // A bot that is told to go waits six seconds for an answer, and no model.
    await compiledModel(locateModel('starter').folder, 'q8', cache);
    const { discord, program, general, ada } = await begin({ DISCORD_THREADS: 'auto', MODEL_CACHE: cache });
    await program.shows('In Discord as Parley#4242, in one server.');
    expect(program.out).toContain('Parley 0.1.0, with the small starter model.');
    expect(program.out).toMatch(
      /https:\/\/discord\.com\/oauth2\/authorize\?client_id=\d+&scope=\S+&permissions=309237713920\n/u,
    );
    ada.says(general, 'What is a tide?', { mention: true });
    await discord.waitFor(
      () => discord.requests.some(({ route }) => route === 'POST /channels/:channel/typing'),
      { timeoutMs: 40_000 },
    );
    program.child.kill('SIGTERM');
    const { status, out, err } = await program.ended;
    expect(status).toBe(0);
    const said = await answer(discord, general);
    expect(said.buttons.map(({ label }) => label)).toContain('Again');
    expect(discord.gateway.isConnected).toBe(false);
    expect(out + err).not.toContain(discord.token);
  });

  test('needs no terminal: standard input may be closed', async () => {
    const { discord, program } = await begin();
    program.child.stdin?.end();
    await discord.waitFor(() => discord.gateway.isConnected, { timeoutMs: 40_000 });
    program.child.kill('SIGINT');
    expect((await program.ended).status).toBe(0);
  });

  test('ends at once when Discord does not take it, and says which page and which button', async () => {
    const { program } = await begin({ DISCORD_TOKEN: 'no.such.token' });
    const { status, err } = await program.ended;
    expect(status).toBe(1);
    expect(err).toMatch(
      /Parley cannot go on: Discord does not accept the token in DISCORD_TOKEN.*page Bot.*Reset Token/u,
    );
    expect(err).not.toContain('no.such.token');
  });

  test('names a setting that cannot be meant, and not the token', async () => {
    const { program } = await begin({ DISCORD_ALLOW_CHANNELS: '#general', DISCORD_THREADS: 'sometimes' });
    const { status, err } = await program.ended;
    expect(status).toBe(78);
    expect(err).toMatch(/DISCORD_THREADS .*never, auto or always.*DISCORD_ALLOW_CHANNELS .*ids of Discord/su);
  });
});
