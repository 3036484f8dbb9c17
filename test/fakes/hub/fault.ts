/** One request as the server saw it. */
export interface SeenRequest {
  readonly origin: 'hub' | 'storage';
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

/** What goes wrong with an answer. */
export interface Fault {
  /** Answer with this status instead, and these headers. */
  readonly status?: number;
  /** Replace headers of the answer; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** A page instead of the answer, as a proxy or a hotel's login sends it. */
  readonly page?: string;
  /** Change the content on its way; its announced hashes stay. */
  readonly content?: (content: Buffer) => Buffer;
  /** The whole file, whatever range was asked for. */
  readonly noRange?: boolean;
  /** Cut the connection after so many bytes of the body; 0 before any answer. */
  readonly cutAfter?: number;
  /** Send so many bytes of the body, then wait for `until` before the rest. */
  readonly pauseAfter?: number;
  readonly until?: Promise<void>;
  /** Send the body in pieces of this length, each (counted from 0) when `piece` lets it go. */
  readonly pieceBytes?: number;
  readonly piece?: (index: number) => Promise<void>;
}

interface Rule {
  readonly matches: (request: SeenRequest) => boolean;
  readonly fault: Fault;
  left: number;
}

/** Faults that tests ask for, each for so many of the requests that it is about. */
export class Faults {
  #rules: Rule[] = [];

  add(matches: (request: SeenRequest) => boolean, fault: Fault, times: number): void {
    this.#rules.push({ matches, fault, left: times });
  }

  /** The first fault that is meant for this request and not used up. */
  take(request: SeenRequest): Fault | undefined {
    const rule = this.#rules.find(({ matches, left }) => left > 0 && matches(request));
    if (!rule) return undefined;
    rule.left--;
    return rule.fault;
  }
}
