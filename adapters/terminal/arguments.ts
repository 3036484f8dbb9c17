import { parseArgs } from 'node:util';

export type Arguments =
  | { readonly kind: 'run'; readonly json: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  /** What was typed cannot be meant; `message` says why. */
  | { readonly kind: 'wrong'; readonly message: string };

export const USAGE = `Usage: npm start [-- OPTIONS]

Opens a chat in the terminal. When standard input is no terminal, each of its lines is a request:

  echo "What is a glacier?" | npm start --silent

Every line gets one reply on standard output, in order: the answer, or why there is none. Remarks beside an answer and
the log go to standard error.

Options (behind --, so that npm passes them on):
  --json      one event a line on standard output: "delta" as the text grows, "final" with the figures
  --version   show the version
  --help      show this

Exit status: 0 at the end of input, 1 when the model cannot start, 2 when an option is wrong, 78 when a setting is
wrong, 130 or 143 when interrupted or terminated. Settings are listed in .env.example.
`;

/** Reads the command line, without the program's own name. */
export function parseArguments(typed: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...typed],
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    if (values.version) return { kind: 'version' };
    return { kind: 'run', json: values.json };
  } catch (error) {
    return { kind: 'wrong', message: error instanceof Error ? error.message : String(error) };
  }
}
