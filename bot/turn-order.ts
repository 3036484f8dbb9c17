export interface Place {
  /** Somebody is before us. */
  readonly waits: boolean;
  /** Settles when everybody before us has left; never rejects. */
  readonly turn: Promise<unknown>;
  /** Lets the next one go on; also before our own turn came. */
  leave(): void;
}

interface Line {
  size: number;
  /** Settles when everybody in the line has left. */
  end: Promise<unknown>;
}

/** One at a time within a conversation, in the order of arrival, while other conversations go on. */
export class TurnOrder {
  /** How many may wait in one conversation, beside the one whose turn it is. */
  readonly longest: number;
  readonly #lines = new Map<string, Line>();

  constructor(longest: number) {
    this.longest = longest;
  }

  /** Undefined when too many are waiting already. */
  enter(conversation: string): Place | undefined {
    const line = this.#lines.get(conversation) ?? { size: 0, end: Promise.resolve() };
    if (line.size > this.longest) return undefined;
    const { promise: gone, resolve } = deferred();
    const before = line.end;
    const waits = line.size > 0;
    line.size += 1;
    // Whoever leaves while waiting must not let the next one pass the one whose turn it is.
    line.end = Promise.all([before, gone]).then(() => undefined);
    this.#lines.set(conversation, line);
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      line.size -= 1;
      if (line.size === 0) this.#lines.delete(conversation);
      resolve();
    };
    return { waits, turn: before, leave };
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
