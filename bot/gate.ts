import type { Milliseconds } from '../inference/engine/engine.ts';
import type { Clock } from './clock.ts';
import { type AccessRules, type DenialCode, denial } from './permissions.ts';
import { personKey } from './person.ts';
import { RateLimit } from './rate-limit.ts';
import type { Author, Origin, Platform } from './request.ts';

export interface GateOptions {
  /** A platform without rules lets everybody in, at any rate: the terminal, whose person owns the bot. */
  readonly rules: Partial<Readonly<Record<Platform, AccessRules>>>;
  /** For each person; 0 sets no limit. */
  readonly requestsPerMinute: number;
  readonly clock: Clock;
}

/** Somebody at the gate. */
export interface Visit {
  readonly platform: Platform;
  readonly author: Author;
  readonly origin: Origin;
  /** A refusal is seen by this person alone, so that it may be told every time. */
  readonly privately: boolean;
}

export interface GateRefusal {
  readonly code: DenialCode | 'TOO_MANY_REQUESTS';
  /** For the person who asked. */
  readonly message: string;
}

/** Who gets in: allow and deny lists, and so many requests a minute. */
export class Gate {
  readonly #options: GateOptions;
  readonly #requests: RateLimit;
  /** Where everybody sees a refusal, a person is told once a minute; more would be noise that anybody could make. */
  readonly #told = new RateLimit(1);

  constructor(options: GateOptions) {
    this.#options = options;
    this.#requests = new RateLimit(options.requestsPerMinute);
  }

  /** `in`, why not, or `silence`: the person knows already. */
  admit(visit: Visit): 'in' | 'silence' | GateRefusal {
    const { platform, author, origin, privately } = visit;
    const rules = this.#options.rules[platform];
    if (!rules) return 'in';
    const now = this.#options.clock.now();
    const person = personKey(platform, author);
    const refusal = denial(author, origin, rules) ?? tooMany(this.#requests.take(person, now), this.#options);
    if (!refusal) return 'in';
    return privately || this.#told.take(person, now) === undefined ? refusal : 'silence';
  }

  /** Whether a person may be told now that something is not possible, or knows already. */
  mayTell({ platform, author, privately }: Pick<Visit, 'platform' | 'author' | 'privately'>): boolean {
    const person = personKey(platform, author);
    return privately || this.#told.take(person, this.#options.clock.now()) === undefined;
  }
}

function tooMany(wait: Milliseconds | undefined, options: GateOptions): GateRefusal | undefined {
  if (wait === undefined) return undefined;
  const seconds = Math.ceil(wait / 1000);
  return {
    code: 'TOO_MANY_REQUESTS',
    message: `I answer ${options.requestsPerMinute} requests a minute for each person. Ask again in ${seconds} s.`,
  };
}
