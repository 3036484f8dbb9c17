import { forgetFirst } from './forget-first.ts';
import { MemoryTurns } from './memory-turns.ts';
import type {
  Feedback,
  FixedSeed,
  Limits,
  Moments,
  Opinion,
  Person,
  Seeds,
  SeenIds,
  Store,
  Tally,
} from './store.ts';

export interface MemoryLimits {
  /** Ids that are remembered; the ones taken first are forgotten first. */
  readonly seen: number;
  /** Opinions that are kept; the ones put first are forgotten first. */
  readonly feedback: number;
  /** Conversations whose reset, and whose seed, are remembered. */
  readonly conversations: number;
}

/** Slack's last redelivery comes after five minutes: room for 33 requests a second. An entry takes some 200 bytes. */
const MEMORY_LIMITS: MemoryLimits = { seen: 10_000, feedback: 10_000, conversations: 10_000 };

/** Forgets everything when the process ends: for tests, and where nothing can be kept on disk. */
export class MemoryStore implements Store {
  readonly seen: SeenIds;
  readonly feedback: Feedback;
  readonly turns = new MemoryTurns();
  readonly lasting = false;
  readonly resets: Moments;
  readonly heard: Moments;
  readonly seeds: Seeds;
  readonly #resets = new Map<string, number>();
  readonly #heard = new Map<string, number>();
  readonly #seeds = new Map<string, FixedSeed>();
  readonly #seen = new Map<string, number>();
  readonly #opinions = new Map<string, Opinion>();

  constructor(limits: Partial<MemoryLimits> = {}) {
    const most = { ...MEMORY_LIMITS, ...limits };
    this.seen = {
      remember: async (id, at) => {
        if (this.#seen.has(id)) return false;
        this.#seen.set(id, Math.trunc(at));
        forgetFirst(this.#seen, most.seen);
        return true;
      },
      latest: async (limit) =>
        latestFirst(this.#seen, (at) => at)
          .slice(0, limit)
          .map(([id]) => id),
    };
    this.feedback = {
      put: async (opinion) => {
        const key = JSON.stringify([opinion.turn, opinion.person]);
        this.#opinions.delete(key);
        this.#opinions.set(key, { ...opinion, at: Math.trunc(opinion.at) });
        forgetFirst(this.#opinions, most.feedback);
      },
      tally: async (turn) => tallyOf(this.#opinions.values(), turn),
    };
    this.resets = momentsIn(this.#resets, most.conversations);
    this.heard = momentsIn(this.#heard, most.conversations);
    this.seeds = {
      put: async (fixed) => {
        this.#seeds.set(fixed.conversation, { ...fixed, at: Math.trunc(fixed.at) });
        forgetFirst(this.#seeds, most.conversations);
      },
      remove: async (conversation) => {
        this.#seeds.delete(conversation);
      },
      latest: async (limit) =>
        latestFirst(this.#seeds, ({ at }) => at)
          .slice(0, limit)
          .map(([, { person: _, ...fixed }]) => fixed),
      of: async (person) =>
        [...this.#seeds.values()].flatMap((fixed) => (fixed.person === person ? [fixed.conversation] : [])),
    };
  }

  async prune(olderThan: Limits, atMost: number): Promise<boolean> {
    const left = [
      forgetOlder(this.#seen, (at) => at, olderThan.seen, atMost),
      forgetOlder(this.#opinions, ({ at }) => at, olderThan.feedback, atMost),
      this.turns.prune(olderThan.turns, atMost),
      forgetOlder(this.#resets, (at) => at, olderThan.resets, atMost),
      forgetOlder(this.#heard, (at) => at, olderThan.heard, atMost),
      forgetOlder(this.#seeds, ({ at }) => at, olderThan.seeds, atMost),
    ];
    return left.includes(true);
  }

  async erase(person: Person): Promise<void> {
    this.turns.erase(person);
    for (const kept of [this.#opinions, this.#seeds]) {
      for (const [key, entry] of kept) if (entry.person === person) kept.delete(key);
    }
  }

  async close(): Promise<void> {}
}

function momentsIn(entries: Map<string, number>, most: number): Moments {
  return {
    put: async (conversation, at) => {
      entries.set(conversation, Math.max(Math.trunc(at), entries.get(conversation) ?? 0));
      forgetFirst(entries, most);
    },
    latest: async (limit) =>
      latestFirst(entries, (at) => at)
        .slice(0, limit)
        .map(([conversation, at]) => ({ conversation, at })),
  };
}

function latestFirst<Value>(entries: Map<string, Value>, at: (value: Value) => number): [string, Value][] {
  return oldestFirst(entries, at).reverse();
}

function oldestFirst<Value>(entries: Map<string, Value>, at: (value: Value) => number): [string, Value][] {
  return [...entries].sort(([, one], [, other]) => at(one) - at(other));
}

/** Whether older ones are left. */
function forgetOlder<Value>(
  entries: Map<string, Value>,
  at: (value: Value) => number,
  limit: number,
  atMost: number,
): boolean {
  const old = oldestFirst(entries, at).filter(([, value]) => at(value) < limit);
  for (const [key] of old.slice(0, atMost)) entries.delete(key);
  return old.length > atMost;
}

function tallyOf(opinions: Iterable<Opinion>, turn: string | undefined): Tally {
  const tally = { good: 0, bad: 0 };
  for (const opinion of opinions) {
    if (turn === undefined || opinion.turn === turn) tally[opinion.verdict] += 1;
  }
  return tally;
}
