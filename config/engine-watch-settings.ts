import { wholeNumber } from './kinds.ts';
import { setting } from './setting.ts';

/** When the engine's process is replaced although it has not ended. */
export const engineWatchSettings = {
  ENGINE_HANG_SECONDS: setting({
    section: 'engine',
    // A second or two would take every busy moment of a small machine for a hang.
    kind: wholeNumber({ min: 5, max: 3_600 }),
    // The longest step, 128 tokens of a prompt, takes the largest GPT-2 two seconds on two cores of a server, and half a
    // minute on a small board.
    default: 60,
    unit: 'seconds',
    sentence:
      'An engine that computes nothing for so long, though it was asked to, has hung: it is started again, and replies go on where they were.',
  }),
  ENGINE_MEMORY_MB: setting({
    section: 'engine',
    kind: wholeNumber({ min: 0, max: 1_048_576 }),
    // What a model needs is known to nobody before it runs; whoever shares the machine knows what may be taken.
    default: 0,
    unit: 'MB',
    sentence:
      'An engine that takes more memory is started again as soon as its replies are whole; 0 sets no limit.',
  }),
} as const;
