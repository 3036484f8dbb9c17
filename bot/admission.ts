import type { Clock } from './clock.ts';
import { Crowd, type CrowdLimits, type CrowdRefusal, type Visitor } from './crowd.ts';
import type { Gate, GateRefusal } from './gate.ts';
import { askerOf } from './person.ts';
import type { ChatRequest } from './request.ts';
import type { Route } from './router.ts';

export interface Refusal {
  readonly kind: 'refuse';
  readonly code: GateRefusal['code'] | CrowdRefusal['code'] | 'LEAVING';
  /** For the person who asked. */
  readonly message: string;
}

const LEAVING: Refusal = {
  kind: 'refuse',
  code: 'LEAVING',
  message: 'I am about to leave, so I cannot answer that. Ask again when I am back.',
};

/** Whether a request is taken now: who may ask, how often, and whether there is room. */
export class Admission {
  /** Knows how long turns take. */
  readonly crowd: Crowd;
  readonly #gate: Gate | undefined;
  #leaving = false;

  /** @param gate absent: everybody may ask, at any rate. */
  constructor(gate: Gate | undefined, limits: CrowdLimits, clock: Pick<Clock, 'now'>) {
    this.#gate = gate;
    this.crowd = new Crowd(limits, clock);
  }

  /** From now on nothing is begun. */
  close(): void {
    this.#leaving = true;
  }

  /** Why a request is not taken; `silence`: it is not, and the person knows already; undefined: it is. */
  refusal(decided: Route, request: ChatRequest): Refusal | 'silence' | undefined {
    return this.#atTheGate(request) ?? this.#noRoom(decided, request);
  }

  /** Counts a turn in. @returns to be called at its end. */
  enter(decided: Route | Refusal, request: ChatRequest): () => void {
    return this.crowd.enter(visitorOf(decided, request));
  }

  #atTheGate(request: ChatRequest): Refusal | 'silence' | undefined {
    const { origin, author, conversation } = request;
    if (!this.#gate || !origin) return undefined;
    const { platform } = conversation;
    const verdict = this.#gate.admit({ platform, author, origin, privately: isPrivate(request) });
    if (verdict === 'in') return undefined;
    return verdict === 'silence' ? verdict : { kind: 'refuse', ...verdict };
  }

  /** Told at once, though where everybody sees it not to the same person again and again. */
  #noRoom(decided: Route, request: ChatRequest): Refusal | 'silence' | undefined {
    if (decided.kind === 'refuse') return undefined;
    const full = this.#leaving ? LEAVING : this.crowd.refusal(visitorOf(decided, request));
    if (!full) return undefined;
    const { author, conversation } = request;
    const visit = { platform: conversation.platform, author, privately: isPrivate(request) };
    return (this.#gate?.mayTell(visit) ?? true) ? { kind: 'refuse', ...full } : 'silence';
  }
}

/** Whether a refusal is for the asker's eyes. */
function isPrivate({ trigger }: ChatRequest): boolean {
  return trigger === 'command' || trigger === 'menu';
}

function visitorOf(decided: Route | Refusal, request: ChatRequest): Visitor {
  const writes = decided.kind === 'control' && (decided.control === 'again' || decided.control === 'more');
  return { person: askerOf(request), forModel: decided.kind === 'task' || writes };
}
