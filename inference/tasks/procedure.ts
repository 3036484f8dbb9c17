import type { Engine } from '../engine/engine.ts';
import type { Task, TaskInput, TaskName } from './task.ts';
import type { RunOptions, TaskEvent } from './task-event.ts';

/**
 * A task that takes more than one prompt with one continuation. To whoever reads its events it is no different from a
 * `Task`: at most one prompt of it grows before people's eyes, and that is its last, so an interruption behind a
 * `prompt` event goes on with that prompt alone, and one before it begins again with nothing shown.
 */
export interface Procedure {
  readonly name: TaskName;
  readonly description: string;
  /**
   * @throws TaskInputError before the first event, with words for the person.
   * @throws InferenceError as `Engine.generate` and `Engine.score` do.
   */
  run(
    input: TaskInput,
    engine: Engine,
    options: RunOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<TaskEvent, void, undefined>;
}

export type AnyTask = Task | Procedure;
