import type { AttachmentRef, Author, ConversationRef, HistoryMessage, MessageRef } from './request.ts';

/** Reads a conversation back. */
export interface HistorySource {
  /** The newest messages, newest first, at most `limit`; the bot's own among them. */
  history(conversation: ConversationRef, limit: number): Promise<readonly HistoryMessage[]>;
}

/** Reads what came with a request. */
export interface AttachmentSource {
  /**
   * The file's bytes as they are; what text they hold is decided in one place for all platforms (`text-file.ts`).
   *
   * @throws AttachmentError when it cannot be read.
   */
  attachment(ref: AttachmentRef): Promise<Uint8Array>;
}

/** What the bot needs of a platform while it works on a turn. */
export interface Surroundings extends HistorySource, AttachmentSource {
  /** Who the bot is there: its own messages are never answered. */
  readonly self: Author;
}

export interface OutletLimits {
  /** Characters of one message. */
  readonly messageLength: number;
}

/** Where replies go: addressed by plain data, so that another process can go on with them. */
export interface Outlet {
  readonly limits: OutletLimits;
  post(where: ConversationRef, page: string): Promise<MessageRef>;
  /** Replaces a posted message's text. */
  edit(message: MessageRef, page: string): Promise<void>;
  /** Shows that an answer is on its way, for as long as the platform does so. */
  typing(where: ConversationRef): Promise<void>;
}
