import type { Seed } from '../inference/engine/engine.ts';
import type { TaskName } from '../inference/tasks/task.ts';
import type { TaskPrompt } from '../inference/tasks/task-event.ts';
import { conversationKey } from './conversation.ts';
import { askerOf } from './person.ts';
import type { ChatRequest } from './request.ts';
import type { Route } from './router.ts';

export type TaskRoute = Extract<Route, { kind: 'task' }>;

/** A turn that can be repeated, and, if it wrote a text, gone on with. */
export interface RememberedTurn {
  readonly id: string;
  readonly task: TaskName;
  /** What was asked for; absent: too long to keep. */
  readonly route?: TaskRoute;
  /** What it was answered from, where the request alone has made the prompt; good for one model only. */
  readonly prompt?: TaskPrompt;
  readonly model?: string;
  readonly writing?: Writing;
}

/** A text that grows over several turns. */
export interface Writing {
  readonly opening: string;
  /** What earlier turns wrote behind the opening. */
  readonly before: string;
  /** What this turn wrote. */
  readonly last: string;
}

export interface RecallLimits {
  readonly turns: number;
  readonly conversations: number;
  /** Characters of one turn's request. */
  readonly characters: number;
}

/** A request of a few pages can be repeated, and the whole memory stays below a hundred megabytes whatever people send. */
const LIMITS: RecallLimits = { turns: 500, conversations: 5_000, characters: 65_536 };

/** Of a growing text, the end that any prompt could hold. */
const KEPT_OPENING = 16_384;

interface State {
  readonly turn?: string;
  readonly writing?: string;
  /** Of the last reply. */
  readonly seed?: Seed;
}

/** Remembers the last turns, so that one can be answered again or gone on with. */
export class Recall {
  readonly #limits: RecallLimits;
  readonly #turns = new Map<string, RememberedTurn & { readonly asker: string }>();
  readonly #states = new Map<string, State>();

  constructor(limits: RecallLimits = LIMITS) {
    this.#limits = limits;
  }

  /** Notes a turn as its conversation's last one; noted again with more known about it, it takes its own place. */
  remember(request: ChatRequest, turn: RememberedTurn): void {
    put(this.#turns, turn.id, { ...this.#bounded(turn), asker: askerOf(request) }, this.#limits.turns);
    const writes = turn.writing && turn.writing.last !== '';
    for (const key of keysOf(request)) {
      this.#change(key, { turn: turn.id, ...(writes && { writing: turn.id }) });
    }
  }

  /** The turn of that id, or else the conversation's last one. */
  turn(request: ChatRequest, id?: string): RememberedTurn | undefined {
    return this.#find(request, 'turn', id);
  }

  /** The same among turns that wrote a text. */
  writing(request: ChatRequest, id?: string): Writing | undefined {
    return this.#find(request, 'writing', id)?.writing;
  }

  /** Of the last reply in a conversation. */
  seed({ conversation }: ChatRequest): Seed | undefined {
    return this.#states.get(conversationKey(conversation))?.seed;
  }

  tellSeed(request: ChatRequest, seed: Seed): void {
    this.#change(conversationKey(request.conversation), { seed });
  }

  /** Forgets what was said in a conversation. */
  forget(conversation: ChatRequest['conversation']): void {
    this.#states.delete(conversationKey(conversation));
  }

  /** Forgets what a person has asked, wherever it was. */
  forgetAsker(person: string): void {
    for (const [id, { asker }] of this.#turns) if (asker === person) this.#turns.delete(id);
  }

  #find(request: ChatRequest, which: 'turn' | 'writing', id: string | undefined): RememberedTurn | undefined {
    if (id !== undefined) return this.#remembered(id);
    for (const key of keysOf(request)) {
      const last = this.#states.get(key)?.[which];
      if (last !== undefined) return this.#remembered(last);
    }
    return undefined;
  }

  #remembered(id: string): RememberedTurn | undefined {
    const found = this.#turns.get(id);
    if (!found) return undefined;
    const { asker: _, ...turn } = found;
    return turn;
  }

  #change(key: string, change: Partial<State>): void {
    put(this.#states, key, { ...this.#states.get(key), ...change }, this.#limits.conversations);
  }

  #bounded({ route, writing, ...turn }: RememberedTurn): RememberedTurn {
    return {
      ...turn,
      ...(route && lengthOf(route) <= this.#limits.characters && { route }),
      ...(writing && { writing: shortened(writing) }),
    };
  }
}

/** A conversation, and what is said around it: a command in a channel means the chain of replies there as well. */
function keysOf({ conversation, talk }: ChatRequest): readonly string[] {
  return [conversation, ...(talk ? [talk] : [])].map(conversationKey);
}

function shortened({ opening, before, last }: Writing): Writing {
  const text = `${opening}${before}`;
  return text.length <= KEPT_OPENING
    ? { opening, before, last }
    : { opening: text.slice(-KEPT_OPENING), before: '', last };
}

function lengthOf({ text, material, options }: TaskRoute): number {
  const message = material.kind === 'message' ? material.message.text.length : 0;
  return text.length + message + (options?.choices?.join('').length ?? 0);
}

/** Sets an entry as the newest, and drops the oldest beyond the limit. */
function put<Value>(map: Map<string, Value>, key: string, value: Value, limit: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= limit) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    break;
  }
}
