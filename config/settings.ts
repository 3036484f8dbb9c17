import { dataSettings } from './data-settings.ts';
import { discordSettings } from './discord-settings.ts';
import { engineWatchSettings } from './engine-watch-settings.ts';
import { address, choice, folder, token, trueOrFalse, wholeNumber } from './kinds.ts';
import { model } from './model-kind.ts';
import { monitoringSettings } from './monitoring-settings.ts';
import { peopleSettings } from './people-settings.ts';
import { setting } from './setting.ts';
import { slackSettings } from './slack-settings.ts';
import { terminalSettings } from './terminal-settings.ts';

/**
 * Every setting of the bot. After a change, `npm run docs` brings `.env.example` and the README up to date.
 */
export const settings = {
  MODEL: setting({
    section: 'model',
    kind: model(),
    default: 'auto',
    sentence:
      'The model that answers; auto is GPT-2 as soon as it is there, and the small starter model until then.',
  }),
  MODEL_CACHE: setting({
    section: 'model',
    kind: folder(),
    default: ({ cache }) => cache,
    defaultInWords: "the folder parley in the platform's cache folder",
    sentence:
      'Where models are kept as they were fetched and as the engine runs them; it may be deleted at any time.',
  }),
  MODEL_HOST: setting({
    section: 'model',
    kind: address('https://huggingface.co'),
    default: 'https://huggingface.co',
    sentence: 'Where models are fetched from: the hub, or a mirror of it.',
  }),
  HF_TOKEN: setting({
    section: 'model',
    kind: token('an access token of the hub'),
    default: undefined,
    sentence: 'Opens private and gated models; it is sent to MODEL_HOST and to no other host.',
    secret: true,
  }),
  OFFLINE: setting({
    section: 'model',
    kind: trueOrFalse(),
    default: false,
    sentence: 'Whether the bot must never look for a model on the network.',
  }),
  ENGINE_WEIGHTS: setting({
    section: 'engine',
    kind: choice(['q4', 'q8', 'fp32']),
    // Both lose next to nothing (docs/performance.md). q4 writes a reply faster, q8 reads prompts faster.
    default: 'q8',
    sentence:
      'How exactly weights are kept: q8 (8 bits, a quarter of them 4) and q4 (half of them 4 bits) are next to the original (fp32); q8 reads texts faster, q4 writes a reply faster.',
  }),
  ENGINE_THREADS: setting({
    section: 'engine',
    kind: wholeNumber({ min: 0, max: 256 }),
    default: 0,
    unit: 'threads',
    sentence: 'How many threads compute; 0 takes as many as the machine has cores.',
  }),
  ENGINE_BATCH: setting({
    section: 'engine',
    kind: wholeNumber({ min: 1, max: 64 }),
    default: 8,
    unit: 'replies',
    sentence: 'How many replies are written at the same time; further ones wait in the queue.',
  }),
  KV_MB: setting({
    section: 'engine',
    // One reply that fills GPT-2's context takes 75.5 MB; what fits no reply at all is a mistake.
    kind: wholeNumber({ min: 16, max: 1_048_576 }),
    default: 512,
    unit: 'MB',
    sentence: 'Memory for the keys and values of all running replies; when it is full, further ones wait.',
  }),
  PREFIX_MB: setting({
    section: 'engine',
    kind: wholeNumber({ min: 0, max: 1_048_576 }),
    // Three conversations of 700 tokens with GPT-2.
    default: 192,
    unit: 'MB',
    sentence:
      'Memory for the keys and values of earlier prompts, so that the next question of a conversation is answered sooner.',
  }),
  MAX_QUEUE: setting({
    section: 'engine',
    kind: wholeNumber({ min: 1, max: 100_000 }),
    default: 64,
    unit: 'requests',
    sentence: 'How many requests may wait; a further one is told at once that the bot is busy.',
  }),
  ...engineWatchSettings,
  SUMMARY_PARTS: setting({
    section: 'tasks',
    // One part is no part; and nobody waits for more than this, even on a fast machine.
    kind: wholeNumber({ min: 2, max: 100 }),
    default: 12,
    unit: 'parts',
    sentence:
      'A text longer than the model can read at once is summed up in so many parts at most; of a longer one, so many parts spread evenly over it are read.',
  }),
  ...peopleSettings,
  ...dataSettings,
  ...discordSettings,
  ...slackSettings,
  ...terminalSettings,
  ...monitoringSettings,
  LOG_LEVEL: setting({
    section: 'log',
    kind: choice(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    default: 'info',
    sentence: 'The least important messages that are still written to standard error.',
  }),
} as const;
