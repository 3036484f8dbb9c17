import type { Trial } from './trial.ts';

/** One thing that people can give, and what they get for it: a line of docs/bad-input.md, and a test. */
export interface Row {
  /** As Markdown. */
  readonly given: string;
  /** The words with which it begins. */
  readonly gets: string;
  /** Gives it to the real parts. */
  readonly got: (trial: Trial) => Promise<string> | string;
  /** Whether this machine can show it: nothing is unreadable for root. */
  readonly possible?: boolean;
}

export interface Chapter {
  readonly title: string;
  /** How the words reach the person, and what happens besides. */
  readonly about: string;
  readonly rows: readonly Row[];
}

/** As code in a cell of a table. */
export function code(text: string): string {
  return `\`${text}\``;
}
