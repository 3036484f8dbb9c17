import type { Address, MessageRef, ReplyTarget } from '../../bot/request.ts';

/**
 * How a reply reaches people. `channel`: as messages, in answer to one where `replyTo` names it. `thread`: in the thread
 * of a message, which is opened when it is needed. `interaction`: by the token of a command or button, for as long as it
 * lives, and then as messages of the channel, unless the reply is for one person's eyes.
 */
export type Way =
  | { readonly by: 'channel'; readonly channel: string; readonly replyTo?: string }
  | { readonly by: 'thread'; readonly channel: string; readonly replyTo: string; readonly name: string }
  | InteractionWay;

export interface InteractionWay {
  readonly by: 'interaction';
  readonly channel: string;
  readonly application: string;
  readonly interaction: string;
  readonly token: string;
  /** Only one person sees the reply. */
  readonly privately: boolean;
  /** The first message fills the one that a deferral has left; else all are new. */
  readonly deferred: boolean;
}

/** Of a conversation's id: a channel, a thread or direct messages, and in a channel the first message of a chain of replies. */
export interface Place {
  readonly channel: string;
  readonly root?: string;
}

export function placeOf(conversationId: string): Place {
  const [channel = '', root] = conversationId.split('/', 2);
  return { channel, ...(root !== undefined && { root }) };
}

export function addressOf(way: Way): Address {
  return { ...way };
}

/** Absent an address: messages in the conversation. */
export function wayOf({ conversation, address }: ReplyTarget | MessageRef): Way {
  // Addresses are made by `addressOf` alone, and survive JSON as they are.
  if (address) return address as unknown as Way;
  return { by: 'channel', channel: placeOf(conversation.id).channel };
}
