import { webcrypto } from 'node:crypto';
import { Channel } from './engine/channel.ts';
import type { Chunk, GenerateOptions, TokenId } from './engine/engine.ts';
import { newSeed } from './engine/random.ts';
import { asError, InferenceError } from './errors.ts';
import type { AboutRequests, CallId, CallName, Calls, ToEngine } from './protocol.ts';

/**
 * A request during whose computation the process dies this often in a row, without one token in between, is what kills it:
 * after the first time it was computed with nobody beside it who had not shown by a token to be innocent.
 */
const MOST_STRIKES = 3;

/** Before anybody has waited, and at least: a process that is started again needs some seconds to load the model. */
const FIRST_WAIT_MS = 5_000;

/**
 * Where a request is: `here` with us, `handed` to the process, where it may wait, or `begun`: the process is computing it
 * and may die of it.
 */
type Whereabouts = 'here' | 'handed' | 'begun';

/** A reply in the making, with all that is needed to go on with it in another process. */
interface Stream {
  readonly kind: 'stream';
  readonly prompt: string;
  readonly options: GenerateOptions;
  readonly channel: Channel<Chunk>;
  readonly shown: TokenId[];
  readonly arrived: number;
  firstToken?: number;
  aborted: boolean;
  where: Whereabouts;
  strikes: number;
}

interface Call {
  readonly kind: 'call';
  readonly message: Extract<ToEngine, { type: 'call' }>;
  readonly resolve: (answer: Calls[CallName]['answer']) => void;
  readonly reject: (error: Error) => void;
  where: Whereabouts;
  strikes: number;
}

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
  readonly #requests = new Map<CallId, Stream | Call>();
  readonly #process: ProcessPort;
  #nextId = 1;
  /** Whether there is a process that can be asked. */
  #ready = false;
  readonly #most: number;
  /** What the process said last about how long the last one in its queue waits. */
  #waitMs = FIRST_WAIT_MS;

  /** @param most requests that wait or are computed: a process takes as many, and while there is none, so do we. */
  constructor(process: ProcessPort, most: number) {
    this.#process = process;
    this.#most = most;
  }

  /** @throws InferenceError `QUEUE_FULL` */
  openStream(prompt: string, options: GenerateOptions): OpenStream {
    this.#requireRoom();
    const id = this.#nextId++;
    const abort = () => {
      stream.aborted = true;
      this.#process.send({ type: 'abort', id });
    };
    const stream: Stream = {
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
      if (name === 'score') this.#requireRoom();
      const call = { kind: 'call', message, resolve: resolve as Call['resolve'], reject } as const;
      this.#hand(id, { ...call, where: 'here', strikes: 0 });
    });
  }

  /** Whether the process owes an answer. */
  get open(): boolean {
    return this.#all.some(({ where }) => where !== 'here');
  }

  /** A process is ready: it gets everything, the suspects first and one after the other. */
  handOver(): void {
    this.#ready = true;
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
      if (request.strikes >= MOST_STRIKES) this.#fail(id, poisonous());
    }
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

  /** A process whose requests are all with it refuses for itself, and knows better how long it takes. */
  #requireRoom(): void {
    const all = this.#all.filter((request) => request.kind === 'stream' || request.message.name === 'score');
    if (all.length < this.#most || all.every(({ where }) => where !== 'here')) return;
    throw new InferenceError(
      'QUEUE_FULL',
      `${all.length} requests are waiting already, and no more are taken. Ask again in about ${Math.ceil(this.#waitMs / 1000)} s.`,
    );
  }

  get #all(): readonly (Stream | Call)[] {
    return [...this.#requests.values()];
  }

  /** The suspect that was on trial, or else everything that was being computed. */
  #accused(): readonly (Stream | Call)[] {
    const begun = this.#all.filter(({ where }) => where === 'begun');
    const onTrial = begun.filter(isSuspect);
    return onTrial.length > 0 ? onTrial : begun;
  }

  /** Notes a request and sends it, now or when there is a process for it. */
  #hand(id: CallId, request: Stream | Call): void {
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

  #sendRequest(id: CallId, request: Stream | Call): void {
    // Only scores wait for their turn; the other calls are answered as they come.
    request.where = request.kind === 'call' && request.message.name !== 'score' ? 'begun' : 'handed';
    if (request.kind === 'call') this.#process.send(request.message);
    else {
      const options = { ...request.options, shown: request.shown };
      this.#process.send({ type: 'generate', id, prompt: request.prompt, options });
      if (request.aborted) this.#process.send({ type: 'abort', id });
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
      result: { ...chunk.result, ...this.#timings(request), options: request.options },
    });
    request.channel.end();
    this.#release();
  }

  #acquit(request: Stream): void {
    if (!isSuspect(request)) return;
    request.strikes = 0;
    this.#release();
  }

  /** As the caller saw them: a restarted process knows only its own part. */
  #timings({ arrived, firstToken }: Stream): { firstTokenMs: number; totalMs: number } {
    const now = performance.now();
    return { firstTokenMs: (firstToken ?? now) - arrived, totalMs: now - arrived };
  }

  #fail(id: CallId, error: Error): void {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    if (request?.kind === 'stream') request.channel.fail(error);
    else request?.reject(error);
    this.#release();
  }
}

/** The process has died of it, or of something beside it. */
function isSuspect({ strikes }: Stream | Call): boolean {
  return strikes > 0;
}

function poisonous(): InferenceError {
  return new InferenceError(
    'PROMPT_FAILED',
    `The engine's process ended ${MOST_STRIKES} times over this request, so it is given up. Ask in other words, or with less text.`,
  );
}
