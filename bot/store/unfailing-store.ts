import type { Logger } from '../../config/logger.ts';
import type { Clock } from '../clock.ts';
import { forgetFirst } from './forget-first.ts';
import { MemoryStore } from './memory-store.ts';
import type { Feedback, Limits, Moments, Person, Seeds, SeenIds, Store, Turns } from './store.ts';
import { StoreError } from './store-error.ts';

/** After a failure nothing is written for so long: attempts cost time, and a full disk does not empty itself. */
const REST_MS = 10_000;

/** Of what is owed to the file; the first is forgotten first. As many ids as are known at once (`SeenRequests`). */
const MOST_OWED = 10_000;

export interface UnfailingStoreOptions {
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * Never fails: people are answered, whatever became of the disk. What cannot be written is known until the process ends, and
 * what the next one would otherwise do again is written when it can be; that it is so is said once, and once more when it is over.
 */
export class UnfailingStore implements Store {
  readonly seen: SeenIds;
  readonly feedback: Feedback;
  readonly turns: Turns;
  readonly resets: Moments;
  readonly heard: Moments;
  readonly seeds: Seeds;
  readonly #durable: Store;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #memory = new MemoryStore();
  /** Running turns, and whether the file knows them: the end of others need not be noted for it, however long it fails. */
  readonly #known = new Map<string, boolean | Promise<boolean>>();
  /** Turns of which a piece was not kept. */
  readonly #torn = new Set<string>();
  /** Turns that the file knows and whose end was not kept: the next start would go on with them. */
  readonly #ended = new Set<string>();
  /** What the file has yet to learn: without it the next start would take for new what was answered. Names nobody. */
  readonly #owed = new Map<string, () => Promise<unknown>>();
  #makingUp: Promise<void> | undefined;
  #failing = false;
  #closed = false;
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(durable: Store, { logger, clock }: UnfailingStoreOptions) {
    this.#durable = durable;
    this.#logger = logger;
    this.#clock = clock;
    this.seen = {
      remember: async (id, at) => {
        const newHere = await this.#memory.seen.remember(id, at);
        return newHere && (await this.#tryUntilKept(`seen ${id}`, () => durable.seen.remember(id, at), true));
      },
      latest: (limit) => this.#read(() => durable.seen.latest(limit), this.#memory.seen.latest(limit)),
    };
    this.feedback = {
      put: (opinion) => this.#try(() => durable.feedback.put(opinion), this.#memory.feedback.put(opinion)),
      tally: (turn) => this.#read(() => durable.feedback.tally(turn), this.#memory.feedback.tally(turn)),
    };
    // Whoever uses them has read them at the start, and remembers the rest itself.
    const { resets, heard, seeds } = durable;
    this.resets = this.#unfailing('reset', resets);
    this.heard = this.#unfailing('heard', heard);
    this.seeds = {
      put: (fixed) => this.#try(() => seeds.put(fixed), undefined),
      remove: (conversation) => this.#try(() => seeds.remove(conversation), undefined),
      latest: (limit) => this.#read(() => seeds.latest(limit), []),
      of: (person) => this.#read(() => seeds.of(person), []),
    };
    // Only another process would want them: there is no use in keeping them in this one's memory.
    const { turns } = durable;
    this.turns = {
      take: async (turn) => {
        const before = this.#known.get(turn.id) ?? false;
        const known = this.#kept(() => turns.take(turn)).then((kept) => kept || before);
        // At once: its end may be told before this call is over.
        this.#known.set(turn.id, known);
        await known;
      },
      draft: async (id, draft) => {
        const kept = await this.#kept(() => turns.draft(id, draft));
        if (kept) this.#torn.delete(id);
        else this.#torn.add(id);
      },
      write: async (id, piece) => {
        // Behind a gap it would be taken for what comes before.
        if (this.#torn.has(id) || (await this.#kept(() => turns.write(id, piece)))) return;
        this.#torn.add(id);
      },
      post: (id, place, message) => this.#try(() => turns.post(id, place, message), undefined),
      tryAgain: (id) => this.#try(() => turns.tryAgain(id), undefined),
      gotOn: (id) => this.#try(() => turns.gotOn(id), undefined),
      end: async (id) => {
        this.#torn.delete(id);
        const known = this.#known.get(id);
        this.#known.delete(id);
        if (!(await this.#kept(() => turns.end(id))) && (await known)) this.#ended.add(id);
      },
      unfinished: async () => {
        const unfinished = await this.#read(() => turns.unfinished(), []);
        for (const { id } of unfinished) this.#known.set(id, true);
        return unfinished.filter(({ id }) => !this.#ended.has(id));
      },
      count: () => this.#read(() => turns.count(), 0),
    };
  }

  get lasting(): boolean {
    return !this.#failing;
  }

  async prune(olderThan: Limits, atMost: number): Promise<boolean> {
    await this.#memory.prune(olderThan, atMost);
    return this.#try(() => this.#durable.prune(olderThan, atMost), false);
  }

  /** The one call that fails: nobody may believe that something is erased that is not. */
  async erase(person: Person): Promise<void> {
    await this.#memory.erase(person);
    await this.#durable.erase(person);
  }

  /** What is still told afterwards is nobody's any more. */
  async close(): Promise<void> {
    if (!this.#closed) await this.#makeUp().catch(() => undefined);
    this.#closed = true;
    await this.#durable.close();
  }

  #unfailing(kind: string, moments: Moments): Moments {
    return {
      put: (conversation, at) =>
        this.#tryUntilKept(`${kind} ${conversation}`, () => moments.put(conversation, at), undefined),
      latest: (limit) => this.#read(() => moments.latest(limit), []),
    };
  }

  async #kept(call: () => Promise<unknown>): Promise<boolean> {
    return this.#try(async () => {
      await call();
      return true;
    }, false);
  }

  /** Writes what could not be written before, once for all who ask meanwhile. @throws StoreError */
  #makeUp(): Promise<void> {
    this.#makingUp ??= this.#writeOwed().finally(() => {
      this.#makingUp = undefined;
    });
    return this.#makingUp;
  }

  async #writeOwed(): Promise<void> {
    for (const id of this.#ended) {
      await this.#durable.turns.end(id);
      this.#ended.delete(id);
    }
    for (const [what, call] of this.#owed) {
      await call();
      // Something newer may be owed by now.
      if (this.#owed.get(what) === call) this.#owed.delete(what);
    }
  }

  /** @param what is written; a later one of that name takes its place. */
  async #tryUntilKept<T>(what: string, call: () => Promise<T>, otherwise: T): Promise<T> {
    let kept = false;
    const result = await this.#try(async () => {
      const answer = await call();
      kept = true;
      return answer;
    }, otherwise);
    if (!kept) {
      this.#owed.set(what, call);
      forgetFirst(this.#owed, MOST_OWED);
    }
    return result;
  }

  /**
   * Reading needs no room, and waits for nobody who writes: it is done also while nothing is written. That it succeeds
   * does not show that writing does.
   */
  async #read<T>(call: () => Promise<T>, otherwise: T | Promise<T>): Promise<T> {
    if (this.#closed) return otherwise;
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#fails(error);
      return otherwise;
    }
  }

  async #try<T>(call: () => Promise<T>, otherwise: T | Promise<T>): Promise<T> {
    if (this.#closed || this.#rests) return otherwise;
    let result = otherwise;
    try {
      result = await call();
      await this.#makeUp();
      this.#works();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#fails(error);
    }
    return result;
  }

  get #rests(): boolean {
    return this.#clock.now() < this.#restsUntil;
  }

  #fails(error: StoreError): void {
    // Whoever reads often must not put off for ever that writing is tried again.
    if (!this.#rests) this.#restsUntil = this.#clock.now() + REST_MS;
    if (this.#failing) return;
    this.#failing = true;
    this.#logger.warn(
      { code: error.code, reason: error.message },
      'what is to survive a restart cannot be kept now; the bot goes on without',
    );
  }

  #works(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#logger.info('what is to survive a restart is kept again');
  }
}
