export interface Waiting {
  readonly conversation: string;
}

/**
 * A queue in which conversations take turns: one request of each, the longest waiting conversation first, and
 * within a conversation in order of arrival. A chatty conversation delays itself, not the others.
 */
export class FairQueue<T extends Waiting> {
  /** In the order in which the conversations' turns come; a conversation without requests is not in it. */
  readonly #turns = new Map<string, T[]>();

  get size(): number {
    let size = 0;
    for (const waiting of this.#turns.values()) size += waiting.length;
    return size;
  }

  push(item: T): void {
    const waiting = this.#turns.get(item.conversation);
    if (waiting) waiting.push(item);
    else this.#turns.set(item.conversation, [item]);
  }

  /** The next one to be taken. */
  peek(): T | undefined {
    const [first] = this.#turns.values();
    return first?.[0];
  }

  take(): T | undefined {
    const [first] = this.#turns;
    if (!first) return undefined;
    const [conversation, waiting] = first;
    const item = waiting.shift();
    this.#turns.delete(conversation);
    if (waiting.length > 0) this.#turns.set(conversation, waiting);
    return item;
  }

  remove(item: T): boolean {
    const waiting = this.#turns.get(item.conversation) ?? [];
    const at = waiting.indexOf(item);
    if (at < 0) return false;
    waiting.splice(at, 1);
    if (waiting.length === 0) this.#turns.delete(item.conversation);
    return true;
  }

  /** All that wait, in the order in which they would be taken if nobody else came. */
  order(): readonly T[] {
    const order: T[] = [];
    const queues = [...this.#turns.values()];
    const rounds = Math.max(0, ...queues.map((queue) => queue.length));
    for (let round = 0; round < rounds; round++) {
      for (const queue of queues) {
        const item = queue[round];
        if (item) order.push(item);
      }
    }
    return order;
  }
}
