import { wholeNumber } from './kinds.ts';
import { setting } from './setting.ts';

/** What one person may ask of the bot, on every chat platform. */
export const peopleSettings = {
  USER_REQUESTS_PER_MINUTE: setting({
    section: 'people',
    kind: wholeNumber({ min: 0, max: 10_000 }),
    // Faster than anybody writes and reads answers, slower than a script.
    default: 20,
    unit: 'requests',
    sentence: 'How many requests one person may make within a minute; 0 sets no limit.',
  }),
} as const;
