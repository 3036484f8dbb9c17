import type { Seed } from '../inference/engine/engine.ts';
import { conversationKey } from './conversation.ts';
import { askerOf } from './person.ts';
import type { ChatRequest } from './request.ts';
import { LASTING_IDS } from './seen-requests.ts';
import type { Person, Seeds } from './store/store.ts';

/** A seed for the replies of a conversation; `next`: for one of them only. */
export interface Fixed {
  readonly seed: Seed;
  readonly next: boolean;
}

/** Conversations known at once; the ones whose seed was fixed longest ago are forgotten first. */
const LIMIT = 5_000;

/** Which conversations have a seed. Known at once, from memory; the durable record is read at the start and written behind. */
export class FixedSeeds {
  readonly #record: Seeds | undefined;
  /** Whose they are is known of those that were fixed in this process; the record knows the others. */
  readonly #fixed = new Map<string, Fixed & { readonly person?: Person }>();

  /** @param record must not fail (`UnfailingStore`); absent: a later process knows nothing. */
  constructor(record?: Seeds) {
    this.#record = record;
  }

  /** Knows what earlier processes were told. */
  static async recalled(record: Seeds): Promise<FixedSeeds> {
    const seeds = new FixedSeeds(record);
    const latest = await record.latest(LIMIT);
    for (const { conversation, seed, next } of latest.toReversed())
      seeds.#fixed.set(conversation, { seed, next });
    return seeds;
  }

  /** Forgets what a person has fixed; to be called before they are erased from the record, which alone knows the rest. */
  async forget(person: Person): Promise<void> {
    const earlier = new Set(await this.#record?.of(person));
    for (const [conversation, { person: owner }] of this.#fixed) {
      const theirs = owner === undefined ? earlier.has(conversation) : owner === person;
      if (theirs) this.#fixed.delete(conversation);
    }
  }

  of({ conversation }: ChatRequest): Fixed | undefined {
    const known = this.#fixed.get(conversationKey(conversation));
    return known && { seed: known.seed, next: known.next };
  }

  /** @param fixed undefined: every reply draws its own again. */
  fix(request: ChatRequest, fixed: Fixed | undefined): void {
    const conversation = conversationKey(request.conversation);
    const person = askerOf(request);
    this.#fixed.delete(conversation);
    const lasting = LASTING_IDS[request.conversation.platform];
    if (!fixed) {
      if (lasting) void this.#record?.remove(conversation);
      return;
    }
    this.#fixed.set(conversation, { ...fixed, person });
    if (lasting) void this.#record?.put({ conversation, ...fixed, person, at: request.at });
    for (const oldest of this.#fixed.keys()) {
      if (this.#fixed.size <= LIMIT) break;
      this.#fixed.delete(oldest);
    }
  }

  /** A reply was written, or is known to the journal, with this seed: one that was fixed for the next reply is used up. */
  useUp(request: ChatRequest, used: Fixed): void {
    const fixed = this.of(request);
    // Meanwhile somebody may have fixed another.
    if (used.next && fixed?.next && fixed.seed === used.seed) this.fix(request, undefined);
  }
}
