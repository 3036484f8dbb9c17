import type { Chunk, EngineModel, EngineStats, GenerateOptions, Score } from './engine/engine.ts';
import type { SchedulerLimits } from './engine/scheduler.ts';

/** What the engine's process needs to begin; the first message it gets. */
export interface EngineOrder {
  readonly folder: string;
  readonly name: string;
  readonly threads: number;
  readonly limits: SchedulerLimits;
}

/** Numbers a request within the life of the service; an answer carries the same number. */
export type CallId = number;

/** Questions with one answer. */
export interface Calls {
  count: { readonly ask: { readonly text: string }; readonly answer: number };
  fit: {
    readonly ask: { readonly text: string; readonly limit: number; readonly keep: 'start' | 'end' };
    readonly answer: string;
  };
  score: {
    readonly ask: {
      readonly prompt: string;
      readonly continuations: readonly string[];
      readonly conversation: string;
    };
    readonly answer: readonly Score[];
  };
  stats: { readonly ask: Record<string, never>; readonly answer: EngineStats };
}

export type CallName = keyof Calls;

export type ToEngine =
  | { readonly type: 'start'; readonly order: EngineOrder }
  | {
      readonly type: 'generate';
      readonly id: CallId;
      readonly prompt: string;
      readonly options: GenerateOptions;
    }
  | { readonly type: 'abort'; readonly id: CallId }
  /** Answered by a sign of life, as soon as the step of the model that is being computed is over. */
  | { readonly type: 'ask' }
  | {
      [Name in CallName]: {
        readonly type: 'call';
        readonly id: CallId;
        readonly name: Name;
        readonly ask: Calls[Name]['ask'];
      };
    }[CallName];

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** How the engine's process is. */
export interface SignOfLife {
  /** Steps of the model so far: while something is to be computed, their number grows. */
  readonly steps: number;
  /** Resident memory. */
  readonly memoryBytes: number;
}

export type FromEngine =
  | { readonly type: 'ready'; readonly model: EngineModel }
  /** It cannot start: the process ends now, and this is why. */
  | { readonly type: 'refused'; readonly failure: Failure }
  /** A request is being computed and no longer waits; sent ahead of what it may do to the process. */
  | { readonly type: 'begun'; readonly id: CallId }
  | ({ readonly type: 'alive' } & SignOfLife)
  /** The model failed: the process ends now, and this is why. */
  | { readonly type: 'ending'; readonly cause: string }
  /** All that happened in one step of the model, in one message. */
  | { readonly type: 'chunks'; readonly chunks: readonly (readonly [CallId, Chunk])[] }
  | { readonly type: 'answer'; readonly id: CallId; readonly answer: Calls[CallName]['answer'] }
  | { readonly type: 'failed'; readonly id: CallId; readonly failure: Failure };

/** What concerns requests, and not the process. */
export type AboutRequests = Extract<FromEngine, { type: 'begun' | 'chunks' | 'answer' | 'failed' }>;
