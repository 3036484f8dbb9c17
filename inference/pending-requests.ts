import { webcrypto } from 'node:crypto';
import { Channel } from './engine/channel.ts';
import type { Chunk, GenerateOptions } from './engine/engine.ts';
import { newSeed } from './engine/random.ts';
import { asError, InferenceError } from './errors.ts';
import {
  abortedEnd,
  type CallRequest,
  isFigures,
  isSuspect,
  type OpenRequest,
  type StreamRequest,
  takesTurns,
  timesOf,
} from './open-request.ts';
import type { AboutRequests, CallId, CallName, Calls, ToEngine } from './protocol.ts';

/**
 * A request during whose computation the process dies this often in a row, without one token in between, is what kills it:
 * after the first time it was computed with nobody beside it who had not shown by a token to be innocent.
 */
const MOST_STRIKES = 3;

/** Before anybody has waited, and at least: a process that is started again needs some seconds to load the model. */
const FIRST_WAIT_MS = 5_000;

/**
 * So many times as many requests as a process takes may be with it. One that gets on refuses the rest for itself; one that
 * hangs or is in a long step refuses nobody, and they would pile up.
 */
const MOST_HANDED = 2;

/** A reply that was asked for. */
export interface OpenStream {
  readonly chunks: AsyncIterable<Chunk>;
  abort(): void;
  /** Nobody reads it any more. */
  forget(): void;
}

export interface ProcessPort {
  readonly send: (message: ToEngine) => void;
  /** It is asked nothing more, and owes nothing. */
  readonly spare: () => void;
}

/** What was asked and not yet answered: handed to one process, and to the next one when that dies. */
export class PendingRequests {
  readonly #requests = new Map<CallId, OpenRequest>();
  readonly #process: ProcessPort;
  #nextId = 1;
  /** Whether there is a process that can be asked. */
  #ready = false;
  readonly #most: number;
  /** Why there is no process, when that has lasted too long to wait for one. */
  #failing: Error | undefined;
  /** What the process said last about how long the last one in its queue waits. */
  #waitMs = FIRST_WAIT_MS;

  /** @param most requests that wait or are computed: a process takes as many, and while there is none, so do we. */
  constructor(process: ProcessPort, most: number) {
    this.#process = process;
    this.#most = most;
  }

  /** @throws InferenceError `QUEUE_FULL`, or what `failUntilReady` was told. */
  openStream(prompt: string, options: GenerateOptions): OpenStream {
    if (this.#failing) throw this.#failing;
    this.#requireRoom();
    const id = this.#nextId++;
    const abort = () => {
      stream.aborted = true;
      if (stream.where === 'here') this.#endAborted(id);
      else this.#process.send({ type: 'abort', id });
    };
    const stream: StreamRequest = {
      kind: 'stream',
      prompt,
      // The seed is chosen here: a process that goes on with the reply must draw from the same one.
      options: { ...options, seed: options.seed ?? newSeed(webcrypto) },
      channel: new Channel<Chunk>(abort),
      shown: [...(options.shown ?? [])],
      arrived: performance.now(),
      aborted: false,
      where: 'here',
      strikes: 0,
    };
    this.#hand(id, stream);
    const forget = () => {
      this.#requests.delete(id);
      this.#release();
    };
    return { chunks: stream.channel, abort, forget };
  }

  call<Name extends CallName>(name: Name, ask: Calls[Name]['ask']): Promise<Calls[Name]['answer']> {
    const id = this.#nextId++;
    const message = { type: 'call', id, name, ask } as Extract<ToEngine, { type: 'call' }>;
    return new Promise((resolve, reject) => {
      const settle = { resolve: resolve as CallRequest['resolve'], reject };
      const call: CallRequest = { kind: 'call', message, ...settle, where: 'here', strikes: 0 };
      if (this.#failing && !isFigures(call)) throw this.#failing;
      if (takesTurns(call)) this.#requireRoom();
      this.#hand(id, call);
    });
  }

  /** Whether the process owes an answer. */
  get open(): boolean {
    return this.#all.some(({ where }) => where !== 'here');
  }

  /** A process is ready: it gets everything, the suspects first and one after the other. */
  handOver(): void {
    this.#ready = true;
    this.#failing = undefined;
    this.#release();
  }

  /** The process is to be replaced: it gets nothing more. */
  holdBack(): void {
    this.#ready = false;
    this.#release();
  }

  /**
   * The process is gone, and everything is here again.
   *
   * @param blame whether it died of what it was computing.
   */
  takeBack(blame: boolean): void {
    this.#ready = false;
    if (blame) for (const request of this.#accused()) request.strikes++;
    for (const [id, request] of this.#requests) {
      request.where = 'here';
      if (request.kind === 'stream' && request.aborted) this.#endAborted(id);
      else if (request.strikes >= MOST_STRIKES) this.#fail(id, poisonous());
    }
  }

  /** No process comes for now: until one is ready, people are told so instead of kept waiting. */
  failUntilReady(error: Error): void {
    this.#failing = error;
    for (const [id, request] of this.#requests) if (!isFigures(request)) this.#fail(id, error);
  }

  /** Nothing will be answered any more. */
  failAll(error: Error): void {
    for (const id of [...this.#requests.keys()]) this.#fail(id, error);
  }

  receive(message: AboutRequests): void {
    if (message.type === 'chunks') {
      for (const [id, chunk] of message.chunks) this.#receiveChunk(id, chunk);
      return;
    }
    const request = this.#requests.get(message.id);
    if (message.type === 'failed') this.#fail(message.id, asError(message.failure));
    else if (message.type === 'begun') {
      if (request) request.where = 'begun';
    } else if (request?.kind === 'call') {
      this.#requests.delete(message.id);
      request.resolve(message.answer);
      this.#release();
    }
  }

  /** A process whose requests are all with it refuses for itself as long as it can, and knows better how long it takes. */
  #requireRoom(): void {
    const all = this.#all.filter(takesTurns);
    const handed = all.every(({ where }) => where !== 'here');
    if (all.length < (handed ? MOST_HANDED * this.#most : this.#most)) return;
    throw new InferenceError(
      'QUEUE_FULL',
      `${all.length} requests are waiting already, and no more are taken. Ask again in about ${Math.ceil(this.#waitMs / 1000)} s.`,
    );
  }

  get #all(): readonly OpenRequest[] {
    return [...this.#requests.values()];
  }

  /** The suspect that was on trial, or else everything that was being computed. */
  #accused(): readonly OpenRequest[] {
    const begun = this.#all.filter(({ where }) => where === 'begun');
    const onTrial = begun.filter(isSuspect);
    return onTrial.length > 0 ? onTrial : begun;
  }

  /** Notes a request and sends it, now or when there is a process for it. */
  #hand(id: CallId, request: OpenRequest): void {
    this.#requests.set(id, request);
    this.#release();
  }

  /**
   * Sends what may go now. As long as there are suspects, one of them is tried at a time, and nobody else goes who has not
   * shown a token since the last death: so another death tells for certain, and the innocent, whose prompts are read one
   * after the other anyway, lose next to no time.
   */
  #release(): void {
    if (!this.#ready) {
      if (!this.open) this.#process.spare();
      return;
    }
    const here = [...this.#requests].filter(([, { where }]) => where === 'here');
    if (!this.#all.some(isSuspect)) {
      for (const waiting of here) this.#sendRequest(...waiting);
      return;
    }
    if (this.#all.some((request) => isSuspect(request) && request.where !== 'here')) return;
    const [next] = here
      .filter(([, request]) => isSuspect(request))
      .sort(([, one], [, other]) => other.strikes - one.strikes);
    if (next) this.#sendRequest(...next);
  }

  #sendRequest(id: CallId, request: OpenRequest): void {
    request.where = takesTurns(request) ? 'handed' : 'begun';
    if (request.kind === 'call') this.#process.send(request.message);
    else {
      const options = { ...request.options, shown: request.shown };
      this.#process.send({ type: 'generate', id, prompt: request.prompt, options });
    }
  }

  #receiveChunk(id: CallId, chunk: Chunk): void {
    const request = this.#requests.get(id);
    if (request?.kind !== 'stream') return;
    if (chunk.type === 'queued') this.#waitMs = Math.max(FIRST_WAIT_MS, chunk.estimatedWaitMs);
    if (chunk.type === 'text') {
      request.shown.push(...chunk.tokens);
      request.firstToken ??= performance.now();
      this.#acquit(request);
    }
    if (chunk.type !== 'end') {
      request.channel.push(chunk);
      return;
    }
    this.#requests.delete(id);
    request.channel.push({
      ...chunk,
      result: { ...chunk.result, ...timesOf(request), options: request.options },
    });
    request.channel.end();
    this.#release();
  }

  #acquit(request: StreamRequest): void {
    if (!isSuspect(request)) return;
    request.strikes = 0;
    this.#release();
  }

  /** There is nobody to ask for the end of a reply that is here. */
  #endAborted(id: CallId): void {
    const request = this.#requests.get(id);
    if (request?.kind !== 'stream') return;
    this.#requests.delete(id);
    request.channel.push(abortedEnd(request));
    request.channel.end();
    this.#release();
  }

  #fail(id: CallId, error: Error): void {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    if (request?.kind === 'stream') request.channel.fail(error);
    else request?.reject(error);
    this.#release();
  }
}

function poisonous(): InferenceError {
  return new InferenceError(
    'PROMPT_FAILED',
    `The engine's process ended ${MOST_STRIKES} times over this request, so it is given up. Ask in other words, or with less text.`,
  );
}
