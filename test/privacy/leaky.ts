import { test } from 'vitest';
import { createLogger } from '../../config/logger.ts';
import { FakeDiscord } from '../fakes/discord/fake-discord.ts';

// Everything passes here, and yet the file must fail: it logs what somebody has written, and a token.

test('a bot that tells too much', async () => {
  const discord = await FakeDiscord.start();
  const guild = discord.guild({ name: 'Reading Club' });
  const said = guild
    .person({ name: 'Ada' })
    .says(guild.channel({ name: 'general' }), 'The spare key lies beneath the blue flowerpot.');
  const logger = createLogger({ level: 'info', secrets: [], format: 'json', write: () => undefined });
  logger.info({ text: `${said.content.slice(0, 30)}…` }, 'a message came');
  logger.info(`connecting with ${discord.token}`);
  await discord.stop();
});
