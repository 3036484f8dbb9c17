import type { Command, CommandOption } from './command.ts';
import type { OptionValue, Platform } from './request.ts';

export type { Command, CommandOption, Control, Meaning } from './command.ts';

const CHAT_PLATFORMS = ['discord', 'slack'] as const;
const EVERYWHERE = [...CHAT_PLATFORMS, 'terminal'] as const;

/** Carried out by adapters, where a platform can show a message to one person. */
const PRIVATELY: CommandOption = {
  name: 'private',
  description: 'Whether only you see the answer.',
  type: 'boolean',
  required: false,
};

const LIKELIHOODS: CommandOption = {
  name: 'likelihoods',
  description: 'Whether to show how likely each possibility is.',
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
    name: 'translate',
    alsoCalled: [],
    description: 'Translate a sentence from English into French, or the other way.',
    means: { kind: 'task', task: 'translate' },
    options: [
      { name: 'text', description: 'What to translate.', type: 'text', required: true },
      {
        name: 'to',
        description: 'The language to translate into; French unless said otherwise.',
        type: 'text',
        required: false,
        choices: [
          { name: 'French', value: 'french' },
          { name: 'English', value: 'english' },
        ],
      },
      PRIVATELY,
    ],
    text: 'text',
    typed: '[to english:] TEXT',
    platforms: EVERYWHERE,
  },
  {
    name: 'write',
    alsoCalled: [],
    description: 'Go on from a title or an opening.',
    means: { kind: 'task', task: 'write' },
    options: [
      { name: 'opening', description: 'A title or a first sentence.', type: 'text', required: true },
      PRIVATELY,
    ],
    text: 'opening',
    platforms: EVERYWHERE,
  },
  {
    name: 'more',
    alsoCalled: [],
    description: 'Go on with the text that /write began.',
    means: { kind: 'control', control: 'more' },
    options: [PRIVATELY],
    platforms: EVERYWHERE,
  },
  {
    name: 'fill',
    alsoCalled: [],
    description: 'Find what fits into a gap, written as ___.',
    means: { kind: 'task', task: 'fill' },
    options: [
      {
        name: 'text',
        description: 'A text with ___ where something is missing.',
        type: 'text',
        required: true,
      },
      LIKELIHOODS,
      PRIVATELY,
    ],
    text: 'text',
    typed: '[likelihoods:] TEXT WITH ___',
    platforms: EVERYWHERE,
  },
  {
    name: 'choose',
    alsoCalled: [],
    description: 'Choose which of some options fits best into a gap, written as ___.',
    means: { kind: 'task', task: 'choose' },
    options: [
      {
        name: 'text',
        description: 'A text with ___ where the option belongs.',
        type: 'text',
        required: true,
      },
      { name: 'options', description: 'What to choose from, with | between.', type: 'text', required: true },
      LIKELIHOODS,
      PRIVATELY,
    ],
    text: 'text',
    typed: '[likelihoods:] TEXT WITH ___ | OPTION | OPTION',
    platforms: EVERYWHERE,
  },
  {
    name: 'again',
    alsoCalled: [],
    description: 'Answer the last request once more, with another seed.',
    means: { kind: 'control', control: 'again' },
    options: [PRIVATELY],
    platforms: EVERYWHERE,
  },
  {
    name: 'seed',
    alsoCalled: [],
    description: 'Show or fix the seed, from which the same request gets the same answer.',
    means: { kind: 'control', control: 'seed' },
    options: [
      {
        name: 'seed',
        description: 'A whole number to fix it (with "next" behind it for one reply only), or off.',
        type: 'text',
        required: false,
        maxLength: 32,
      },
      PRIVATELY,
    ],
    text: 'seed',
    typed: '[NUMBER [next] or off]',
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
    name: 'forget',
    alsoCalled: [],
    description: 'Erase what is stored about you, and forget this conversation.',
    means: { kind: 'control', control: 'forget' },
    options: [],
    platforms: EVERYWHERE,
    forAskerOnly: true,
  },
  {
    name: 'privacy',
    alsoCalled: [],
    description: 'Show what is stored, and for how long.',
    means: { kind: 'control', control: 'privacy' },
    options: [],
    platforms: EVERYWHERE,
    forAskerOnly: true,
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

/** Whether a command's answer is for the asker's eyes only: because they want it so, or because it always is. */
export function isPrivate(
  name: string,
  options: Readonly<Record<string, OptionValue>>,
  platform: Platform,
): boolean {
  return options.private === true || findCommand(name, platform)?.forAskerOnly === true;
}

/** How a command is typed: `/ask QUESTION`, `/summarize [TEXT or FILE]`. */
export function usage(command: Command): string {
  if (command.typed !== undefined) return `/${command.name} ${command.typed}`;
  const text = command.options.find((option) => option.name === command.text);
  if (!text) return `/${command.name}`;
  const file = command.options.find((option) => option.type === 'file');
  if (text.required)
    return `/${command.name} ${file ? `[${file.name.toUpperCase()}] ` : ''}${text.name.toUpperCase()}`;
  return `/${command.name} [${text.name.toUpperCase()}${file ? ` or ${file.name.toUpperCase()}` : ''}]`;
}
