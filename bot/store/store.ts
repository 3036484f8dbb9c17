import type { Seed, TokenId } from '../../inference/engine/engine.ts';
import type { TaskName } from '../../inference/tasks/task.ts';
import type { TaskPrompt } from '../../inference/tasks/task-event.ts';
import type { ChatRequest, MessageRef } from '../request.ts';

/**
 * What the bot remembers across restarts. Plain data only, so that it can lie in a file, in memory or on another
 * machine; `test/contract/store-contract.ts` is what every store promises.
 *
 * Times are milliseconds since the epoch, by the platform's clock or by ours; fractions are cut off.
 */
export interface Store {
  readonly seen: SeenIds;
  readonly feedback: Feedback;
  readonly turns: Turns;
  /** Up to which moment conversations are forgotten. */
  readonly resets: Moments;
  /** When something was heard last in a place where the platform does not tell what was missed. */
  readonly heard: Moments;
  readonly seeds: Seeds;
  /** Whether what is kept now outlives the process. */
  readonly lasting: boolean;
  /**
   * Forgets what is older than its limit, the oldest first.
   *
   * @param atMost rows of each kind, so that no call takes long.
   * @returns whether older rows may be left.
   * @throws StoreError
   */
  prune(olderThan: Limits, atMost: number): Promise<boolean>;
  /**
   * Erases what is kept about a person: their opinions, the seeds that they fixed, and the turns that they began, of
   * which nothing is kept from then on.
   *
   * @throws StoreError
   */
  erase(person: Person): Promise<void>;
  /** Whatever was promised is kept by then; nothing else may be called afterwards. Safe to call twice. */
  close(): Promise<void>;
}

/** Unique among all platforms: `discord:` or `slack:` and the id there (`personKey`). */
export type Person = string;

/** Moments up to which nothing is kept. */
export interface Limits {
  readonly seen: number;
  readonly feedback: number;
  readonly turns: number;
  readonly resets: number;
  readonly heard: number;
  readonly seeds: number;
}

/** Which requests and presses were taken, so that none is answered twice, whatever the platform delivers again. */
export interface SeenIds {
  /**
   * Remembers an id.
   *
   * @returns whether it is new: of any number of calls with the same id, one gets `true`, also across restarts.
   * @throws StoreError
   */
  remember(id: string, at: number): Promise<boolean>;
  /**
   * The ids that are remembered, those of the latest moments first.
   *
   * @throws StoreError
   */
  latest(limit: number): Promise<readonly string[]>;
}

export interface Opinion {
  readonly turn: string;
  readonly verdict: 'good' | 'bad';
  /** A durable store keeps a keyed hash of it, never the id. */
  readonly person: Person;
  readonly at: number;
}

export interface Tally {
  readonly good: number;
  readonly bad: number;
}

/** What people think of answers: one opinion a person and turn, the latest. */
export interface Feedback {
  /** @throws StoreError */
  put(opinion: Opinion): Promise<void>;
  /**
   * @param turn absent: of all turns.
   * @throws StoreError
   */
  tally(turn?: string): Promise<Tally>;
}

/** The latest moment of each conversation; conversations are named as by `conversationKey`. */
export interface Moments {
  /** @throws StoreError */
  put(conversation: string, at: number): Promise<void>;
  /** The latest first. @throws StoreError */
  latest(limit: number): Promise<readonly Moment[]>;
}

export interface Moment {
  readonly conversation: string;
  readonly at: number;
}

/** A seed that somebody fixed for a conversation. */
export interface FixedSeed {
  readonly conversation: string;
  readonly seed: Seed;
  /** For one reply only. */
  readonly next: boolean;
  /** Who fixed it; a durable store keeps a keyed hash of it, which nothing gives back. */
  readonly person: Person;
  readonly at: number;
}

export interface Seeds {
  /** @throws StoreError */
  put(fixed: FixedSeed): Promise<void>;
  /** @throws StoreError */
  remove(conversation: string): Promise<void>;
  /** The latest first. @throws StoreError */
  latest(limit: number): Promise<readonly Omit<FixedSeed, 'person'>[]>;
  /** The conversations whose seed a person has fixed. @throws StoreError */
  of(person: Person): Promise<readonly string[]>;
}

/** A turn as it was taken, before anything was done about it. */
export interface TakenTurn {
  readonly id: string;
  readonly request: ChatRequest;
  /** For every draw that the answer needs, unless the request names another. */
  readonly seed: Seed;
}

/** What an answer is written from: with it, another process writes the same. */
export interface Draft {
  readonly task: TaskName;
  readonly prompt: TaskPrompt;
  readonly seed: Seed;
  /** Whose tokens they are. */
  readonly model: string;
  /** Lines beside the answer that were told before. */
  readonly notes: readonly string[];
  /** What the text goes on with, if it grows over several turns. */
  readonly writing?: { readonly opening: string; readonly before: string };
}

/** What has been written of an answer since the last piece: what is shown, and how the model put it. */
export interface Piece {
  readonly text: string;
  readonly tokens: readonly TokenId[];
  readonly written: string;
}

/** A posted message of a reply. */
export interface PostedMessage {
  readonly message: MessageRef;
  /** How much of the answer, in UTF-16 units, can be read up to here. */
  readonly shows: number;
}

/** All that is known of a turn whose end was not recorded. */
export interface UnfinishedTurn extends TakenTurn {
  readonly draft?: Draft;
  /** All pieces of the draft, joined. */
  readonly soFar: Piece;
  /** How often processes have begun to go on with it since it got on. */
  readonly tries: number;
  /** By their place in the reply. */
  readonly posted: readonly PostedMessage[];
}

/**
 * The journal of turns that are not finished. Each call is kept when it resolves, so that whoever shows something
 * afterwards never shows what is not known here. What is told of a turn that was not taken, or has ended, is ignored.
 */
export interface Turns {
  /**
   * Of the same id again: it begins anew, with nothing written; messages that were posted stay known.
   *
   * @throws StoreError
   */
  take(turn: TakenTurn): Promise<void>;
  /** Takes the place of an earlier draft and of all that was written from it. @throws StoreError */
  draft(id: string, draft: Draft): Promise<void>;
  /** @throws StoreError */
  write(id: string, piece: Piece): Promise<void>;
  /** A message was posted, or shows more by now. @throws StoreError */
  post(id: string, place: number, posted: PostedMessage): Promise<void>;
  /** Another process begins to go on with it, and may die of that. @throws StoreError */
  tryAgain(id: string): Promise<void>;
  /** It gets on, so its tries are none any more. @throws StoreError */
  gotOn(id: string): Promise<void>;
  /** Nothing of the turn is kept. @throws StoreError */
  end(id: string): Promise<void>;
  /** The earliest first, by the times of their requests. @throws StoreError */
  unfinished(): Promise<readonly UnfinishedTurn[]>;
  /** How many there are, without reading them. @throws StoreError */
  count(): Promise<number>;
}
