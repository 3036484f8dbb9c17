import { type Command, type CommandOption, commandsFor, findCommand } from '../../bot/commands.ts';
import type { OptionValue } from '../../bot/request.ts';
import { similarName } from '../../bot/similar-name.ts';

/** One task for one run of the program: `--task ask --file notes.txt "When is it?"`. */
export interface SingleTask {
  /** Absent: chat, which no command stands for. */
  readonly command?: Command;
  readonly options: Readonly<Record<string, OptionValue>>;
  /** What was written on the command line itself. */
  readonly text: string;
  /** A path. */
  readonly file?: string;
  /** What standard input holds as a whole: the person's own words, a text that they are about, or nothing. */
  readonly input: 'words' | 'material' | 'none';
}

/** What was typed behind `--task`, as far as it concerns the task. */
export interface TypedTask {
  readonly task: string;
  /** Options by their names; true where no value was given. */
  readonly options: ReadonlyMap<string, string | true>;
  readonly words: readonly string[];
}

/** Stands for standard input where a path is expected. */
const STANDARD_INPUT = '-';

const CHAT = 'chat';

/** A person who asks for one task is alone with it, and nothing was said before. */
const NEED_COMPANY: readonly string[] = ['private', 'messages', 'since'];

const SEED: CommandOption = {
  name: 'seed',
  description: 'Draw with this seed: the same seed gives the same answer.',
  type: 'integer',
  required: false,
  range: [0, 2 ** 32 - 1],
};

/** Says what was typed wrongly, and what can be typed. */
export class ArgumentsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ArgumentsError';
  }
}

/** The commands that `--task` takes; `chat` besides. */
export function singleTasks(): readonly Command[] {
  return commandsFor('terminal').filter((command) => command.means.kind === 'task');
}

/** The options of one of them, or of all. */
export function optionsOf(command?: Command): readonly CommandOption[] {
  const own = (command ? [command] : singleTasks())
    .flatMap(({ options }) => options)
    .filter(({ name }) => !NEED_COMPANY.includes(name));
  const byName = new Map([SEED, ...own].map((option) => [option.name, option]));
  return [...byName.values()];
}

/** @throws ArgumentsError */
export function readTask({ task, options, words }: TypedTask, inputIsKeyboard: boolean): SingleTask {
  const command = task.toLowerCase() === CHAT ? undefined : named(task);
  const known = command ? optionsOf(command) : [SEED];
  const values: Record<string, OptionValue> = {};
  for (const [name, value] of options) {
    const option = known.find((one) => one.name === name);
    if (!option) throw new ArgumentsError(notOf(name, task, known));
    values[name] = readOption(option, value);
  }
  const { text, file } = split(command, values, words);
  return {
    ...(command && { command }),
    options: values,
    text,
    ...(file !== undefined && file !== STANDARD_INPUT && { file }),
    input: inputFor(command, text, file, inputIsKeyboard),
  };
}

function named(task: string): Command {
  const found = findCommand(task, 'terminal');
  if (found?.means.kind === 'task') return found;
  const names = [CHAT, ...singleTasks().map(({ name }) => name)];
  const meant = similarName(task, names);
  const hint = meant ? `Did you mean ${meant}?` : `There are ${list(names)}.`;
  throw new ArgumentsError(`There is no task ${JSON.stringify(clip(task))}. ${hint}`);
}

function notOf(name: string, task: string, known: readonly CommandOption[]): string {
  return `${task} takes no --${name}. It takes ${list(known.map((option) => `--${option.name}`))}.`;
}

function readOption(option: CommandOption, typed: string | true): OptionValue {
  const { name, type, range, choices, maxLength } = option;
  if (type === 'boolean') {
    if (typed === true) return true;
    throw new ArgumentsError(`--${name} is switched on by its name alone and takes no value.`);
  }
  if (typed === true || typed === '') throw new ArgumentsError(`--${name} needs a value behind it.`);
  if (type === 'integer') {
    const [smallest, largest] = range ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
    const value = /^-?\d{1,16}$/u.test(typed) ? Number(typed) : Number.NaN;
    if (value >= smallest && value <= largest) return value;
    throw new ArgumentsError(
      `--${name} wants a whole number from ${smallest} to ${largest}, and not ${JSON.stringify(clip(typed))}.`,
    );
  }
  if (choices && !choices.some(({ value }) => String(value) === typed.toLowerCase())) {
    const wanted = list(
      choices.map(({ value }) => String(value)),
      'or',
    );
    throw new ArgumentsError(`--${name} wants ${wanted}, and not ${JSON.stringify(clip(typed))}.`);
  }
  if (maxLength !== undefined && typed.length > maxLength) {
    throw new ArgumentsError(`What is behind --${name} is longer than ${maxLength} characters.`);
  }
  return choices ? typed.toLowerCase() : typed;
}

/** Takes the person's own words and the path out of the options: requests have fields of their own for them. */
function split(
  command: Command | undefined,
  values: Record<string, OptionValue>,
  words: readonly string[],
): { readonly text: string; readonly file: string | undefined } {
  const textOption = command?.text;
  const inOption = textOption === undefined ? undefined : values[textOption];
  if (inOption !== undefined && words.length > 0) {
    throw new ArgumentsError(`The text is given twice: with --${textOption}, and behind the options.`);
  }
  const fileOption = command?.options.find(({ type }) => type === 'file')?.name;
  const file = fileOption === undefined ? undefined : values[fileOption];
  for (const name of [textOption, fileOption]) if (name !== undefined) delete values[name];
  return { text: String(inOption ?? words.join(' ')), file: file === undefined ? undefined : String(file) };
}

function inputFor(
  command: Command | undefined,
  text: string,
  file: string | undefined,
  inputIsKeyboard: boolean,
): SingleTask['input'] {
  if (file !== undefined) return file === STANDARD_INPUT ? 'material' : 'none';
  const takesFile = command?.options.some(({ type }) => type === 'file') === true;
  const wantsWords = command?.options.find(({ name }) => name === command.text)?.required ?? true;
  if (text.trim() !== '') return takesFile && wantsWords && !inputIsKeyboard ? 'material' : 'none';
  if (inputIsKeyboard) {
    throw new ArgumentsError(
      `There is no text. Write it behind the options${takesFile ? ', name a file with --file,' : ''} or send it through a pipe.`,
    );
  }
  return takesFile && !wantsWords ? 'material' : 'words';
}

function list(words: readonly string[], last = 'and'): string {
  return words.join(', ').replace(/, ([^,]+)$/u, ` ${last} $1`);
}

/** What people typed is repeated to them, but not at any length. */
function clip(typed: string): string {
  const LONGEST = 40;
  return typed.length > LONGEST ? `${typed.slice(0, LONGEST)}…` : typed;
}
