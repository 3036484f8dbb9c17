import { Channel } from '../inference/engine/channel.ts';
import type { Seed } from '../inference/engine/engine.ts';
import type { TaskName } from '../inference/tasks/task.ts';
import { conversationKey } from './conversation.ts';
import type { ChatRequest } from './request.ts';
import type { TurnEvent } from './turn-event.ts';

/** One request with its reply, from arrival to the last event. */
export interface Turn {
  /** Unique among all platforms, and the same for the same request in any process. */
  readonly id: string;
  readonly request: ChatRequest;
  /** Which task answers it; absent where the bot answers itself. */
  readonly task?: TaskName;
  /** Was over at once, because it is not allowed or not possible: where a platform can, only the asker sees why. */
  readonly refused: boolean;
  /** Read by one reader; who stops reading stops the turn. */
  readonly events: AsyncIterable<TurnEvent>;
  /** Ends the turn with what people have seen of it. */
  stop(): void;
}

/** The id of the turn that a request gets: the same in any process. */
export function turnIdOf({ conversation, id }: ChatRequest): string {
  return `${conversationKey(conversation)}/${id}`;
}

type End = Extract<TurnEvent, { type: 'final' | 'failed' }>;

/** The side of a turn that writes it. Keeps what people have seen, so that no end contradicts it. */
export class OpenTurn implements Turn {
  readonly id: string;
  readonly request: ChatRequest;
  readonly task?: TaskName;
  /** For every draw that the answer needs, unless the request names another; absent: drawn as needed. */
  readonly seed?: Seed;
  readonly #events: Channel<TurnEvent>;
  readonly #onEvent: ((event: TurnEvent) => void) | undefined;
  readonly #stop = new AbortController();
  #text = '';
  #ended = false;
  #refused = false;

  /** @param onEvent told each event when it happens, before its reader. */
  constructor(
    id: string,
    request: ChatRequest,
    task?: TaskName,
    seed?: Seed,
    onEvent?: (event: TurnEvent) => void,
  ) {
    this.id = id;
    this.request = request;
    if (task !== undefined) this.task = task;
    if (seed !== undefined) this.seed = seed;
    this.#events = new Channel(() => this.stop());
    this.#onEvent = onEvent;
  }

  get events(): AsyncIterable<TurnEvent> {
    return this.#events;
  }

  /** Aborted when somebody stops the turn. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get refused(): boolean {
    return this.#refused;
  }

  stop(): void {
    this.#stop.abort();
  }

  tell(event: Exclude<TurnEvent, End>): void {
    if (event.type === 'delta') this.#text += event.text;
    this.#push(event);
  }

  /** A reply that is there at once. */
  say(text: string): void {
    this.tell({ type: 'delta', text });
    this.finish({ reason: 'stop' });
  }

  finish(end: Omit<Extract<End, { type: 'final' }>, 'type' | 'text'>): void {
    this.#end({ type: 'final', text: this.#text, ...end });
  }

  refuse(code: string, message: string): void {
    this.#refused = true;
    this.fail(code, message);
  }

  fail(code: string, message: string): void {
    this.#end({ type: 'failed', text: this.#text, code, message });
  }

  #end(event: End): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#push(event);
    this.#events.end();
  }

  #push(event: TurnEvent): void {
    this.#onEvent?.(event);
    this.#events.push(event);
  }
}
