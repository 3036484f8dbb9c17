import { pick, type Random } from '../fakes/slack/random.ts';
import type { Place } from './place.ts';
import { QUESTIONS } from './questions.ts';
import { type Asked, isMidReply, isOver, lastLook, type Question } from './reply.ts';
import { until } from './until.ts';

/** What has gone on for so long without an end is taken for lost or left open. */
const LATE_MS = 120_000;

export interface Rounds {
  /** How many questions are asked in all; absent: until the end. */
  readonly most?: number;
  /** Absent: the usual ones. */
  readonly questions?: readonly Question[];
  /** People write whether the bot is there or not. */
  readonly regardless?: boolean;
}

/** People who ask one thing after the other, each when the answer before is there. */
export class Crowd {
  readonly #random: Random;
  readonly #mayAsk: () => boolean;
  readonly #asked: Asked[] = [];
  readonly #open = new Set<Asked>();
  #asking = false;
  #held = false;
  #left = Number.POSITIVE_INFINITY;
  #questions = QUESTIONS;
  #regardless = false;
  #work: Promise<void>[] = [];

  /** @param mayAsk nobody writes to a bot that is not there. */
  constructor(random: Random, mayAsk: () => boolean) {
    this.#random = random;
    this.#mayAsk = mayAsk;
  }

  /** Everything that was asked. */
  get asked(): readonly Asked[] {
    return this.#asked;
  }

  /** What has no end yet. */
  get open(): readonly Asked[] {
    return [...this.#open].filter((asked) => !isOver(asked));
  }

  /** Replies of which words can be read, and more are coming. */
  get midReply(): number {
    return this.open.filter(isMidReply).length;
  }

  /** A look that is true once more of any answer can be read than now: an engine writes. */
  get readsMore(): () => boolean {
    const before = new Map(this.open.map((asked) => [asked, length(asked)]));
    return () => this.open.some((asked) => length(asked) > (before.get(asked) ?? 0));
  }

  begin(places: readonly Place[], rounds: Rounds = {}): void {
    this.#asking = true;
    this.#questions = rounds.questions ?? QUESTIONS;
    this.#left = rounds.most ?? Number.POSITIVE_INFINITY;
    this.#regardless = rounds.regardless ?? false;
    this.#work = places.map((place) => this.#askOn(place));
  }

  /** Nobody asks anything new for now. */
  hold(): void {
    this.#held = true;
  }

  goOn(): void {
    this.#held = false;
  }

  /** Nobody asks anything new; resolves when all that was asked has an end, or too much time has passed. */
  async end(): Promise<void> {
    this.#asking = false;
    await this.settled();
    await Promise.all(this.#work);
  }

  async settled(): Promise<void> {
    await until(() => this.open.length === 0, { what: 'the end of every reply', withinMs: LATE_MS }).catch(
      () => undefined,
    );
  }

  /** As many were asked as shall be, and all have an end. */
  get exhausted(): boolean {
    return this.#left <= 0 && this.open.length === 0;
  }

  #ask(place: Place): Asked {
    const fitting = this.#questions.filter(({ task }) => place.tasks.includes(task));
    const question = pick(fitting, this.#random);
    if (!question) throw new Error(`There is nothing to ask by ${place.way}.`);
    const asked = place.ask(question);
    this.#asked.push(asked);
    this.#open.add(asked);
    return asked;
  }

  async #askOn(place: Place): Promise<void> {
    const wait = (look: () => boolean) =>
      until(() => look() || !this.#asking, { what: place.way, withinMs: 3_600_000 });
    while (this.#asking && this.#left > 0) {
      await wait(() => (this.#regardless || this.#mayAsk()) && !this.#held);
      if (!this.#asking || this.#left <= 0) return;
      this.#left -= 1;
      const asked = this.#ask(place);
      await wait(() => isOver(asked));
      if (isOver(asked)) this.#open.delete(asked);
    }
  }
}

/** Of what can be read, in UTF-16 units. */
function length(asked: Asked): number {
  return asked.replies().reduce((sum, reply) => sum + (lastLook(reply)?.text.length ?? 0), 0);
}
