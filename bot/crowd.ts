import type { Milliseconds } from '../inference/engine/engine.ts';
import type { Clock } from './clock.ts';

export interface CrowdLimits {
  /** Turns for the model that one person may have open, in all conversations together. */
  readonly openPerPerson: number;
  /** Turns for the model that may be open; what needs no model has as much room again. */
  readonly openInAll: number;
}

export interface CrowdRefusal {
  readonly code: 'TOO_MANY_OPEN' | 'TOO_BUSY';
  /** For the person who asked. */
  readonly message: string;
}

/** Somebody's turn. */
export interface Visitor {
  readonly person: string;
  /** Whether the model is needed. */
  readonly forModel: boolean;
}

/** Before the first turn has ended: an ordinary one on an ordinary machine. */
const FIRST_TURN_MS = 2_000;
/** Weight of the newest turn in the averages: the last ten or so count. */
const AVERAGING = 0.1;

/** Bounds how many turns are open, and knows from those that have ended how long one takes. */
export class Crowd {
  readonly #limits: CrowdLimits;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #open = new Map<symbol, Visitor>();
  readonly #perPerson = new Map<string, number>();
  #forModel = 0;
  #turnMs = FIRST_TURN_MS;
  /** From one end to the next, while turns for the model are open. */
  #betweenEndsMs = FIRST_TURN_MS;
  /** When the last turn for the model ended, or the first of those that are open came. */
  #lastEnd = 0;

  constructor(limits: CrowdLimits, clock: Pick<Clock, 'now'>) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** How long one turn for the model takes, from its arrival or from when its conversation has come to it. */
  get turnMs(): Milliseconds {
    return this.#turnMs;
  }

  /** Why one more turn does not fit, with how long it would take; undefined: it fits. */
  refusal({ person, forModel }: Visitor): CrowdRefusal | undefined {
    const { openPerPerson, openInAll } = this.#limits;
    const theirs = this.#perPerson.get(person) ?? 0;
    if (forModel && theirs >= openPerPerson) {
      return {
        code: 'TOO_MANY_OPEN',
        message: `I have ${theirs} requests of yours to answer already. Ask again in ${inWords(this.#turnMs)}.`,
      };
    }
    const others = this.#open.size - this.#forModel;
    if (forModel ? this.#forModel < openInAll : others < openInAll) return undefined;
    return {
      code: 'TOO_BUSY',
      message: `I have ${this.#open.size} requests to answer already, so I cannot take another one. Ask again in ${inWords(this.#forModel * this.#betweenEndsMs)}.`,
    };
  }

  /**
   * Counts a turn in, whether it fits or not: what an earlier process took has its place.
   *
   * @returns to be called at its end; safe to call twice.
   */
  enter(visitor: Visitor): () => void {
    const { person, forModel } = visitor;
    const key = Symbol(person);
    const came = this.#clock.now();
    this.#open.set(key, visitor);
    if (forModel) {
      this.#perPerson.set(person, (this.#perPerson.get(person) ?? 0) + 1);
      if (this.#forModel++ === 0) this.#lastEnd = came;
    }
    return () => {
      if (!this.#open.delete(key) || !forModel) return;
      const left = (this.#perPerson.get(person) ?? 1) - 1;
      if (left === 0) this.#perPerson.delete(person);
      else this.#perPerson.set(person, left);
      this.#learn(came);
    };
  }

  #learn(came: Milliseconds): void {
    const now = this.#clock.now();
    this.#forModel--;
    this.#turnMs += AVERAGING * (now - came - this.#turnMs);
    this.#betweenEndsMs += AVERAGING * (now - this.#lastEnd - this.#betweenEndsMs);
    this.#lastEnd = now;
  }
}

/** `about 20 s`, `about 3 min`; people need not know it better. */
export function inWords(ms: Milliseconds): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return seconds < 100 ? `about ${seconds} s` : `about ${Math.ceil(seconds / 60)} min`;
}
