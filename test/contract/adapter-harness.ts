import type { ChatAdapter } from '../../adapters/adapter.ts';
import type { ButtonAction } from '../../bot/buttons.ts';
import type { MessageRef } from '../../bot/request.ts';

/** One of the bot's messages as a person sees it. */
export interface SeenMessage {
  readonly text: string;
  /** What can be pressed under it, in order. */
  readonly buttons: readonly ButtonAction[];
  /** Who was notified by what it says: names or ids, `everyone` for all. */
  readonly pings: readonly string[];
}

/** A way in which the platform turns a call down. */
export type Trouble = 'too many calls' | 'server error' | 'cut connection';

/** What tests need of a platform beside the adapter: people there, and faults. */
export interface AdapterHarness {
  /** Not started yet; on a platform with one person, in a place that is one conversation: a direct one, say. */
  readonly adapter: ChatAdapter;
  /** The person writes to the bot: a mention, a direct message, a line. */
  says(text: string): Promise<void>;
  /** The person sends a file with it. */
  sends(text: string, file: { readonly name: string; readonly bytes: Uint8Array }): Promise<void>;
  /** The bot's messages in that place, oldest first. What cannot be taken back may be seen as one message. */
  sees(): Promise<readonly SeenMessage[]>;
  /** The next post or edit meets trouble, once. Only with `troubles`. */
  turnDown?(trouble: Trouble, retryAfterMs: number): void;
  /** The bot's message is deleted by somebody else. Only with `troubles`. */
  deletes?(message: MessageRef): Promise<void>;
  /** The person presses a button under the bot's newest message. Only with `buttons`. */
  presses?(action: ButtonAction): Promise<void>;
  /** How often typing was shown. Only with `typing`. */
  typings?(): number;
  /** Ends everything, the adapter included. */
  close(): Promise<void>;
}

/** What a platform is like: which parts of the contract have a meaning there. */
export interface AdapterTraits {
  /** Replies are shown by delivery through the outlet, or by the adapter itself, which reads the turn's events. */
  readonly shows: 'through delivery' | 'itself';
  /** Messages have a length limit, are told apart, and calls can be turned down. */
  readonly messages: boolean;
  readonly buttons: boolean;
  readonly typing: boolean;
  /** A post repeated with the same place makes no second message. */
  readonly knowsRepeats: boolean;
}
