import type { EndReason, Engine } from '../../inference/engine/engine.ts';
import { flawNote } from '../../inference/tasks/notes.ts';
import { runTask } from '../../inference/tasks/run.ts';
import type { TaskInput, TaskName } from '../../inference/tasks/task.ts';
import { tasks } from '../../inference/tasks/tasks.ts';

/** What people would have read. */
export interface Answer {
  readonly task: TaskName;
  readonly input: TaskInput;
  readonly text: string;
  readonly reason: EndReason;
  /** It was cut because it began to repeat itself. */
  readonly circled: boolean;
}

/** Anything does; the same one each time makes the same answers. */
const SEED = 1;

/** One request through the bot's own task, with its own sampling. One at a time, since a batch rounds otherwise. */
export async function answer(engine: Engine, task: TaskName, input: TaskInput): Promise<Answer> {
  let circled = false;
  for await (const event of runTask(tasks[task], input, engine, { conversation: 'eval', seed: SEED })) {
    if (event.type === 'note' && event.text === flawNote('loop')) circled = true;
    if (event.type === 'final')
      return { task, input, text: event.text, reason: event.result.reason, circled };
  }
  throw new Error(`The task ${task} ended without an answer.`);
}
