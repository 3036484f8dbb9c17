import { wholeNumber } from './kinds.ts';
import { setting } from './setting.ts';

/** How the bot treats people, on every chat platform. */
export const peopleSettings = {
  USER_REQUESTS_PER_MINUTE: setting({
    section: 'people',
    kind: wholeNumber({ min: 0, max: 10_000 }),
    // Faster than anybody writes and reads answers, slower than a script.
    default: 20,
    unit: 'requests',
    sentence: 'How many requests one person may make within a minute; 0 sets no limit.',
  }),
  STOP_SECONDS: setting({
    section: 'people',
    kind: wholeNumber({ min: 0, max: 3_600 }),
    // Docker gives ten seconds before it kills, and the last edits need some of them.
    default: 6,
    unit: 'seconds',
    sentence:
      'How long replies that run may take to become whole when the bot is told to end (SIGTERM, Ctrl-C); the next start goes on with the others.',
  }),
} as const;
