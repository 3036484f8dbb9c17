import type { ChildProcess } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { forkChild } from './child-process.ts';
import { Channel } from './engine/channel.ts';
import type {
  Chunk,
  Engine,
  EngineModel,
  EngineStats,
  GenerateOptions,
  Score,
  TokenId,
} from './engine/engine.ts';
import { newSeed } from './engine/random.ts';
import type { SchedulerLimits } from './engine/scheduler.ts';
import { InferenceError, type InferenceErrorCode } from './errors.ts';
import type { Weights } from './graph/gpt2.ts';
import { type CompileWatch, compiledModel } from './model/compiled.ts';
import { type LocatedModel, locateModel } from './model/locate.ts';
import type { CallId, CallName, Calls, EngineOrder, Failure, FromEngine, ToEngine } from './protocol.ts';

export interface ServiceOptions {
  /** `starter`, a folder with a GPT-2 checkpoint, or one that was found already. */
  readonly model: string | LocatedModel;
  /** Where compiled graphs are kept. */
  readonly cache: string;
  readonly weights: Weights;
  /** Threads that compute; 0 is one a core. */
  readonly threads: number;
  readonly limits: SchedulerLimits;
  /** Told when the model has to be compiled first, which takes some seconds; `signal` gives that up. */
  readonly compiling?: CompileWatch;
  /** Told when the engine's process is lost and when it is back. */
  readonly onEvent?: (event: ServiceEvent) => void;
}

export type ServiceEvent =
  | { readonly type: 'lost'; readonly cause: string; readonly again: number }
  | { readonly type: 'restarted'; readonly process: number };

/** Pauses before the process is started again: at once after a first crash, slower when it keeps crashing. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** A process that lived this long had nothing wrong with it from the start: the next pause is short again. */
const HEALTHY_MS = 30_000;
/** A request during whose computation the process dies this often in a row, without one token in between, is what kills it. */
const MOST_STRIKES = 3;
/** How long a process may take to close by itself. */
const CLOSE_MS = 2_000;

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

/**
 * Compiles the model if the cache lacks it, starts the engine's process, and resolves when it can answer.
 *
 * @throws InferenceError when the model cannot be found, compiled or loaded.
 */
export async function startEngine(options: ServiceOptions): Promise<EngineService> {
  const { model, weights, cache } = options;
  const { name, folder } = typeof model === 'string' ? locateModel(model) : model;
  const compiled = await compiledModel(folder, weights, cache, options.compiling);
  const order = { folder: compiled, name, threads: options.threads, limits: options.limits };
  return EngineService.start(order, options.onEvent ?? (() => undefined));
}

/**
 * The engine in a process of its own, so that the model never holds up the event loop that platforms wait for. The process
 * is started again when it dies, and every unfinished request is handed to the next one: replies go on behind the tokens
 * already shown, with the same seed, so that text which people have seen neither changes nor repeats.
 */
export class EngineService implements Engine {
  readonly #order: EngineOrder;
  readonly #onEvent: (event: ServiceEvent) => void;
  readonly #pending = new Map<CallId, Stream | Call>();
  #model: EngineModel | undefined;
  #child: ChildProcess | undefined;
  #ready = false;
  #nextId = 1;
  #restarts = 0;
  #pause = FIRST_PAUSE_MS;
  #nextStart: NodeJS.Timeout | undefined;
  /** Why nothing is answered any more. */
  #closed: Error | undefined;
  #closing: Promise<void> | undefined;

  private constructor(order: EngineOrder, onEvent: (event: ServiceEvent) => void) {
    this.#order = order;
    this.#onEvent = onEvent;
  }

  static async start(order: EngineOrder, onEvent: (event: ServiceEvent) => void): Promise<EngineService> {
    const service = new EngineService(order, onEvent);
    await new Promise<void>((resolve, reject) => service.#spawn(resolve, reject));
    return service;
  }

  get model(): EngineModel {
    if (!this.#model) throw this.#closed ?? closed();
    return this.#model;
  }

  /** The engine's process, for those who watch or test it; it changes with every restart. */
  get processId(): number | undefined {
    return this.#child?.pid;
  }

  async *generate(prompt: string, options: GenerateOptions, signal?: AbortSignal): AsyncGenerator<Chunk> {
    if (this.#closed) throw this.#closed;
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
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    try {
      yield* stream.channel;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(id);
    }
  }

  async score(prompt: string, continuations: readonly string[]): Promise<readonly Score[]> {
    return this.#call('score', { prompt, continuations });
  }

  async count(text: string): Promise<number> {
    return this.#call('count', { text });
  }

  async fit(text: string, limit: number, keep: 'start' | 'end'): Promise<string> {
    return this.#call('fit', { text, limit, keep });
  }

  async stats(): Promise<EngineStats> {
    return { ...(await this.#call('stats', {})), restarts: this.#restarts };
  }

  /** Ends the process; requests that still run fail with `ENGINE_CLOSED`. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = closed();
    clearTimeout(this.#nextStart);
    for (const id of [...this.#pending.keys()]) this.#fail(id, this.#closed);
    const child = this.#child;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    if (child.connected) child.disconnect();
    const impatience = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
    await exited;
    clearTimeout(impatience);
  }

  #call<Name extends CallName>(name: Name, ask: Calls[Name]['ask']): Promise<Calls[Name]['answer']> {
    if (this.#closed) return Promise.reject(this.#closed);
    const id = this.#nextId++;
    const message = { type: 'call', id, name, ask } as Extract<ToEngine, { type: 'call' }>;
    return new Promise((resolve, reject) => {
      const call = { kind: 'call', message, resolve: resolve as Call['resolve'], reject } as const;
      this.#hand(id, { ...call, begun: false, strikes: 0 });
    });
  }

  /** Notes a request and sends it, now or when the process is back. */
  #hand(id: CallId, request: Stream | Call): void {
    this.#pending.set(id, request);
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

  #send(message: ToEngine): void {
    if (this.#child?.connected) this.#child.send(message, () => undefined);
  }

  #spawn(onReady: () => void, onRefused: (error: Error) => void): void {
    const child = forkChild('./engine-process.ts', 'serveEngine');
    const began = Date.now();
    let refusal: Error | undefined;
    let lastWords: string | undefined;
    this.#child = child;
    child.on('message', (message: FromEngine) => {
      if (message.type === 'ready') {
        this.#model = message.model;
        this.#ready = true;
        for (const [id, request] of this.#pending) this.#sendRequest(id, request);
        onReady();
      } else if (message.type === 'refused') refusal = asError(message.failure);
      else if (message.type === 'ending') lastWords = message.cause;
      else this.#receive(message);
    });
    const ended = (cause: string): void => {
      if (child !== this.#child) return;
      this.#ready = false;
      if (this.#closed) return;
      this.#child = undefined;
      if (refusal) this.#refuse(refusal, onRefused);
      else if (!this.#model) this.#refuse(startFailure(cause), onRefused);
      else this.#restart(cause, Date.now() - began);
    };
    child.on('error', (error) => {
      child.kill('SIGKILL');
      ended(error.message);
    });
    child.once('exit', (code, signal) => {
      const end = () => ended(lastWords ?? signal ?? `exit code ${code}`);
      // What it said before it died may still be in the channel, and people are about to see it.
      if (child.connected) child.once('disconnect', end);
      else end();
    });
    this.#send({ type: 'start', order: this.#order });
  }

  /** The engine cannot be started: nothing will answer any more. */
  #refuse(error: Error, onRefused: (error: Error) => void): void {
    this.#closed = error;
    for (const id of [...this.#pending.keys()]) this.#fail(id, error);
    onRefused(error);
  }

  #restart(cause: string, lived: number): void {
    for (const [id, request] of this.#pending) {
      if (request.begun) request.strikes++;
      request.begun = false;
      if (request.strikes >= MOST_STRIKES) this.#fail(id, poisonous());
    }
    this.#pause = lived > HEALTHY_MS ? FIRST_PAUSE_MS : Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
    this.#restarts++;
    this.#onEvent({ type: 'lost', cause, again: this.#pause });
    this.#nextStart = setTimeout(() => {
      if (this.#closed) return;
      const done = () => this.#onEvent({ type: 'restarted', process: this.#child?.pid ?? 0 });
      this.#spawn(done, (error) => this.#onEvent({ type: 'lost', cause: error.message, again: 0 }));
    }, this.#pause);
  }

  #receive(message: Exclude<FromEngine, { type: 'ready' | 'refused' | 'ending' }>): void {
    if (message.type === 'chunks') {
      for (const [id, chunk] of message.chunks) this.#receiveChunk(id, chunk);
      return;
    }
    const request = this.#pending.get(message.id);
    if (message.type === 'failed') this.#fail(message.id, asError(message.failure));
    else if (message.type === 'begun') {
      if (request) request.begun = true;
    } else if (request?.kind === 'call') {
      this.#pending.delete(message.id);
      request.resolve(message.answer);
    }
  }

  #receiveChunk(id: CallId, chunk: Chunk): void {
    const request = this.#pending.get(id);
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
    this.#pending.delete(id);
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
    const request = this.#pending.get(id);
    this.#pending.delete(id);
    if (request?.kind === 'stream') request.channel.fail(error);
    else request?.reject(error);
  }
}

function asError({ code, message }: Failure): InferenceError {
  return new InferenceError(code as InferenceErrorCode, message);
}

function closed(): InferenceError {
  return new InferenceError('ENGINE_CLOSED', 'The engine has been closed; this reply will not go on.');
}

function poisonous(): InferenceError {
  return new InferenceError(
    'PROMPT_FAILED',
    `The engine's process ended ${MOST_STRIKES} times over this request, so it is given up. Ask in other words, or with less text.`,
  );
}

function startFailure(cause: string): InferenceError {
  return new InferenceError(
    'ENGINE_FAILED',
    `The engine's process ended while it was loading the model (${cause}). Is there enough memory for this model? A smaller one needs less.`,
  );
}
