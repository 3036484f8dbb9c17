import type { AccessRules } from '../../bot/permissions.ts';
import type { Config } from '../../config/config.ts';
import type { DiscordOptions } from './discord-adapter.ts';

/** Who may use the bot in Discord, as the settings say. */
export function discordAccess(config: Config): AccessRules {
  return {
    workspaces: { allow: config.discordAllowServers, deny: config.discordDenyServers },
    channels: { allow: config.discordAllowChannels, deny: config.discordDenyChannels },
    roles: { allow: config.discordAllowRoles, deny: config.discordDenyRoles },
    users: { allow: config.discordAllowUsers, deny: config.discordDenyUsers },
    directMessages: config.discordDirectMessages,
  };
}

type FromSettings = 'apiUrl' | 'guildId' | 'messageContent' | 'threads';

/** The adapter's options, as the settings say; undefined without a token. */
export function discordOptions(
  config: Config,
): (Pick<DiscordOptions, FromSettings> & { readonly token: string }) | undefined {
  if (config.discordToken === undefined) return undefined;
  return {
    token: config.discordToken,
    apiUrl: config.discordApiUrl,
    guildId: config.discordGuildId,
    messageContent: config.discordMessageContent,
    threads: config.discordThreads,
  };
}
