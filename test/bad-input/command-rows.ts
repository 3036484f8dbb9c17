import { type Chapter, code, type Row } from './row.ts';

const LONG = 'word '.repeat(20_000);
const ANSWERED = 'An answer.';
const GAP = 'There is no gap in the text. Write ___ where something is missing.';
const OPTIONS = 'There must be at least two different options to choose from.';
const SEED =
  'A seed is a whole number from 0 to 4294967295: /seed 42, or /seed 42 next for one reply, or /seed off.';

/** Each command with nothing, too much, or nonsense behind it. */
const TYPED: readonly (readonly [typed: string, gets: string])[] = [
  ['/ask', 'What would you like to know? Write the question behind the command: /ask What is a glacier?'],
  [
    '/ask ./notes.txt',
    'What would you like to know about ./notes.txt? Write the question with it, or ask for a summary.',
  ],
  [
    '/ask ./none.txt When?',
    'There is no file ./none.txt. Check the path; it starts where you started Parley.',
  ],
  [
    `/ask ${LONG}`,
    `${ANSWERED}\nLine 1: Your question is longer than this model can read at once: only its end `,
  ],
  [
    '/summarize',
    'There is nothing to sum up yet. Write the text behind the command, or give a file or a message.',
  ],
  ['/summarize none.txt', 'There is no file none.txt. Check the path; it starts where you started Parley.'],
  ['/summarize one', ANSWERED],
  ['/translate', 'There is nothing to translate. Write it behind the command: /translate The cat sleeps.'],
  [
    '/translate to english:',
    'There is nothing to translate. Write it behind the command: /translate The cat sleeps.',
  ],
  [
    '/translate to klingon: Hello',
    'I translate English into French, and French with "to english:" in front: /translate to english: Bonjour.',
  ],
  [
    `/translate ${LONG}`,
    `${ANSWERED}\nLine 1: Your text is longer than this model can read at once: only its beginning `,
  ],
  [
    '/write',
    'A text needs a title or an opening to go on from. Write it behind the command: /write The Old Lighthouse',
  ],
  [
    `/write ${LONG}`,
    `${ANSWERED}\nLine 1: The text so far is longer than this model can read at once: only its end `,
  ],
  [
    '/more',
    'There is no text here yet to go on with. Begin one with its title or opening: /write The Old Lighthouse',
  ],
  ['/more please', 'There is no text here yet to go on with.'],
  ['/fill', GAP],
  ['/fill The cat sat.', GAP],
  ['/fill The __ sat.', GAP],
  ['/fill ___', 'There is only a gap. Write the text around it as well.'],
  [
    '/fill The ___ sat on the ___.',
    'There are 2 gaps in the text, and I can only deal with one. Leave one ___ in it.',
  ],
  [`/fill ${LONG}`, GAP],
  ['/choose', GAP],
  ['/choose The cup broke. | one | two', GAP],
  ['/choose The ___ broke.', OPTIONS],
  ['/choose The ___ broke. | cup', OPTIONS],
  ['/choose The ___ broke. | cup | cup', OPTIONS],
  ['/choose The ___ broke. | |', OPTIONS],
  ['/choose ___ | cup | floor', 'There is only a gap. Write the text around it as well.'],
  [
    `/choose The ___ broke. | ${Array.from({ length: 11 }, (_, index) => index + 1).join(' | ')}`,
    'These are 11 options. Give at most 10.',
  ],
  [
    `/choose The ___ broke. | cup | ${'x'.repeat(201)}`,
    'An option is too long. Give options of at most 200 characters.',
  ],
  ['/again', 'There is no answer here yet that I could give again. Ask something first.'],
  ['/again please', 'There is no answer here yet that I could give again.'],
  ['/seed x', SEED],
  ['/seed -1', SEED],
  ['/seed 1.5', SEED],
  ['/seed 4294967296', SEED],
  ['/seed 42 later', SEED],
  ['/reset everything', 'Forgotten. We start afresh.'],
  ['/forget me not', 'Forgotten. We start afresh.'],
  ['/privacy please', 'The model runs on this machine: no message goes to an AI service.'],
  ['/status please', 'model     '],
  ['/help me', 'Write anything to chat; what was said before is remembered. Or use a command:'],
  ['/quit now', ''],
];

/** These ask for the whole program, which knows where models are. */
const OF_THE_PROGRAM: readonly (readonly [typed: string, gets: string])[] = [
  [
    '/model gpt3',
    'There is no model gpt3. Name auto, starter, a folder with a GPT-2 checkpoint, or a hub id such as ',
  ],
  ['/model a b', 'There is no model a b. Name auto, starter, '],
  [
    '/model https://huggingface.co/gpt2',
    'There is no model https://huggingface.co/gpt2. Name auto, starter, ',
  ],
  [
    '/model ./none',
    'The model stays as it is. ./none is not there. A GPT-2 checkpoint is a folder with config.json, ',
  ],
  [
    '/model ./docs',
    'The model stays as it is. ./docs lacks config.json, tokenizer.json and model.safetensors.',
  ],
  ['/model ./notes.txt', 'The model stays as it is. ./notes.txt is a file, not a folder.'],
  ['/model me/mine', 'The model stays as it is. me/mine cannot be fetched, because OFFLINE is true.'],
];

function shown(typed: string): string {
  return code(typed.length > 80 ? `${typed.slice(0, 30).trim()}…` : typed) + sizeOf(typed);
}

function sizeOf(typed: string): string {
  return typed.length > 1000 ? ` (${Math.floor(typed.length / 1000)},000 characters)` : '';
}

export const commandsChapter: Chapter = {
  title: 'Commands',
  about:
    'Typed at the prompt, or a line of standard input. The answer says what is missing and shows how it is typed.',
  rows: [
    ...TYPED.map(
      ([typed, gets]): Row => ({ given: shown(typed), gets, got: (trial) => trial.lines(`${typed}\n`) }),
    ),
    ...OF_THE_PROGRAM.map(
      ([typed, gets]): Row => ({
        given: shown(typed),
        gets,
        got: (trial) =>
          trial
            .repliesOfProgram(OF_THE_PROGRAM.map(([line]) => line))
            .then((replies) => replies.get(typed) ?? ''),
      }),
    ),
  ],
};
