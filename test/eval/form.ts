import type { Answer } from './answering.ts';
import { type Row, share } from './row.ts';

/** What an answer looks like, whatever it says. */
interface Check {
  readonly what: string;
  readonly holds: (answer: Answer) => boolean;
}

const SENTENCE_END = /[.!?]["'”’»)\]]*$/u;
const LEAKED = /(?:^|\s)(?:Q:|A:|TL;DR:)|<\|endoftext\|>/u;

const CHECKS: readonly Check[] = [
  { what: 'not empty', holds: ({ text }) => text !== '' },
  { what: 'ends by itself', holds: ({ reason }) => reason === 'stop' || reason === 'eos' },
  { what: 'in whole sentences', holds: isWhole },
  { what: 'no delimiter in it', holds: ({ text }) => !LEAKED.test(text) },
  { what: 'not in circles', holds: ({ circled }) => !circled },
];

/** The share of answers in good form: for each check over all tasks, and for each task over all checks. */
export function measureForm(answers: readonly Answer[]): readonly Row[] {
  const all = (answer: Answer) => CHECKS.every(({ holds }) => holds(answer));
  const kinds = [...new Set(answers.map(kindOf))];
  return [
    ...CHECKS.map(
      ({ what, holds }): Row => ({ what: `form: ${what}`, unit: '%', items: share(answers.map(holds)) }),
    ),
    ...kinds.map(
      (kind): Row => ({
        what: `form: all of these, ${kind}`,
        unit: '%',
        items: share(answers.filter((answer) => kindOf(answer) === kind).map(all)),
      }),
    ),
  ];
}

function kindOf({ task, input }: Answer): string {
  if (task !== 'ask') return task;
  return input.context === undefined ? 'ask from memory' : 'ask about a text';
}

/** A phrase of the text is a whole answer too, where one was asked for: "Who developed it?" – "Mozilla". */
function isWhole({ text, input: { context } }: Answer): boolean {
  return SENTENCE_END.test(text) || (text !== '' && context?.includes(text) === true);
}
