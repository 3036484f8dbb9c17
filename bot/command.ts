import type { TaskName } from '../inference/tasks/task.ts';
import type { Platform } from './request.ts';

/** What the bot does itself, without the model. */
export type Control =
  | 'help'
  | 'reset'
  | 'status'
  | 'model'
  | 'again'
  | 'more'
  | 'seed'
  | 'forget'
  | 'privacy';

/** What a command stands for; `leave` is carried out by the terminal, which alone can be left. */
export type Meaning =
  | { readonly kind: 'task'; readonly task: TaskName }
  | { readonly kind: 'control'; readonly control: Control }
  | { readonly kind: 'leave' };

export interface CommandOption {
  /** Lower case, at most 32 characters, as platforms want it. */
  readonly name: string;
  /** At most 100 characters. */
  readonly description: string;
  readonly type: 'text' | 'integer' | 'boolean' | 'file';
  readonly required: boolean;
  readonly choices?: readonly { readonly name: string; readonly value: string | number }[];
  /** The smallest and largest integer. */
  readonly range?: readonly [smallest: number, largest: number];
  /** Characters, for text. */
  readonly maxLength?: number;
}

export interface Command {
  /** Lower case, at most 32 characters. */
  readonly name: string;
  /** Other words that mean the same, in lower case. */
  readonly alsoCalled: readonly string[];
  /** One sentence, at most 100 characters, which is Discord's limit. */
  readonly description: string;
  readonly means: Meaning;
  readonly options: readonly CommandOption[];
  /** The option that is meant where people just write on behind the command's name; absent: nothing may follow it. */
  readonly text?: string;
  /** What is typed behind the name, where that is more than the one option; see `usage`. */
  readonly typed?: string;
  readonly platforms: readonly Platform[];
  /** Only the asker sees the answer, where a platform can show a message to one person. */
  readonly forAskerOnly?: true;
}
