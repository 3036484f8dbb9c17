import type { Milliseconds } from '../inference/engine/engine.ts';
import type { TaskName } from '../inference/tasks/task.ts';
import type { LengthMeasure } from './delivery/text-length.ts';
import type {
  AttachmentRef,
  Author,
  ConversationRef,
  HistoryMessage,
  MessageRef,
  ReplyTarget,
} from './request.ts';

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
  /** What a command is called there, with its slash; absent: as in the table of commands. */
  commandName?(name: string): string;
}

/** So many calls in any stretch of so many milliseconds, for all who share it. */
export interface CallBudget {
  /**
   * Names who shares it: targets with the same key draw on the same calls. By convention `discord/edit/CHANNEL` or
   * `slack/update/WORKSPACE`: platform, kind of call, scope.
   */
  readonly key: string;
  /** An integer, at least 1. */
  readonly calls: number;
  readonly perMs: Milliseconds;
}

/** What a platform takes at one target. */
export interface OutletLimits {
  /** Of one message's text, as `post` and `edit` get it; at least `SHORTEST_PAGE`. */
  readonly messageLength: number;
  /** What `messageLength` counts; `utf16` by default. */
  readonly measure?: LengthMeasure;
  /** Absent: no limit. */
  readonly posts?: CallBudget;
  /** Absent: no limit. */
  readonly edits?: CallBudget;
  /**
   * `replace` (default): an edit may show any text. `append`: what is shown stays, so a message's text only grows; it
   * begins with the answer, never with a line that is to vanish.
   */
  readonly growth?: 'replace' | 'append';
  /** Posts and edits together, where the target takes no more in all (Slack's `response_url`: 5). */
  readonly mostCalls?: number;
}

/** What can be pressed under a message; which buttons that are is decided in `buttons.ts`, for all platforms. */
export type Controls =
  | { readonly state: 'none' }
  | { readonly state: 'running'; readonly turn: string }
  | { readonly state: 'done'; readonly turn: string; readonly task: TaskName };

/** Which message of which turn's reply is posted. */
export interface PostPlace {
  readonly turn: string;
  /** 0 is the reply's first message. */
  readonly index: number;
  /**
   * An earlier process may have posted it since then without knowing that it did (milliseconds since the epoch): a
   * platform that can tell looks first.
   */
  readonly since?: number;
}

/**
 * Where replies go: addressed by plain data, so that another process can go on with them.
 *
 * The texts are Markdown as the model wrote it; the platform's dialect and its escaping are the outlet's work. Nothing
 * in them may ping or unfurl: `@everyone`, `<@1>`, `<!channel>` and links made up by the model are shown as text.
 *
 * Calls are made one at a time for each reply, within the budgets that `limits` names, so an outlet neither queues nor
 * waits out rate limits: it says so with an `OutletError` and is asked again later. Every call settles within some
 * seconds: one that hung would hold up its reply, and a place in the budget.
 */
export interface Outlet {
  /** Read before every call for its budgets, which may change meanwhile; all else counts as it was when the reply began. */
  limits(where: ReplyTarget): OutletLimits;
  /**
   * Posts a new message.
   *
   * @param place asked twice with the same place (an answer was cut off, say), it posts once where the platform can
   *   tell (Discord's nonce); whether the message has the first or the second text then makes no difference.
   * @throws OutletError
   */
  post(where: ReplyTarget, page: string, controls: Controls, place: PostPlace): Promise<MessageRef>;
  /**
   * Replaces a posted message's text and controls. A message posted or edited with other controls than `running` is
   * complete, and not edited any more by the reply that it belongs to, unless that call went wrong.
   *
   * @throws OutletError
   */
  edit(message: MessageRef, page: string, controls: Controls): Promise<void>;
  /**
   * Messages that an earlier process is known to have posted, of all replies that go on now. Told before any of these
   * calls, so that no reply takes another's message for one whose own post was never confirmed.
   */
  remember?(messages: readonly MessageRef[]): void;
  /** Shows that an answer is on its way, for as long as the platform does so; where it cannot, nothing happens. */
  typing(where: ReplyTarget): Promise<void>;
  /** The form of a plain line beside the answer; `_line_` by default. */
  subdue?(line: string): string;
}
