/**
 * What a person asked, as plain data: it survives JSON, so that a turn can be journalled and taken up by another
 * process. Adapters make requests; everything behind them speaks only this language.
 */
export type Platform = 'discord' | 'slack' | 'terminal';

/** The scope of memory: a thread, a DM, a channel's reply chain. */
export interface ConversationRef {
  readonly platform: Platform;
  /** Unique within the platform. */
  readonly id: string;
}

/** What only the adapter understands: a channel, the message to reply to, an interaction's token, a `response_url`. */
export type Address = Readonly<Record<string, string | number | boolean>>;

/** Where a reply goes, and by which way: as a message, as the answer to an interaction, for one person's eyes only. */
export interface ReplyTarget {
  readonly conversation: ConversationRef;
  /** Absent: messages in the conversation. */
  readonly address?: Address;
}

/** Addresses one posted message, for later edits, also after a restart. */
export interface MessageRef {
  readonly conversation: ConversationRef;
  readonly id: string;
  /** What else the adapter needs to edit it. */
  readonly address?: Address;
}

export interface Author {
  readonly id: string;
  readonly name: string;
}

/** Where a request comes from and what its author is there, in the platform's ids: what allow and deny lists speak of. */
export interface Origin {
  /** A conversation with the bot alone. */
  readonly direct: boolean;
  /** The server or workspace; absent where there is none. */
  readonly workspace?: string;
  /** The channel and those it lies in: a thread's channel, a channel's category. */
  readonly channels: readonly string[];
  /** Of the author. */
  readonly roles: readonly string[];
}

/** One earlier message of a conversation. */
export interface HistoryMessage {
  readonly id: string;
  readonly author: Author;
  readonly text: string;
  /** Written by this bot. */
  readonly own: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A text that came with the request and is read only when a task needs it. */
export interface AttachmentRef {
  readonly name: string;
  /** What the adapter needs to read it: a path in the terminal, an address on a platform. */
  readonly location: string;
  /** In bytes, where the platform announces it. */
  readonly size?: number;
  /** The encoding that the platform announces for its text: a label of the WHATWG Encoding Standard. */
  readonly charset?: string;
}

/**
 * How the person turned to the bot. `line` is text typed at the bot's own prompt, where it always means chat;
 * `command` names one of the table of commands.
 */
export type Trigger = 'line' | 'mention' | 'dm' | 'command' | 'menu';

export type OptionValue = string | number | boolean;

export interface ChatRequest {
  /** The platform's message or event id: the same id never gets two answers. */
  readonly id: string;
  readonly trigger: Trigger;
  /** The command's name, for triggers `command` and `menu`. */
  readonly command?: string;
  readonly options: Readonly<Record<string, OptionValue>>;
  /** What the person wrote, without the mention or the command's name. */
  readonly text: string;
  readonly author: Author;
  readonly conversation: ConversationRef;
  /** What is said around the conversation, where that is only a part of it: the channel of a chain of replies. */
  readonly talk?: ConversationRef;
  /** Absent: nobody is kept out (the terminal). */
  readonly origin?: Origin;
  /** Where the reply goes; absent: messages in the conversation. */
  readonly replyAddress?: Address;
  readonly attachments: readonly AttachmentRef[];
  /** The message this one replies to, or the target of a menu. */
  readonly repliedTo?: HistoryMessage;
  /** Milliseconds since the epoch. */
  readonly at: number;
}
