import { type Chapter, code, type Row } from './row.ts';
import type { Trial } from './trial.ts';

interface Start {
  readonly given: string;
  readonly typed?: readonly string[];
  readonly env?: (trial: Trial) => Readonly<Record<string, string>>;
  /** Where standard output goes. */
  readonly out?: string;
  readonly status: number;
  readonly gets: string;
  readonly possible?: boolean;
}

/** The whole program, with what it says to standard error and how it ends. */
const STARTS: readonly Start[] = [
  {
    given: code('KV_MB=much'),
    env: () => ({ KV_MB: 'much' }),
    status: 78,
    gets: 'One setting is wrong, so Parley did not start:\n  KV_MB (in the environment): got "much"',
  },
  {
    given: code('npm start -- --jsno'),
    typed: ['--jsno'],
    status: 2,
    gets: 'There is no option --jsno. Did you mean --json?\nUsage: ',
  },
  {
    given: `${code('MODEL=./mine')}, and nothing is there`,
    // Without anything to answer, the program may have ended before it looks.
    typed: ['--task', 'ask', 'What is tea?'],
    env: () => ({ MODEL: './mine' }),
    status: 1,
    gets: 'Parley cannot go on: ./mine is not there. A GPT-2 checkpoint is a folder with ',
  },
  {
    given: 'a hub id that cannot be fetched, and one task',
    typed: ['--task', 'ask', 'What is tea?'],
    env: () => ({ MODEL: 'me/mine' }),
    status: 1,
    gets: 'Parley cannot go on: me/mine cannot be fetched, because OFFLINE is true.',
  },
  {
    given: `a ${code('MODEL_CACHE')} that is a file`,
    typed: ['--task', 'ask', 'What is tea?'],
    env: (trial) => ({ MODEL_CACHE: trial.file('a-file', '') }),
    status: 1,
    gets: 'Parley cannot go on: The compiled model cannot be written to ./a-file',
  },
  {
    given: 'a task that is not answered',
    typed: ['--task', 'summarize', '--file', './none.txt'],
    status: 1,
    gets: 'There is no file ./none.txt. Check the path; it starts where you started Parley.',
  },
  {
    given: 'a disk that is full under standard output',
    typed: ['--task', 'ask', 'What is tea?'],
    out: '/dev/full',
    status: 1,
    gets: 'The answer cannot be written: ENOSPC',
    // Other systems have no such device.
    possible: process.platform === 'linux',
  },
];

export const surroundingsChapter: Chapter = {
  title: 'The start',
  about: 'The whole program, in a process of its own: what standard error says first, and the exit status.',
  rows: STARTS.map(
    ({ given, typed = [], env, out, status, gets, possible = true }): Row => ({
      given,
      gets: `${status}: ${gets}`,
      possible,
      got: async (trial) => {
        const ended = await trial.program('bot/main.ts', typed, { env: env?.(trial) ?? {}, out });
        return `${ended.status}: ${ended.err}`;
      },
    }),
  ),
};
