import { mkdirSync, writeFileSync } from 'node:fs';
import { settings } from '../../config/settings.ts';
import { type Chapter, code, type Row } from './row.ts';

/** One of these is wrong for any setting: a word, two words, a control character. */
const NONSENSE = ['much', 'two words', 'tab\there'];

/** Values that people do write. */
const LIKELY: readonly (readonly [name: string, value: string, gets: string, possible?: boolean])[] = [
  [
    'MODEL',
    'gpt2',
    'MODEL (in the environment): got "gpt2", wants auto, starter, a folder with a GPT-2 checkpoint, or a hub id such as openai-community/gpt2',
  ],
  [
    'MODEL',
    'https://huggingface.co/openai-community/gpt2',
    'MODEL (in the environment): got "https://huggingface.co/openai-community/gpt2", wants auto, starter, ',
  ],
  [
    'MODEL_HOST',
    'huggingface.co',
    'MODEL_HOST (in the environment): got "huggingface.co", wants an address like https://huggingface.co',
  ],
  [
    'MODEL_HOST',
    'https://me:secret@mirror.example',
    'MODEL_HOST (in the environment): got "https://…@mirror.example", wants an address like ',
  ],
  [
    'MODEL_CACHE',
    '/proc/models',
    'MODEL_CACHE (in the environment): got "/proc/models", wants a folder',
    process.platform !== 'win32',
  ],
  ['HF_TOKEN', 'hf_with a blank', 'HF_TOKEN (in the environment): got a secret of 15 characters, wants '],
  ['OFFLINE', 'maybe', 'OFFLINE (in the environment): got "maybe", wants true or false'],
  ['ENGINE_WEIGHTS', 'q5', 'ENGINE_WEIGHTS (in the environment): got "q5", wants q4, q8 or fp32'],
  [
    'ENGINE_THREADS',
    '-1',
    'ENGINE_THREADS (in the environment): got "-1", wants a whole number from 0 to 256 (threads)',
  ],
  [
    'KV_MB',
    '512 MB',
    'KV_MB (in the environment): got "512 MB", wants a whole number from 16 to 1048576 (MB)',
  ],
  ['KV_MB', '1e3', 'KV_MB (in the environment): got "1e3", wants a whole number from 16 to 1048576 (MB)'],
  ['KV_MB', '8', 'KV_MB (in the environment): got "8", wants a whole number from 16 to 1048576 (MB)'],
  [
    'DISCORD_GUILD_ID',
    'My server',
    'DISCORD_GUILD_ID (in the environment): got "My server", wants the id of a server',
  ],
  ['LOG_LEVEL', `${'x'.repeat(200)}`, `LOG_LEVEL (in the environment): got "${'x'.repeat(80)}…", wants `],
];

/** The file `.env` itself; what the start says besides. */
const ENV_FILES: readonly (readonly [given: string, make: (file: string) => void, gets: string])[] = [
  [
    'a folder',
    mkdirSync,
    '.env: got a folder, wants a text file in UTF-8 with lines of NAME=value, or no such file',
  ],
  [
    'in UTF-16, as some editors save it',
    (file) => writeFileSync(file, '\ufeffKV_MB=64', 'utf16le'),
    '.env: got a file that is not UTF-8 text, wants a text file in UTF-8 with lines of NAME=value',
  ],
  [
    'with `KV_MB=much`',
    (file) => writeFileSync(file, 'KV_MB=much\n'),
    'KV_MB (in .env): got "much", wants a whole number from 16 to 1048576 (MB)',
  ],
  [
    'with `ENGINE_WEIGHT=q4`',
    (file) => writeFileSync(file, 'ENGINE_WEIGHT=q4\n'),
    'ENGINE_WEIGHT in .env is no setting and has no effect. Did you mean ENGINE_WEIGHTS?',
  ],
  [
    'with `COFFEE=black`',
    (file) => writeFileSync(file, 'COFFEE=black\n'),
    'COFFEE in .env is no setting and has no effect. Remove it, or see .env.example.',
  ],
  [
    'with `KV_MB 64`',
    (file) => writeFileSync(file, 'KV_MB 64\n'),
    'Line 1 of .env names KV_MB but sets nothing. Write KV_MB=value.',
  ],
];

function setting(name: string, value: string, gets: string, possible = true): Row {
  const shown = value.length > 60 ? `${value.slice(0, 20)}… (${value.length} characters)` : value;
  return {
    given: code(`${name}=${shown.replace('\t', '\\t')}`),
    gets,
    possible,
    got: (trial) => line(trial.settings({ [name]: value }), name),
  };
}

/** One of the lines that a start with wrong settings writes, or its only one. */
function line(said: string, name: string): string {
  return (said.split('\n').find((each) => each.trim().startsWith(name)) ?? said).trim();
}

/** The first nonsense that a setting does not take, with the words that its declaration has for what it wants. */
function nonsense(name: keyof typeof settings): Row {
  const { kind, secret, unit } = settings[name] as (typeof settings)['KV_MB'] & { readonly secret?: boolean };
  const surroundings = { directory: '/', home: '/', cache: '/', data: '/', state: '/', exists: () => false };
  const value = NONSENSE.find((each) => !kind.schema(surroundings).safeParse(each).success) ?? '';
  const got = secret ? `a secret of ${value.length} characters` : JSON.stringify(value);
  const wants = unit === undefined ? kind.wants : `${kind.wants} (${unit})`;
  return setting(name, value, `${name} (in the environment): got ${got}, wants ${wants}`);
}

export const settingsChapter: Chapter = {
  title: 'Settings',
  about:
    'Every wrong setting is listed at once, on standard error, and Parley does not start (exit status 78). What has only ' +
    'no effect is a warning, and it starts.',
  rows: [
    ...(Object.keys(settings) as (keyof typeof settings)[]).map(nonsense),
    ...LIKELY.map(([name, value, gets, possible]) => setting(name, value, gets, possible)),
    ...ENV_FILES.map(([given, make, gets]) => ({
      given: `\`.env\` ${given}`,
      gets,
      got: (trial: Parameters<Row['got']>[0]) => {
        const said = trial.settings({}, make);
        return line(said, gets.split(' ', 1)[0]?.replace(/:$/u, '') ?? '');
      },
    })),
  ],
};
