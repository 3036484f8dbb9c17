import { ask } from './ask.ts';
import { chat } from './chat.ts';
import { choose } from './choose.ts';
import { fill } from './fill.ts';
import type { AnyTask } from './procedure.ts';
import { SUMMARY_PARTS, summarizeIn } from './summarize.ts';
import type { TaskName } from './task.ts';
import { translate } from './translate.ts';
import { write } from './write.ts';

export type Tasks = { readonly [Name in TaskName]: AnyTask };

export interface TaskSettings {
  /** Parts of a long text that are summed up at most. */
  readonly summaryParts: number;
}

/** Every task by its name. A new one is a file of its own and a line here. */
export function tasksWith({ summaryParts }: TaskSettings): Tasks {
  return { ask, summarize: summarizeIn(summaryParts), translate, write, chat, fill, choose };
}

export const tasks: Tasks = tasksWith({ summaryParts: SUMMARY_PARTS });
