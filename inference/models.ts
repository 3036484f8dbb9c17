import type { Engine, EngineModel } from './engine/engine.ts';
import { InferenceError } from './errors.ts';
import type { DownloadProgress } from './model/hub/checkpoint-download.ts';
import { HubError } from './model/hub/hub-error.ts';
import { cachedModel, type FetchOptions, fetchModel, GPT2, type HubAccess } from './model/hub-model.ts';
import { type LocatedModel, locateModel, type ModelChoice, modelChoice, STARTER } from './model/locate.ts';
import { type EngineService, type ServiceOptions, startEngine } from './service.ts';
import { SwitchingEngine } from './switching-engine.ts';

export interface ModelsOptions extends Omit<ServiceOptions, 'model' | 'cache' | 'compiling'> {
  readonly hub: HubAccess;
  /**
   * Whether `auto` may fetch GPT-2 in the background while the starter answers: where somebody sees it and the process
   * lives long enough for it to be of use.
   */
  readonly fetchesByItself: boolean;
  readonly onModelEvent?: (event: ModelEvent) => void;
}

/** What becomes of a model on its way to answering; told in order, one model at a time. */
export type ModelEvent =
  /** `meanwhile` is the model that answers until then; absent while none does. */
  | {
      readonly type: 'fetching';
      readonly model: string;
      readonly meanwhile: string | undefined;
      readonly progress: DownloadProgress;
    }
  /** The connection failed, and is tried again. */
  | { readonly type: 'retrying'; readonly model: string; readonly why: string; readonly waitMs: number }
  | { readonly type: 'compiling'; readonly model: string }
  /** The first one runs. */
  | { readonly type: 'started'; readonly model: EngineModel }
  /** It answers from now on, in the place of another. */
  | { readonly type: 'switched'; readonly model: EngineModel }
  /** It cannot be had; the one that was there goes on. */
  | {
      readonly type: 'kept';
      readonly model: string;
      readonly running: string;
      readonly error: InferenceError;
    };

/** A model that does not answer yet, and how far it is. */
export interface Upcoming {
  readonly model: string;
  readonly stage: 'fetching' | 'compiling' | 'loading';
  /** While it is being fetched, as soon as there is something to tell. */
  readonly progress?: DownloadProgress;
}

/** A model on its way to take another's place. */
export interface Change {
  readonly model: string;
  /** `none`: it answers already. `soon`: it is there and need only be loaded. `later`: it must be fetched. */
  readonly when: 'none' | 'soon' | 'later';
  /** Resolves when it answers or the change was given up for another one; rejects with why it cannot be had. */
  readonly done: Promise<'changed' | 'given up'>;
}

/** Finds the model that a name stands for, fetches it where need be, runs it, and changes it for another. */
export class Models {
  readonly #options: ModelsOptions;
  readonly #closing = new AbortController();
  #engine: SwitchingEngine | undefined;
  /** What the engine's new requests go to. */
  #service: EngineService | undefined;
  #upcoming: Upcoming | undefined;
  #job: { readonly abort: AbortController; readonly ended: Promise<unknown> } | undefined;

  constructor(options: ModelsOptions) {
    this.#options = options;
  }

  /** What does not answer yet. */
  get upcoming(): Upcoming | undefined {
    return this.#upcoming;
  }

  /**
   * Starts the model that a name stands for (see `modelChoice`). An id waits for its download. `auto` is GPT-2 if it is in
   * the cache and the starter otherwise; then GPT-2 is fetched in the background, if that is allowed, and takes over.
   *
   * @throws InferenceError when the model cannot be had; `auto` falls back to the starter as long as it can.
   */
  async start(name: string): Promise<Engine> {
    const choice = modelChoice(name);
    // Asked before the starter is loaded: what another bot fetches meanwhile is to take over here, too, and what is there
    // already and cannot run is not to be tried again.
    const lacking = choice.kind === 'auto' && !(await this.#cached(GPT2));
    const starting = this.#begin(choice, this.#closing.signal).catch((error) => {
      throw choice.kind === 'hub' ? orNoFolder(error, choice.id) : error;
    });
    this.#job = { abort: this.#closing, ended: starting };
    const service = await starting.finally(() => {
      this.#upcoming = undefined;
      this.#job = undefined;
    });
    if (this.#closing.signal.aborted) await service.close();
    this.#closing.signal.throwIfAborted();
    this.#engine = new SwitchingEngine(service);
    this.#service = service;
    this.#tell({ type: 'started', model: service.model });
    if (lacking && service.model.name === STARTER) {
      const { hub, fetchesByItself } = this.#options;
      const fetches = fetchesByItself && !hub.offline;
      if (fetches || (await this.#cached(GPT2))) this.#replace(GPT2, { kind: 'hub', id: GPT2 });
    }
    return this.#engine;
  }

  /**
   * Changes the running model for another, in the background; a change that is under way is given up for it.
   *
   * @throws InferenceError `ENGINE_CLOSED` before the first model runs.
   */
  async change(name: string): Promise<Change> {
    if (!this.#engine) throw new InferenceError('ENGINE_CLOSED', 'No model runs yet that could be changed.');
    const choice = modelChoice(name);
    const wanted: ModelChoice = choice.kind === 'auto' ? { kind: 'hub', id: GPT2 } : choice;
    const model = wanted.kind === 'hub' ? wanted.id : locateModel(name).name;
    // A folder's files may have changed, and an engine that answers nothing is as good as none.
    if (wanted.kind !== 'folder' && model === this.#engine.model.name && this.#service?.answers) {
      this.#job?.abort.abort();
      return { model, when: 'none', done: Promise.resolve('changed') };
    }
    const there = wanted.kind !== 'hub' || (await this.#cached(wanted.id)) !== undefined;
    return { model, when: there ? 'soon' : 'later', done: this.#replace(model, wanted) };
  }

  /** Gives up what is under way, with what has arrived kept, and closes the engine. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#job?.abort.abort();
    const ended = this.#job?.ended.catch(() => undefined);
    await this.#engine?.close();
    // A download gives its lock back; a compiler or an engine that is loading ends by itself and is not waited for.
    if (this.#upcoming?.stage === 'fetching') await ended;
  }

  #replace(model: string, choice: ModelChoice): Promise<'changed' | 'given up'> {
    this.#job?.abort.abort();
    const before = this.#job?.ended.catch(() => undefined);
    const abort = new AbortController();
    const work = async (): Promise<'changed' | 'given up'> => {
      await before;
      const signal = AbortSignal.any([abort.signal, this.#closing.signal]);
      try {
        return await this.#bringIn(model, choice, signal);
      } catch (error) {
        if (signal.aborted) return 'given up';
        throw error;
      } finally {
        this.#upcoming = undefined;
      }
    };
    const ended = work();
    // Who is not interested in the outcome need not handle it: the events tell it too.
    ended.catch(() => undefined);
    this.#job = { abort, ended };
    return ended;
  }

  async #bringIn(model: string, choice: ModelChoice, signal: AbortSignal): Promise<'changed' | 'given up'> {
    const engine = this.#engine;
    if (!engine || signal.aborted) return 'given up';
    try {
      const service = await this.#begin(choice, signal);
      if (signal.aborted) {
        await service.close();
        return 'given up';
      }
      // What still runs on the old model ends there, and is not waited for. It fails only when all of this is closed.
      engine.switchTo(service).catch(() => undefined);
      this.#service = service;
      this.#tell({ type: 'switched', model: service.model });
      return 'changed';
    } catch (error) {
      if (!signal.aborted) {
        this.#tell({ type: 'kept', model, running: engine.model.name, error: asInferenceError(error) });
      }
      throw error;
    }
  }

  async #begin(choice: ModelChoice, signal: AbortSignal): Promise<EngineService> {
    switch (choice.kind) {
      case 'starter':
        return this.#run(locateModel(STARTER), signal);
      case 'folder':
        return this.#run(locateModel(choice.folder), signal);
      case 'hub':
        return this.#run((await this.#cached(choice.id)) ?? (await this.#fetch(choice.id, signal)), signal);
      case 'auto': {
        const cached = await this.#cached(GPT2);
        if (!cached) return this.#run(locateModel(STARTER), signal);
        try {
          return await this.#run(cached, signal);
        } catch (error) {
          signal.throwIfAborted();
          const kept = {
            type: 'kept',
            model: GPT2,
            running: STARTER,
            error: asInferenceError(error),
          } as const;
          this.#tell(kept);
          return this.#run(locateModel(STARTER), signal);
        }
      }
    }
  }

  #cached(id: string): Promise<LocatedModel | undefined> {
    return cachedModel(id, this.#options.hub);
  }

  async #fetch(id: string, signal: AbortSignal): Promise<LocatedModel> {
    this.#upcoming = { model: id, stage: 'fetching' };
    const options: FetchOptions = {
      signal,
      onProgress: (progress) => {
        this.#upcoming = { model: id, stage: 'fetching', progress };
        this.#tell({ type: 'fetching', model: id, meanwhile: this.#engine?.model.name, progress });
      },
      onRetry: ({ error, waitMs }) => this.#tell({ type: 'retrying', model: id, why: error.message, waitMs }),
    };
    return fetchModel(id, this.#options.hub, options);
  }

  /** Compiles if need be, and loads. */
  async #run(model: LocatedModel, signal: AbortSignal): Promise<EngineService> {
    const { hub, fetchesByItself, onModelEvent, ...service } = this.#options;
    this.#upcoming = { model: model.name, stage: 'loading' };
    return startEngine({
      ...service,
      cache: hub.cacheDir,
      model,
      compiling: {
        signal,
        onCompile: () => {
          // Less than a second's work.
          if (model.name === STARTER) return;
          this.#upcoming = { model: model.name, stage: 'compiling' };
          this.#tell({ type: 'compiling', model: model.name });
        },
      },
    });
  }

  #tell(event: ModelEvent): void {
    if (!this.#closing.signal.aborted) this.#options.onModelEvent?.(event);
  }
}

/** An id may have been meant as a folder that is not there. */
function orNoFolder(error: unknown, id: string): unknown {
  const codes: readonly unknown[] = ['HUB_NOT_FOUND', 'HUB_UNREACHABLE', 'HUB_OFFLINE'];
  if (!(error instanceof HubError) || !codes.includes(error.code)) return error;
  return new HubError(error.code, `${error.message} There is no folder ${id} here either.`, { cause: error });
}

function asInferenceError(error: unknown): InferenceError {
  if (error instanceof InferenceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new InferenceError('ENGINE_FAILED', message, { cause: error });
}
