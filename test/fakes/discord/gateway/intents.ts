import { GatewayIntentBits } from 'discord.js';
import type { ChannelRecord } from '../world/records.ts';

/** Every bit that Discord knows. */
export const knownIntents = Object.values(GatewayIntentBits)
  .filter((bit) => typeof bit === 'number')
  .reduce((all, bit) => all | bit, 0);

export function has(intents: number, bit: GatewayIntentBits): boolean {
  return (intents & bit) !== 0;
}

export function messagesIntent(channel: ChannelRecord): GatewayIntentBits {
  return channel.kind === 'dm' ? GatewayIntentBits.DirectMessages : GatewayIntentBits.GuildMessages;
}

export function typingIntent(channel: ChannelRecord): GatewayIntentBits {
  return channel.kind === 'dm' ? GatewayIntentBits.DirectMessageTyping : GatewayIntentBits.GuildMessageTyping;
}
