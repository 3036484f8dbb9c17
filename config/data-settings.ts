import { folder, wholeNumber } from './kinds.ts';
import { setting } from './setting.ts';

/** What the bot keeps on disk, and for how long; `docs/data.md` tells the whole of it. */
export const dataSettings = {
  DATA_DIR: setting({
    section: 'data',
    kind: folder(),
    default: ({ data }) => data,
    defaultInWords: "the folder parley in the platform's data folder",
    sentence:
      'Where the bot on Discord and Slack keeps what must survive a restart; each bot needs a folder of its own.',
  }),
  FEEDBACK_DAYS: setting({
    section: 'data',
    kind: wholeNumber({ min: 0, max: 3_650 }),
    // Long enough to compare two models by it.
    default: 90,
    unit: 'days',
    sentence: 'How long 👍 and 👎 are kept; 0 keeps none.',
  }),
  CONVERSATION_DAYS: setting({
    section: 'data',
    kind: wholeNumber({ min: 0, max: 3_650 }),
    // What was said before is out of reach of any prompt by then, in most conversations.
    default: 90,
    unit: 'days',
    sentence:
      'How long a conversation remembers over restarts that it was told to forget what was before (/reset), and its /seed; 0 until the next restart.',
  }),
} as const;
