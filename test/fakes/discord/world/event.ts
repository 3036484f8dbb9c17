import type { GatewayInteractionCreateDispatchData } from 'discord.js';
import type {
  ChannelRecord,
  GuildRecord,
  InteractionRecord,
  MessageRecord,
  RoleRecord,
  TextChannelRecord,
  ThreadRecord,
} from './records.ts';

/** Something that the gateway may have to tell the bot. */
export type WorldEvent =
  | { readonly type: 'message-created'; readonly message: MessageRecord }
  | { readonly type: 'message-edited'; readonly message: MessageRecord }
  | { readonly type: 'message-deleted'; readonly message: MessageRecord }
  | {
      readonly type: 'typing';
      readonly channel: ChannelRecord;
      readonly userId: string;
      readonly at: number;
    }
  | { readonly type: 'channel-created' | 'channel-updated'; readonly channel: TextChannelRecord }
  | { readonly type: 'thread-created' | 'thread-updated'; readonly thread: ThreadRecord }
  | { readonly type: 'thread-members-updated'; readonly thread: ThreadRecord; readonly added: string }
  | { readonly type: 'guild-available'; readonly guild: GuildRecord }
  | { readonly type: 'guild-gone'; readonly guild: GuildRecord; readonly outage: boolean }
  | {
      readonly type: 'role-created' | 'role-updated';
      readonly guild: GuildRecord;
      readonly role: RoleRecord;
    }
  | { readonly type: 'member-joined'; readonly guild: GuildRecord; readonly userId: string }
  | {
      readonly type: 'interaction';
      readonly interaction: InteractionRecord;
      readonly payload: GatewayInteractionCreateDispatchData;
    };
