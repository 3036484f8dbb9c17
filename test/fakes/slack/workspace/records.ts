import type { JsonObject } from '../json.ts';
import type { Block } from '../text/blocks.ts';

export interface UserRecord {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  /** For bots: the id that their messages carry beside the user id. */
  readonly botId?: string;
  readonly appId?: string;
  /** Administers the workspace. */
  admin?: boolean;
  /** Sees only the channels that they are in. */
  guest?: boolean;
}

export type ChannelKind = 'channel' | 'group' | 'im';

export interface ChannelRecord {
  readonly id: string;
  readonly name: string;
  readonly kind: ChannelKind;
  /** User ids. */
  readonly members: Set<string>;
  readonly created: number;
  archived: boolean;
  /** In the order of their `ts`. */
  readonly messages: MessageRecord[];
}

export interface FileRecord {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  readonly filetype: string;
  readonly mode: 'hosted' | 'snippet';
  readonly content: Buffer;
  readonly user: string;
  readonly created: number;
  readonly channels: Set<string>;
}

/** What changed a message: how it came to read as it does. */
export type ChangeKind = 'posted' | 'updated' | 'appended' | 'stopped' | 'replaced' | 'edited';

export interface MessageVersion {
  /** Milliseconds since the epoch, on the fake's clock. */
  readonly at: number;
  readonly how: ChangeKind;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** In Slack's words for `streaming_state`. */
export type StreamingState = 'in_progress' | 'completed' | 'errored';

export interface StreamRecord {
  state: StreamingState;
  /** Fixed by the first payload; the other kind is refused from then on. */
  mode: 'markdown_text' | 'chunks' | undefined;
  /** A person pressed Slack's own stop button and the app has not been told by a refusal yet. */
  stopUnseen: boolean;
  /** All appends so far. */
  characters: number;
  /** Chunks other than text: task cards, plans, blocks. */
  readonly otherChunks: JsonObject[];
}

export interface MessageRecord {
  readonly channel: ChannelRecord;
  readonly ts: string;
  readonly user: UserRecord;
  readonly subtype?: 'bot_message' | 'channel_join' | 'file_share';
  readonly threadTs?: string;
  readonly clientMessageId?: string;
  readonly files: readonly FileRecord[];
  /** Only this user sees it. */
  readonly ephemeralFor?: string;
  readonly unfurlLinks: boolean;
  readonly unfurlMedia: boolean;
  /** `@name` in plain text was to be read as a mention (`link_names`, `parse: full`). */
  readonly namesLinked: boolean;
  readonly inviter?: string;
  metadata?: JsonObject;
  text: string;
  blocks: Block[];
  edited?: { readonly user: string; readonly ts: string };
  deleted: boolean;
  stream?: StreamRecord;
  readonly versions: MessageVersion[];
}
