import { type Chapter, code, type Row } from './row.ts';

const WRONG: readonly (readonly [typed: readonly string[], gets: string])[] = [
  [['--jsno'], 'There is no option --jsno. Did you mean --json?'],
  [['--colour'], 'There is no option --colour.'],
  [['-x'], 'There is no option -x.'],
  [['--json=yes'], '--json takes no value.'],
  [['--json', '--json'], '--json is given twice. Give it once.'],
  [
    ['What is tea?'],
    'It is not clear what "What is tea?" is for. To ask one thing: npm start -- --task chat "…"',
  ],
  [['--file', 'notes.txt'], '--file goes with --task only.'],
  [['--seed', '7'], '--seed goes with --task only.'],
  [['--task'], '--task needs the name of a task behind it.'],
  [['--task', ''], '--task needs the name of a task behind it.'],
  [['--task', 'sumarize'], 'There is no task "sumarize". Did you mean summarize?'],
  [
    ['--task', 'sing'],
    'There is no task "sing". There are chat, ask, summarize, translate, write, fill and choose.',
  ],
  [['--task', 'help'], 'There is no task "help". There are chat, ask, summarize, '],
  [['--task', 'more'], 'There is no task "more". There are chat, ask, summarize, '],
  [['--task', '--json'], 'There is no task "--json". There are chat, ask, summarize, '],
  [
    ['--task', 'translate', '--file', 'notes.txt'],
    'translate takes no --file. It takes --seed, --text and --to.',
  ],
  [['--task', 'chat', '--file', 'notes.txt'], 'chat takes no --file. It takes --seed.'],
  [['--task', 'ask', '--file'], '--file needs a value behind it.'],
  [
    ['--task', 'ask', '--seed', 'x', 'Why?'],
    '--seed wants a whole number from 0 to 4294967295, and not "x".',
  ],
  [
    ['--task', 'ask', '--seed', '-1', 'Why?'],
    '--seed wants a whole number from 0 to 4294967295, and not "-1".',
  ],
  [
    ['--task', 'ask', '--seed', '1.5', 'Why?'],
    '--seed wants a whole number from 0 to 4294967295, and not "1.5".',
  ],
  [
    ['--task', 'ask', '--seed', '4294967296', 'Why?'],
    '--seed wants a whole number from 0 to 4294967295, and not "4294967296".',
  ],
  [['--task', 'translate', '--to', 'klingon', 'Hello'], '--to wants french or english, and not "klingon".'],
  [
    ['--task', 'fill', '--likelihoods=yes', 'A ___'],
    '--likelihoods is switched on by its name alone and takes no value.',
  ],
  [
    ['--task', 'ask', '--question', 'Why?', 'When?'],
    'The text is given twice: with --question, and behind the options.',
  ],
];

/** At a keyboard nothing comes through standard input by itself. */
const AT_KEYBOARD: readonly (readonly [typed: readonly string[], gets: string])[] = [
  [
    ['--task', 'ask'],
    'There is no text. Write it behind the options, name a file with --file, or send it through a pipe.',
  ],
  [['--task', 'translate'], 'There is no text. Write it behind the options or send it through a pipe.'],
  [['--task', 'chat', '  '], 'There is no text. Write it behind the options or send it through a pipe.'],
];

function row(typed: readonly string[], gets: string, atKeyboard: boolean): Row {
  const quoted = typed.map((word) => (/^[\w.=-]+$/u.test(word) ? word : JSON.stringify(word)));
  return {
    given: `${code(quoted.join(' '))}${atKeyboard ? ', without a pipe' : ''}`,
    gets,
    got: (trial) => trial.commandLine(typed, atKeyboard),
  };
}

export const commandLineChapter: Chapter = {
  title: 'The command line',
  about:
    'What stands behind `npm start --`. The words go to standard error, with two lines of usage behind them, and the exit ' +
    'status is 2.',
  rows: [
    ...WRONG.map(([typed, gets]) => row(typed, gets, false)),
    ...AT_KEYBOARD.map(([typed, gets]) => row(typed, gets, true)),
  ],
};
