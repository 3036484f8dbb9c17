import type { RouteName } from './routes/all-routes.ts';

/** Older entries go, so that long load runs stay flat. */
const kept = 20_000;

/** A request that reached the server. */
export interface RequestEntry {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** Absent when the fake server does not know the address. */
  readonly route?: RouteName;
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Absent while the answer is being held, and for good when the connection was cut. */
  status?: number;
  /** Discord's error code. */
  code?: number;
}

export class RequestLog {
  readonly #entries: RequestEntry[] = [];

  get entries(): readonly RequestEntry[] {
    return this.#entries;
  }

  add(entry: RequestEntry): RequestEntry {
    this.#entries.push(entry);
    if (this.#entries.length > kept) this.#entries.shift();
    return entry;
  }
}
