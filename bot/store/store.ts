/**
 * What the bot remembers across restarts. Plain data only, so that it can lie in a file, in memory or on another
 * machine; `test/contract/store-contract.ts` is what every store promises.
 *
 * Times are milliseconds since the epoch, by the platform's clock or by ours; fractions are cut off.
 */
export interface Store {
  readonly seen: SeenIds;
  readonly feedback: Feedback;
  /**
   * Forgets what is older than its limit, the oldest first.
   *
   * @param atMost rows of each kind, so that no call takes long.
   * @returns whether older rows may be left.
   * @throws StoreError
   */
  prune(olderThan: Limits, atMost: number): Promise<boolean>;
  /** Whatever was promised is kept by then; nothing else may be called afterwards. Safe to call twice. */
  close(): Promise<void>;
}

/** Moments up to which nothing is kept. */
export interface Limits {
  readonly seen: number;
  readonly feedback: number;
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
  /** Unique among all platforms. A durable store keeps a keyed hash of it, never the id. */
  readonly person: string;
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
