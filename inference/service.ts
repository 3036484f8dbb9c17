import type { Chunk, Engine, EngineModel, EngineStats, GenerateOptions, Score } from './engine/engine.ts';
import type { SchedulerLimits } from './engine/scheduler.ts';
import { InferenceError } from './errors.ts';
import { readManifest } from './graph/compile.ts';
import type { Weights } from './graph/weights.ts';
import { type CompileWatch, compiledModel } from './model/compiled.ts';
import { type LocatedModel, locateModel } from './model/locate.ts';
import { PendingRequests } from './pending-requests.ts';
import { SUPERVISION, type Supervision } from './process-watch.ts';
import type { CallName, Calls, EngineOrder, ToEngine } from './protocol.ts';
import { type ServiceEvent, SupervisedProcess } from './supervised-process.ts';

export type { ServiceEvent } from './supervised-process.ts';

export interface ServiceOptions {
  /** `starter`, a folder with a GPT-2 checkpoint, or one that was found already. */
  readonly model: string | LocatedModel;
  /** Where compiled graphs are kept. */
  readonly cache: string;
  readonly weights: Weights;
  /** Threads that compute; 0 is one a core. */
  readonly threads: number;
  readonly limits: SchedulerLimits;
  /** When the engine's process is replaced although it has not ended; `SUPERVISION` by default. */
  readonly supervision?: Supervision;
  /** Told when the model has to be compiled first, which takes some seconds; `signal` gives that up. */
  readonly compiling?: CompileWatch;
  /** Told when the engine's process is lost and when it is back. */
  readonly onEvent?: (event: ServiceEvent) => void;
}

/**
 * Compiles the model if the cache lacks it, starts the engine's process, and resolves when it can answer.
 *
 * @throws InferenceError when the model cannot be found, compiled or loaded.
 */
export async function startEngine(options: ServiceOptions): Promise<EngineService> {
  const { model, weights, cache, supervision = SUPERVISION } = options;
  const { name, folder } = typeof model === 'string' ? locateModel(model) : model;
  const { maxRows, maxQueue } = options.limits;
  let compiled: string | undefined;
  return EngineService.start({
    prepare: async () => {
      // What has run goes on, whatever has become of the checkpoint meanwhile: replies are in the middle of it.
      if (compiled === undefined || !(await readManifest(compiled)))
        compiled = await compiledModel(folder, weights, cache, options.compiling);
      return { folder: compiled, name, threads: options.threads, limits: options.limits };
    },
    supervision,
    most: maxRows + maxQueue,
    onEvent: options.onEvent ?? (() => undefined),
  });
}

interface ServiceParts {
  /** Makes what a process needs, before each start. */
  readonly prepare: () => Promise<EngineOrder>;
  readonly supervision: Supervision;
  /** Requests that may be open. */
  readonly most: number;
  readonly onEvent: (event: ServiceEvent) => void;
}

/**
 * The engine in a process of its own, so that the model never holds up the event loop that platforms wait for. The process
 * is started again when it dies or hangs, and every unfinished request is handed to the next one: replies go on behind the tokens
 * already shown, with the same seed, so that text which people have seen neither changes nor repeats.
 */
export class EngineService implements Engine {
  readonly #process: SupervisedProcess;
  readonly #requests: PendingRequests;
  #model: EngineModel | undefined;
  /** Why nothing is answered any more. */
  #closed: Error | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    { prepare, supervision, most, onEvent }: ServiceParts,
    onStart: (error?: Error) => void,
  ) {
    const send = (message: ToEngine) => this.#process.send(message);
    this.#requests = new PendingRequests({ send, spare: () => this.#process.spare() }, most);
    this.#process = new SupervisedProcess(prepare, supervision, {
      ready: (model) => {
        this.#model = model;
        this.#requests.handOver();
        onStart();
      },
      message: (message) => this.#requests.receive(message),
      busy: () => this.#requests.open,
      retiring: () => this.#requests.holdBack(),
      lost: (blame) => this.#requests.takeBack(blame),
      down: (error) => this.#requests.failUntilReady(error),
      refused: (error) => {
        this.#closed ??= error;
        this.#requests.failAll(error);
        onStart(error);
      },
      event: onEvent,
    });
  }

  static start(parts: ServiceParts): Promise<EngineService> {
    return new Promise((resolve, reject) => {
      const service: EngineService = new EngineService(parts, (error) =>
        error ? reject(error) : resolve(service),
      );
    });
  }

  get model(): EngineModel {
    if (!this.#model) throw this.#closed ?? closed();
    return this.#model;
  }

  /** The engine's process, for those who watch or test it; it changes with every restart. */
  get processId(): number | undefined {
    return this.#process.id;
  }

  /** Whether questions are answered, if need be by the next process; false also while none can be started for long. */
  get answers(): boolean {
    return !this.#closed && !this.#process.down;
  }

  async *generate(prompt: string, options: GenerateOptions, signal?: AbortSignal): AsyncGenerator<Chunk> {
    if (this.#closed) throw this.#closed;
    const stream = this.#requests.openStream(prompt, options);
    signal?.addEventListener('abort', stream.abort, { once: true });
    if (signal?.aborted) stream.abort();
    try {
      yield* stream.chunks;
    } finally {
      signal?.removeEventListener('abort', stream.abort);
      stream.forget();
    }
  }

  async score(
    prompt: string,
    continuations: readonly string[],
    conversation: string,
  ): Promise<readonly Score[]> {
    return this.#call('score', { prompt, continuations, conversation });
  }

  async count(text: string): Promise<number> {
    return this.#call('count', { text });
  }

  async fit(text: string, limit: number, keep: 'start' | 'end'): Promise<string> {
    return this.#call('fit', { text, limit, keep });
  }

  async stats(): Promise<EngineStats> {
    return { ...(await this.#call('stats', {})), restarts: this.#process.restarts };
  }

  /** Ends the process; requests that still run fail with `ENGINE_CLOSED`. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = closed();
    this.#requests.failAll(this.#closed);
    await this.#process.close();
  }

  #call<Name extends CallName>(name: Name, ask: Calls[Name]['ask']): Promise<Calls[Name]['answer']> {
    return this.#closed ? Promise.reject(this.#closed) : this.#requests.call(name, ask);
  }
}

function closed(): InferenceError {
  return new InferenceError('ENGINE_CLOSED', 'The engine has been closed; this reply will not go on.');
}
