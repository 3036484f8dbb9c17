import { webcrypto } from 'node:crypto';
import { Channel } from './engine/channel.ts';
import type { Chunk, GenerateOptions, TokenId } from './engine/engine.ts';
import { newSeed } from './engine/random.ts';
import { asError, InferenceError } from './errors.ts';
import type { CallId, CallName, Calls, FromEngine, ToEngine } from './protocol.ts';

/** A request during whose computation the process dies this often in a row, without one token in between, is what kills it. */
const MOST_STRIKES = 3;

/**
 * A reply in the making, with all that is needed to go on with it in another process. `begun`: this process is computing it
 * and may die of it; what still waits for its turn is not to blame.
 */
interface Stream {
  readonly kind: 'stream';
  readonly prompt: string;
  readonly options: GenerateOptions;
  readonly channel: Channel<Chunk>;
  readonly shown: TokenId[];
  readonly arrived: number;
  firstToken?: number;
  aborted: boolean;
  begun: boolean;
  strikes: number;
}

interface Call {
  readonly kind: 'call';
  readonly message: Extract<ToEngine, { type: 'call' }>;
  readonly resolve: (answer: Calls[CallName]['answer']) => void;
  readonly reject: (error: Error) => void;
  begun: boolean;
  strikes: number;
}

/** A reply that was asked for. */
export interface OpenStream {
  readonly chunks: AsyncIterable<Chunk>;
  abort(): void;
  /** Nobody reads it any more. */
  forget(): void;
}

/** What was asked and not yet answered: handed to one process, and to the next one when that dies. */
export class PendingRequests {
  readonly #requests = new Map<CallId, Stream | Call>();
  readonly #send: (message: ToEngine) => void;
  #nextId = 1;
  /** Whether there is a process that can answer. */
  #ready = false;

  constructor(send: (message: ToEngine) => void) {
    this.#send = send;
  }

  openStream(prompt: string, options: GenerateOptions): OpenStream {
    const id = this.#nextId++;
    const abort = () => {
      stream.aborted = true;
      this.#send({ type: 'abort', id });
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
      begun: false,
      strikes: 0,
    };
    this.#hand(id, stream);
    return { chunks: stream.channel, abort, forget: () => this.#requests.delete(id) };
  }

  call<Name extends CallName>(name: Name, ask: Calls[Name]['ask']): Promise<Calls[Name]['answer']> {
    const id = this.#nextId++;
    const message = { type: 'call', id, name, ask } as Extract<ToEngine, { type: 'call' }>;
    return new Promise((resolve, reject) => {
      const call = { kind: 'call', message, resolve: resolve as Call['resolve'], reject } as const;
      this.#hand(id, { ...call, begun: false, strikes: 0 });
    });
  }

  /** A process is ready: it gets everything. */
  handOver(): void {
    this.#ready = true;
    for (const [id, request] of this.#requests) this.#sendRequest(id, request);
  }

  /** The process died. What it was computing too often when that happened is given up. */
  takeBack(): void {
    this.#ready = false;
    for (const [id, request] of this.#requests) {
      if (request.begun) request.strikes++;
      request.begun = false;
      if (request.strikes >= MOST_STRIKES) this.#fail(id, poisonous());
    }
  }

  /** Nothing will be answered any more. */
  failAll(error: Error): void {
    for (const id of [...this.#requests.keys()]) this.#fail(id, error);
  }

  receive(message: Exclude<FromEngine, { type: 'ready' | 'refused' | 'ending' }>): void {
    if (message.type === 'chunks') {
      for (const [id, chunk] of message.chunks) this.#receiveChunk(id, chunk);
      return;
    }
    const request = this.#requests.get(message.id);
    if (message.type === 'failed') this.#fail(message.id, asError(message.failure));
    else if (message.type === 'begun') {
      if (request) request.begun = true;
    } else if (request?.kind === 'call') {
      this.#requests.delete(message.id);
      request.resolve(message.answer);
    }
  }

  /** Notes a request and sends it, now or when there is a process again. */
  #hand(id: CallId, request: Stream | Call): void {
    this.#requests.set(id, request);
    if (this.#ready) this.#sendRequest(id, request);
  }

  #sendRequest(id: CallId, request: Stream | Call): void {
    // Only scores wait for their turn; the other calls are answered as they come.
    request.begun = request.kind === 'call' && request.message.name !== 'score';
    if (request.kind === 'call') this.#send(request.message);
    else {
      const options = { ...request.options, shown: request.shown };
      this.#send({ type: 'generate', id, prompt: request.prompt, options });
      if (request.aborted) this.#send({ type: 'abort', id });
    }
  }

  #receiveChunk(id: CallId, chunk: Chunk): void {
    const request = this.#requests.get(id);
    if (request?.kind !== 'stream') return;
    if (chunk.type === 'text') {
      request.shown.push(...chunk.tokens);
      request.firstToken ??= performance.now();
      request.strikes = 0;
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
  }
}

function poisonous(): InferenceError {
  return new InferenceError(
    'PROMPT_FAILED',
    `The engine's process ended ${MOST_STRIKES} times over this request, so it is given up. Ask in other words, or with less text.`,
  );
}
