import { askerOf } from '../person.ts';
import type { Draft, Person, Piece, PostedMessage, TakenTurn, Turns, UnfinishedTurn } from './store.ts';

interface Entry {
  readonly taken: TakenTurn;
  readonly draft?: Draft;
  readonly soFar: Piece;
  readonly tries: number;
  readonly posted: ReadonlyMap<number, PostedMessage>;
}

const NOTHING: Piece = { text: '', tokens: [], written: '' };

/** The journal of turns in memory: as many as are running. */
export class MemoryTurns implements Turns {
  readonly #entries = new Map<string, Entry>();

  async take(taken: TakenTurn): Promise<void> {
    const posted = this.#entries.get(taken.id)?.posted ?? new Map();
    this.#entries.set(taken.id, { taken, soFar: NOTHING, tries: 0, posted });
  }

  async draft(id: string, draft: Draft): Promise<void> {
    this.#change(id, () => ({ draft, soFar: NOTHING }));
  }

  async write(id: string, { text, tokens, written }: Piece): Promise<void> {
    this.#change(id, ({ soFar }) => ({
      soFar: {
        text: soFar.text + text,
        tokens: [...soFar.tokens, ...tokens],
        written: soFar.written + written,
      },
    }));
  }

  async post(id: string, place: number, message: PostedMessage): Promise<void> {
    this.#change(id, ({ posted }) => ({ posted: new Map(posted).set(place, message) }));
  }

  async tryAgain(id: string): Promise<void> {
    this.#change(id, ({ tries }) => ({ tries: tries + 1 }));
  }

  async gotOn(id: string): Promise<void> {
    this.#change(id, () => ({ tries: 0 }));
  }

  async end(id: string): Promise<void> {
    this.#entries.delete(id);
  }

  /** As `Store.erase`. */
  erase(person: Person): void {
    for (const [id, { taken }] of this.#entries)
      if (askerOf(taken.request) === person) this.#entries.delete(id);
  }

  async unfinished(): Promise<readonly UnfinishedTurn[]> {
    return this.#earliestFirst().map(({ taken, draft, soFar, tries, posted }) => ({
      ...taken,
      ...(draft && { draft }),
      soFar,
      tries,
      posted: [...posted].sort(([one], [other]) => one - other).map(([, message]) => message),
    }));
  }

  async count(): Promise<number> {
    return this.#entries.size;
  }

  /** As `Store.prune`. */
  prune(olderThan: number, atMost: number): boolean {
    const old = this.#earliestFirst().filter(({ taken }) => taken.request.at < olderThan);
    for (const { taken } of old.slice(0, atMost)) this.#entries.delete(taken.id);
    return old.length > atMost;
  }

  #earliestFirst(): readonly Entry[] {
    return [...this.#entries.values()].sort((one, other) => one.taken.request.at - other.taken.request.at);
  }

  #change(id: string, change: (entry: Entry) => Partial<Entry>): void {
    const entry = this.#entries.get(id);
    if (entry) this.#entries.set(id, { ...entry, ...change(entry) });
  }
}
