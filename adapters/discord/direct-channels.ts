import { type Client, Events, type GatewayDispatchPayload } from 'discord.js';

/**
 * Whoever writes to the bot opens a channel, which discord.js keeps for good with its messages. Forgotten ones come again
 * with what happens in them, and only what runs needs them.
 */
const KEPT = 500;

/** Forgets the channels of direct messages in which nothing has happened for longest. */
export function limitDirectChannels(client: Client): void {
  const latest = new Set<string>();
  // Before the client takes the event in, so that no channel is added unseen.
  client.on(Events.Raw, ({ d }: GatewayDispatchPayload) => {
    const channel = directChannelOf(d);
    if (channel === undefined) return;
    latest.delete(channel);
    latest.add(channel);
    if (latest.size <= KEPT) return;
    for (const oldest of latest) {
      latest.delete(oldest);
      client.channels.cache.delete(oldest);
      break;
    }
  });
}

function directChannelOf(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null || 'guild_id' in event) return undefined;
  return 'channel_id' in event && typeof event.channel_id === 'string' ? event.channel_id : undefined;
}
