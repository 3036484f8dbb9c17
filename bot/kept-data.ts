import type { Platform } from './request.ts';
import { HEARD_KEPT_MS, SEEN_KEPT_MS, TURNS_KEPT_MS } from './store/retention.ts';

/** What the settings say about how long things are kept, in days; 0 keeps none beyond the process. */
export interface KeptDays {
  readonly feedback: number;
  readonly conversations: number;
}

interface Kept {
  readonly what: string;
  readonly why: string;
  /** What of it is written to disk. */
  readonly written: string;
  /** How long, as the docs tell it: with the setting's name where there is one. */
  readonly documented: string;
  /** How long, as people are told; undefined: it is not kept here. */
  howLong(days: KeptDays): string | undefined;
}

const DAY_MS = 24 * 3_600_000;

/** All that is written to disk. `docs/data.md` and `/privacy` are made from it. */
export const KEPT: readonly Kept[] = [
  {
    what: 'requests that were taken',
    why: 'platforms deliver events again, also after a restart; none may be answered twice',
    written:
      'the platform, the ids of the conversation and of the message or event, and the time; not who wrote, and no text',
    documented: inDays(SEEN_KEPT_MS / DAY_MS),
    howLong: () => inDays(SEEN_KEPT_MS / DAY_MS),
  },
  {
    what: 'answers that are being written',
    why: 'a bot that dies in mid-answer goes on with it after its next start: in the same message, behind the words that people have read',
    written:
      'the request with its text and its author, the prompt, the seed, what has been written, how often it was taken up, and the ids of the posted messages',
    documented: `until the answer is whole, some seconds as a rule; what a dead bot has left, ${inDays(TURNS_KEPT_MS / DAY_MS)}`,
    howLong: () =>
      `until the answer is whole, some seconds as a rule; after a crash ${inDays(TURNS_KEPT_MS / DAY_MS)} at most`,
  },
  {
    what: '👍 and 👎',
    why: 'to tell better settings and models from worse',
    written: 'the id of the answer, which thumb, the time, and a pseudonym of the person',
    documented: '`FEEDBACK_DAYS` (90); 0 keeps none',
    howLong: ({ feedback }) => (feedback === 0 ? undefined : inDays(feedback)),
  },
  {
    what: '`/reset` and `/forget`',
    why: 'what a conversation was told to forget does not come back with a restart',
    written: 'the platform, the id of the conversation, and the time',
    documented: '`CONVERSATION_DAYS` (90) from the last time; 0 keeps none beyond a restart',
    howLong: ({ conversations }) => (conversations === 0 ? undefined : inDays(conversations)),
  },
  {
    what: 'places where something was heard',
    why: 'Slack does not send again what was said while the bot was away; it is looked for there',
    written: 'the platform, the id of the channel, and when it was heard from last',
    documented: inDays(HEARD_KEPT_MS / DAY_MS),
    howLong: () => inDays(HEARD_KEPT_MS / DAY_MS),
  },
  {
    what: '`/seed`',
    why: 'a conversation whose seed was fixed keeps it over a restart',
    written:
      'the platform, the id of the conversation, the seed, the time, and a pseudonym of the person who fixed it',
    documented: '`CONVERSATION_DAYS` (90) from when it was fixed; 0 keeps none beyond a restart',
    howLong: ({ conversations }) => (conversations === 0 ? undefined : inDays(conversations)),
  },
];

/** What `/privacy` answers. */
export function privacy(platform: Platform, days: KeptDays | undefined): string {
  if (platform === 'terminal' || !days) return IN_THE_TERMINAL;
  const kept = KEPT.flatMap(({ what, written, howLong }) => {
    const time = howLong(days);
    return time === undefined ? [] : [`- **${what.replaceAll('`', '')}**: ${written}. Kept: ${time}.`];
  });
  return [AT_HOME, `What I write to disk:\n${kept.join('\n')}`, NOT_STORED, ERASING].join('\n\n');
}

const AT_HOME = 'I think on the machine that I run on: no message goes to an AI service.';
const NOT_STORED =
  'Conversations are not stored: I read them back from here when an answer needs them. Until I am started again I keep in memory what the last 500 answers were asked, so that Again works. My log names messages by their ids and never has their text.';
const ERASING =
  '/forget erases what is stored about you. Whoever runs me sets how long things are kept, and can read what is stored.';
const IN_THE_TERMINAL =
  'The model runs on this machine: no message goes to an AI service. Nothing that you write is stored, but for typed lines in HISTORY_FILE, as shells do.';

function inDays(days: number): string {
  return days === 1 ? 'a day' : `${days} days`;
}
