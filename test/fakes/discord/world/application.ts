import { GatewayIntentBits } from 'discord.js';

/** The switches under "Privileged Gateway Intents" in the developer portal. */
export interface PrivilegedIntents {
  readonly messageContent: boolean;
  readonly guildMembers: boolean;
  readonly presences: boolean;
}

/** The bot's application in the developer portal. Its id is its bot user's id, as it is for all but very old ones. */
export interface ApplicationRecord {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  token: string;
  privileged: PrivilegedIntents;
}

/** Intent bits that the portal does not allow this application to ask for. */
export function disallowedIntents({ privileged }: ApplicationRecord): number {
  return (
    (privileged.messageContent ? 0 : GatewayIntentBits.MessageContent) |
    (privileged.guildMembers ? 0 : GatewayIntentBits.GuildMembers) |
    (privileged.presences ? 0 : GatewayIntentBits.GuildPresences)
  );
}

/** Tokens have three parts: the bot's id in base64, a time, a signature. discord.js masks the last one in its logs. */
export function newToken(botId: string, issue: number): string {
  const id = Buffer.from(botId).toString('base64url');
  return `${id}.Fake${String(issue).padStart(2, '0')}.only-the-fake-server-on-loopback-knows-this`;
}
