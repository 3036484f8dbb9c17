import type {
  APIAttachment,
  APIEmbed,
  APIModalInteractionResponseCallbackData,
  InteractionResponseType,
  InteractionType,
  MessageType,
} from 'discord.js';
import type { ComponentRow } from '../rest/component-body.ts';

/** What the server stores. Records are mutable inside the fake and never leave it: the wire gets JSON made from them. */
export interface UserRecord {
  readonly id: string;
  readonly username: string;
  readonly globalName: string | null;
  readonly bot: boolean;
  /** False for people who closed their direct messages: writing to them is refused. */
  acceptsDms: boolean;
}

export interface RoleRecord {
  readonly id: string;
  readonly name: string;
  permissions: bigint;
  readonly mentionable: boolean;
  readonly position: number;
  /** The bot whose own role this is. */
  readonly botId?: string;
}

export interface MemberRecord {
  readonly userId: string;
  nick: string | null;
  readonly roles: Set<string>;
  readonly joinedAt: number;
}

export interface GuildRecord {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly roles: Map<string, RoleRecord>;
  readonly members: Map<string, MemberRecord>;
  /** False during an outage. */
  available: boolean;
}

export interface Overwrite {
  readonly id: string;
  readonly kind: 'role' | 'member';
  readonly allow: bigint;
  readonly deny: bigint;
}

interface Conversation {
  readonly id: string;
  /** In order of posting; deleted ones stay for the transcript. */
  readonly messages: Map<string, MessageRecord>;
}

export interface TextChannelRecord extends Conversation {
  readonly kind: 'text';
  readonly guildId: string;
  readonly name: string;
  readonly topic: string | null;
  readonly position: number;
  readonly overwrites: Map<string, Overwrite>;
}

export interface ThreadRecord extends Conversation {
  readonly kind: 'thread';
  readonly guildId: string;
  readonly parentId: string;
  name: string;
  readonly ownerId: string;
  readonly private: boolean;
  archived: boolean;
  locked: boolean;
  autoArchiveMinutes: 60 | 1440 | 4320 | 10080;
  /** User ids with the time of joining. */
  readonly members: Map<string, number>;
  readonly createdAt: number;
}

export interface DmRecord extends Conversation {
  readonly kind: 'dm';
  /** The person at the other end; a bot's direct messages have exactly one. */
  readonly recipientId: string;
}

export type GuildChannelRecord = TextChannelRecord | ThreadRecord;
export type ChannelRecord = GuildChannelRecord | DmRecord;

/** Whom a text names, after `allowed_mentions` and the author's permissions have been applied. */
export interface Mentions {
  readonly users: readonly string[];
  readonly roles: readonly string[];
  readonly everyone: boolean;
}

/** A message as it looked from `at` until the next version. */
export interface MessageVersion {
  readonly at: number;
  readonly content: string;
  readonly embeds: readonly APIEmbed[];
  readonly components: readonly ComponentRow[];
  readonly attachments: readonly APIAttachment[];
  readonly mentions: Mentions;
}

export interface MessageRecord {
  readonly id: string;
  readonly channelId: string;
  readonly authorId: string;
  readonly type: MessageType;
  readonly createdAt: number;
  /** At least one; the last is what people see. */
  readonly versions: [MessageVersion, ...MessageVersion[]];
  flags: number;
  readonly nonce?: string | number;
  readonly reference?: { readonly channelId: string; readonly messageId?: string };
  /** Set on answers to interactions. */
  readonly interaction?: InteractionRecord;
  /** Only this person sees it. */
  readonly ephemeralFor?: string;
  threadId?: string;
  deletedAt?: number;
  /** People who got a notification from it. Only posting notifies, editing never does. */
  notified: readonly string[];
}

export interface InteractionRecord {
  readonly id: string;
  readonly token: string;
  readonly type: InteractionType;
  readonly userId: string;
  readonly channelId: string;
  readonly createdAt: number;
  /** The command's name, or the button's `custom_id`. */
  readonly name: string;
  /** The message whose button was pressed. */
  readonly sourceMessageId?: string;
  /** What its answers look like: the answer to a slash command, or to a context menu. */
  readonly messageType: MessageType;
  acknowledgedAt?: number;
  response?: InteractionResponseType;
  modal?: APIModalInteractionResponseCallbackData;
  /** What `@original` stands for. */
  originalMessageId?: string;
  readonly messageIds: Set<string>;
}
