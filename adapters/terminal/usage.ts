import type { Command, CommandOption } from '../../bot/commands.ts';
import { optionsOf, singleTasks } from './task-arguments.ts';

/** What stands under a message about a wrong command line. */
export const SHORT_USAGE = 'Usage: npm start [-- OPTIONS]\nnpm start -- --help shows the options.\n';

/** What `--help` shows. */
export function usageText(): string {
  return `Usage: npm start [-- OPTIONS]

Opens a chat in the terminal. When standard input is no terminal, each of its lines is a request:

  echo "What is a glacier?" | npm start --silent

Every line gets one reply on standard output, in order: the answer, or why there is none. Remarks beside an answer and
the log go to standard error.

Options (behind --, so that npm passes them on):
${table([
  ['--json', 'one event a line on standard output: "delta" as the text grows, "final" with the figures'],
  ['--task TASK', 'one task, and leave: its answer on standard output'],
  ['--version', 'show the version'],
  ['--help', 'show this'],
])}

One task, with its text behind the options, from a file, or from standard input as a whole:

  npm start --silent -- --task ask "What is a glacier?"
  npm start --silent -- --task ask --file notes.txt "When is the meeting?"
  cat notes.txt | npm start --silent -- --task summarize

Tasks and their options:
${table([...singleTasks().map(describe), ['chat [TEXT]', 'Answer a message.']])}
${table(
  optionsOf()
    .filter(isNamed)
    .map((option) => [`--${option.name} ${placeholder(option)}`.trimEnd(), option.description]),
)}

Exit status: 0 at the end of input, or when the task is answered; 1 when it is not, or the model cannot start; 2 when an
option is wrong; 78 when a setting is wrong; 130 or 143 when interrupted or terminated. Settings are in .env.example.
`;
}

function describe(command: Command): readonly [string, string] {
  const options = optionsOf(command)
    .filter((option) => isNamed(option) && option.name !== 'seed')
    .map((option) => `[--${`${option.name} ${placeholder(option)}`.trimEnd()}]`);
  const text = command.text === undefined ? [] : [`[${command.text.toUpperCase()}]`];
  return [[command.name, ...options, ...text].join(' '), command.description];
}

/** The person's own words need no name: they stand behind the options. */
function isNamed({ name }: CommandOption): boolean {
  return !singleTasks().some((command) => command.text === name);
}

function placeholder({ type, choices }: CommandOption): string {
  if (choices) return choices.map(({ value }) => String(value)).join('|');
  switch (type) {
    case 'boolean':
      return '';
    case 'integer':
      return 'N';
    case 'file':
      return 'PATH';
    case 'text':
      return 'TEXT';
  }
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
