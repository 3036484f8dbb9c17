import { type Engine, leaseOf } from '../engine/engine.ts';
import { promptTokens } from './budget.ts';
import type { AnyTask } from './procedure.ts';
import type { Task, TaskInput } from './task.ts';
import type { RunOptions, TaskEvent, TaskPrompt } from './task-event.ts';
import { writeAnswer } from './write-answer.ts';

export { promptTokens } from './budget.ts';
export type { Interrupted, RunOptions, TaskEvent, TaskPrompt } from './task-event.ts';

/**
 * One request through one task: prompt, continuation, answer. Ends the engine's work as soon as the answer's form is
 * full (reason `stop`) or the caller stops reading.
 *
 * @throws TaskInputError before the first event, with words for the person.
 * @throws InferenceError as `Engine.generate`, `Engine.score` and `Task.prompt` do.
 */
export async function* runTask(
  task: AnyTask,
  input: TaskInput,
  engine: Engine,
  options: RunOptions,
  signal?: AbortSignal,
): AsyncGenerator<TaskEvent, void, undefined> {
  // All of a request on one model, also when another takes its place meanwhile.
  const lease = leaseOf(engine);
  try {
    yield* runOn(lease.engine, task, input, options, signal);
  } finally {
    lease.release();
  }
}

async function* runOn(
  engine: Engine,
  task: AnyTask,
  input: TaskInput,
  options: RunOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<TaskEvent, void, undefined> {
  const { interrupted } = options;
  if (interrupted) yield* writeAnswer(interrupted.prompt, engine, options, signal);
  else if ('run' in task) yield* task.run(input, engine, options, signal);
  else {
    const prompt = await writePrompt(task, input, engine, options.maxNewTokens);
    yield* writeAnswer(prompt, engine, options, signal);
  }
}

async function writePrompt(
  task: Task,
  input: TaskInput,
  engine: Engine,
  maxNewTokens: number | undefined,
): Promise<TaskPrompt> {
  const { contextLength } = engine.model;
  const prompt = await task.prompt(input, {
    tokens: engine,
    promptTokens: promptTokens(contextLength, maxNewTokens ?? task.maxNewTokens),
  });
  const { sampling, stop, form, maxNewTokens: usual } = prompt.decoding ?? task;
  return { ...prompt, decoding: { sampling, stop, form, maxNewTokens: maxNewTokens ?? usual } };
}
