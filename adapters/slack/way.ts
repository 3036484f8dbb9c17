import type { Address, ConversationRef, MessageRef, ReplyTarget } from '../../bot/request.ts';

/**
 * How a reply reaches people: as messages, as native streams, through the URL that came with a command or a shortcut
 * (where the bot is no member, and for one person's eyes), or as one message for one person's eyes.
 */
export type Way =
  | { readonly by: 'message'; readonly channel: string; readonly thread?: string }
  | { readonly by: 'stream'; readonly channel: string; readonly thread: string; readonly user: string }
  /** `once`: an edit would hit the message whose button was pressed. */
  | { readonly by: 'response'; readonly url: string; readonly privately: boolean; readonly once: boolean }
  | { readonly by: 'whisper'; readonly channel: string; readonly thread?: string; readonly user: string };

/** A thread is a conversation; so is a channel, or direct messages, outside its threads. */
export function conversation(channel: string, thread: string | undefined): ConversationRef {
  return { platform: 'slack', id: thread === undefined ? channel : `${channel}/${thread}` };
}

export function placeOf({ id }: ConversationRef): { readonly channel: string; readonly thread?: string } {
  const [channel = '', thread] = id.split('/', 2);
  return { channel, ...(thread !== undefined && { thread }) };
}

export function addressOf(way: Way): Address {
  return { ...way };
}

/** Absent an address: messages in the conversation. */
export function wayOf({ conversation, address }: ReplyTarget | MessageRef): Way {
  return address === undefined ? { by: 'message', ...placeOf(conversation) } : (address as unknown as Way);
}

/** Direct messages with the bot. */
export function isDirect(channel: string): boolean {
  return channel.startsWith('D');
}

/** Milliseconds since the epoch, of a message's `ts`. */
export function momentOf(ts: string): number {
  return Number(ts) * 1000;
}
