import { PermissionFlagsBits } from 'discord.js';
import { DiscordAdapter } from '../../../adapters/discord/discord-adapter.ts';
import { readButtonId } from '../../../bot/buttons.ts';
import { createLogger } from '../../../config/logger.ts';
import { adapterContract } from '../../contract/adapter-contract.ts';
import type { Trouble } from '../../contract/adapter-harness.ts';
import { FakeDiscord } from '../../fakes/discord/fake-discord.ts';
import type { Fault } from '../../fakes/discord/rest/faults.ts';

/** Discord.js tries a server's error again by itself, three times. */
const FAULTS: Readonly<Record<Trouble, (retryAfterMs: number) => Fault>> = {
  'too many calls': (retryAfterMs) => ({ status: 429, retryAfter: retryAfterMs / 1000 }),
  'server error': () => ({ status: 500, times: 4 }),
  'cut connection': () => ({ cut: 'before' }),
};

adapterContract(
  'Discord',
  { shows: 'through delivery', messages: true, buttons: true, typing: true, knowsRepeats: true },
  async () => {
    const discord = await FakeDiscord.start({ rateLimits: { scale: 0.01 } });
    const guild = discord.guild();
    const ada = guild.person({ name: 'Ada' });
    const thread = guild.channel({ name: 'general' }).thread({ name: 'Tides', by: ada });
    const moderators = guild.role({ name: 'Moderators', permissions: PermissionFlagsBits.ManageMessages });
    const mia = guild.person({ name: 'Mia' }, { roles: [moderators] });
    const adapter = new DiscordAdapter({
      token: discord.token,
      apiUrl: discord.apiUrl,
      messageContent: false,
      threads: 'never',
      logger: createLogger({ level: 'silent', secrets: [], format: 'json' }),
      presence: async () => 'idle',
      clock: Date.now,
    });
    return {
      adapter,
      says: async (text) => void ada.says(thread, text, { mention: true }),
      sends: async (text, { name, bytes }) =>
        void ada.says(thread, text, { mention: true, attachments: [{ name, data: bytes }] }),
      sees: async () =>
        thread
          .messages()
          .filter(({ isOwn }) => isOwn)
          .map(({ content, buttons, notified }) => ({
            text: content,
            buttons: buttons.flatMap(({ customId }) => readButtonId(customId ?? '')?.action ?? []),
            pings: notified,
          })),
      turnDown: (trouble, retryAfterMs) => {
        const fault = FAULTS[trouble](retryAfterMs);
        const route =
          thread.fromBot().length > 0
            ? 'PATCH /channels/:channel/messages/:message'
            : 'POST /channels/:channel/messages';
        discord.failNext(route, fault);
      },
      deletes: async ({ id }) => {
        const message = thread.fromBot().find((one) => one.id === id);
        if (message) mia.deletes(message);
      },
      presses: async (action) => {
        const message = thread.fromBot().at(-1);
        const button = message?.buttons.find(({ customId }) => customId?.startsWith(action));
        if (message && button?.customId) ada.pressButton(message, button.customId);
      },
      typings: () =>
        discord.requests.filter(({ route }) => route === 'POST /channels/:channel/typing').length,
      close: async () => {
        await adapter.stop();
        await discord.stop();
      },
    };
  },
);
