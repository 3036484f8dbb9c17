import type { Arena } from './arena.ts';

/** How much is done; a short form runs with the tests. */
export interface Size {
  /** How often the engine is killed where that is what is done. */
  readonly engineKills: number;
  readonly botKills: number;
  /** How many questions are asked where nothing else says when it is enough. */
  readonly turns: number;
  /** How often everything else is done. */
  readonly rounds: number;
}

/** One way in which things go wrong, and what people are promised all the same. */
export interface Scenario {
  /** Short, and unique: `npm run chaos -- --only NAME`. */
  readonly name: string;
  readonly done: string;
  readonly promised: string;
  /**
   * Whether some requests may end with a clear line instead of a whole answer; absent: every one is answered.
   */
  readonly refusals?: 'allowed';
  /** Why it cannot be tried here. */
  unavailable?(): string | undefined;
  /** @returns what was done, and how often. */
  run(arena: Arena, size: Size): Promise<Readonly<Record<string, number>>>;
}
