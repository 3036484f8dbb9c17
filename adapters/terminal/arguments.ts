import { parseArgs } from 'node:util';
import { similarName } from '../../bot/similar-name.ts';
import { ArgumentsError, optionsOf, readTask, type SingleTask } from './task-arguments.ts';

export type Arguments =
  | {
      readonly kind: 'run';
      readonly json: boolean;
      /** Absent: a chat, or the lines of standard input. */
      readonly task?: SingleTask;
    }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  /** What was typed cannot be meant; `message` says why. */
  | { readonly kind: 'wrong'; readonly message: string };

const SWITCHES = ['json', 'help', 'version'] as const;
const SHORT: Readonly<Record<string, string>> = { help: 'h', version: 'v' };

/**
 * Reads the command line, without the program's own name.
 *
 * @param inputIsKeyboard nothing comes through standard input by itself.
 */
export function parseArguments(typed: readonly string[], inputIsKeyboard: boolean): Arguments {
  try {
    return read(typed, inputIsKeyboard);
  } catch (error) {
    if (error instanceof ArgumentsError) return { kind: 'wrong', message: error.message };
    throw error;
  }
}

function read(typed: readonly string[], inputIsKeyboard: boolean): Arguments {
  const { given, words } = parts(typed);
  if (given.has('help')) return { kind: 'help' };
  if (given.has('version')) return { kind: 'version' };
  for (const name of SWITCHES) {
    if (typeof given.get(name) === 'string') throw new ArgumentsError(`--${name} takes no value.`);
  }
  const json = given.delete('json');
  const task = given.get('task');
  given.delete('task');
  if (task === true || task === '') throw new ArgumentsError('--task needs the name of a task behind it.');
  if (task !== undefined) {
    return { kind: 'run', json, task: readTask({ task, options: given, words }, inputIsKeyboard) };
  }
  const [option] = given.keys();
  if (option !== undefined) throw new ArgumentsError(`--${option} goes with --task only.`);
  if (words.length > 0) throw new ArgumentsError(strayWords(words));
  return { kind: 'run', json };
}

/** Options by their names, and what is none. Not strict: the words for what is wrong are ours. */
function parts(typed: readonly string[]) {
  const known = knownOptions();
  const { tokens } = parseArgs({
    args: [...typed],
    options: Object.fromEntries(known),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, string | true>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    if (!known.has(name)) {
      const meant = similarName(name, [...known.keys()]);
      throw new ArgumentsError(`There is no option ${rawName}.${meant ? ` Did you mean --${meant}?` : ''}`);
    }
    if (given.has(name)) throw new ArgumentsError(`${rawName} is given twice. Give it once.`);
    given.set(name, value ?? true);
  }
  return { given, words };
}

function knownOptions(): ReadonlyMap<
  string,
  { readonly type: 'string' | 'boolean'; readonly short?: string }
> {
  const own = optionsOf().map(
    ({ name, type }) => [name, { type: type === 'boolean' ? 'boolean' : 'string' } as const] as const,
  );
  const switches = SWITCHES.map((name) => {
    const short = SHORT[name];
    return [name, { type: 'boolean', ...(short !== undefined && { short }) } as const] as const;
  });
  return new Map([...switches, ['task', { type: 'string' } as const], ...own]);
}

/** npm keeps options for itself that do not stand behind `--`, and passes on what is behind them. */
function strayWords(words: readonly string[]): string {
  const text = words.join(' ');
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return (
    `It is not clear what ${JSON.stringify(shown)} is for. To ask one thing: npm start -- --task chat "…"; ` +
    'options of npm start stand behind --.'
  );
}
