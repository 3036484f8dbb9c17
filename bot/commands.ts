import type { TaskName } from '../inference/tasks/task.ts';
import type { Platform } from './request.ts';

/** What the bot does itself, without the model. */
export type Control = 'help' | 'reset' | 'status' | 'model';

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
  readonly platforms: readonly Platform[];
}

const CHAT_PLATFORMS = ['discord', 'slack'] as const;
const EVERYWHERE = [...CHAT_PLATFORMS, 'terminal'] as const;

/** Carried out by adapters, where a platform can show a message to one person. */
const PRIVATELY: CommandOption = {
  name: 'private',
  description: 'Whether only you see the answer.',
  type: 'boolean',
  required: false,
};

/**
 * Every command there is. `/help`, the README's table and the terminal's completion are made from it, as any
 * platform's registration is to be: a command is added here and nowhere else.
 */
export const COMMANDS: readonly Command[] = [
  {
    name: 'ask',
    alsoCalled: [],
    description: 'Answer one question, on its own or about a file.',
    means: { kind: 'task', task: 'ask' },
    options: [
      { name: 'question', description: 'What you want to know.', type: 'text', required: true },
      { name: 'file', description: 'A text file to answer from.', type: 'file', required: false },
      PRIVATELY,
    ],
    text: 'question',
    platforms: EVERYWHERE,
  },
  {
    name: 'summarize',
    alsoCalled: ['summarise', 'tl;dr', 'tldr'],
    description: 'Sum up a text or a file; without either, the conversation so far.',
    means: { kind: 'task', task: 'summarize' },
    options: [
      { name: 'text', description: 'The text to sum up.', type: 'text', required: false },
      { name: 'file', description: 'A text file to sum up.', type: 'file', required: false },
      {
        name: 'messages',
        description: 'How many of the last messages here to sum up.',
        type: 'integer',
        required: false,
        // What is beyond does not fit into any prompt.
        range: [2, 200],
      },
      {
        name: 'since',
        description: 'How far back to sum up what was said here: 30m, 2h or 1d.',
        type: 'text',
        required: false,
        maxLength: 32,
      },
      PRIVATELY,
    ],
    text: 'text',
    platforms: EVERYWHERE,
  },
  {
    name: 'reset',
    alsoCalled: [],
    description: 'Forget this conversation and start afresh.',
    means: { kind: 'control', control: 'reset' },
    options: [PRIVATELY],
    platforms: EVERYWHERE,
  },
  {
    name: 'status',
    alsoCalled: [],
    description: 'Show the model, its speed and memory, and who is waiting.',
    means: { kind: 'control', control: 'status' },
    options: [PRIVATELY],
    platforms: EVERYWHERE,
  },
  {
    name: 'model',
    alsoCalled: [],
    description: 'Show which model answers and which are there, or change it.',
    means: { kind: 'control', control: 'model' },
    options: [
      {
        name: 'name',
        description: 'auto, starter, a folder, or a hub id such as openai-community/gpt2.',
        type: 'text',
        required: false,
      },
    ],
    text: 'name',
    // Everybody's model: on a platform that many people share it is for whoever runs the bot to say.
    platforms: ['terminal'],
  },
  {
    name: 'help',
    alsoCalled: [],
    description: 'Show what you can ask for.',
    means: { kind: 'control', control: 'help' },
    options: [PRIVATELY],
    platforms: EVERYWHERE,
  },
  {
    name: 'quit',
    alsoCalled: ['exit'],
    description: 'Leave.',
    means: { kind: 'leave' },
    options: [],
    platforms: ['terminal'],
  },
];

/** The commands offered on a platform, in the order in which `/help` shows them. */
export function commandsFor(platform: Platform): readonly Command[] {
  return COMMANDS.filter((command) => command.platforms.includes(platform));
}

/** The command of that name, or of one of its other names, in any case; undefined when the platform has none. */
export function findCommand(name: string, platform: Platform): Command | undefined {
  const wanted = name.toLowerCase();
  return commandsFor(platform).find(
    (command) => command.name === wanted || command.alsoCalled.includes(wanted),
  );
}

/** How a command is typed: `/ask QUESTION`, `/summarize [TEXT or FILE]`. */
export function usage(command: Command): string {
  const text = command.options.find((option) => option.name === command.text);
  if (!text) return `/${command.name}`;
  const file = command.options.find((option) => option.type === 'file');
  if (text.required)
    return `/${command.name} ${file ? `[${file.name.toUpperCase()}] ` : ''}${text.name.toUpperCase()}`;
  return `/${command.name} [${text.name.toUpperCase()}${file ? ` or ${file.name.toUpperCase()}` : ''}]`;
}
