import { ask } from './ask.ts';
import { chat } from './chat.ts';
import { summarize } from './summarize.ts';
import type { Task, TaskName } from './task.ts';

/** Every task by its name. A new one is a file of its own and a line here. */
export const tasks: { readonly [Name in TaskName]: Task } = { ask, summarize, chat };
