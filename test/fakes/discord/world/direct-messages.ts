import type { DmRecord } from './records.ts';
import type { World } from './world.ts';

/** The one channel between the bot and this person, new or old. */
export function openDm(world: World, recipientId: string): DmRecord {
  for (const channel of world.channels.values()) {
    if (channel.kind === 'dm' && channel.recipientId === recipientId) return channel;
  }
  const channel: DmRecord = { kind: 'dm', id: world.ids.next(), recipientId, messages: new Map() };
  world.channels.set(channel.id, channel);
  return channel;
}
