import type { Asked, Question } from './reply.ts';

/** Where somebody asks one thing after the other. */
export interface Place {
  readonly platform: 'Discord' | 'Slack';
  /** Platform and kind, for the report. */
  readonly way: string;
  /** What can be asked there so that the answer's words depend on the question alone, and on nothing said before. */
  readonly tasks: readonly Question['task'][];
  ask(question: Question): Asked;
  /** What says there that the bot is at work. */
  busy(): readonly string[];
}

/** What people type: the command's name first, except where they just talk. */
export function typed({ task, text }: Question): string {
  return task === 'chat' ? text : `${task} ${text}`;
}

/** Direct messages and commands remember what was said in them, so plain talk has no answer of its own there. */
export const WITHOUT_MEMORY: Place['tasks'] = ['ask', 'translate', 'write'];
export const ANY_TASK: Place['tasks'] = [...WITHOUT_MEMORY, 'chat'];
