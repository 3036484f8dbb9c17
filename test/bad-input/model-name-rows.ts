import { type Chapter, code, type Row } from './row.ts';
import type { Trial } from './trial.ts';

const IDS: readonly (readonly [given: string, got: Row['got'], gets: string])[] = [
  [
    'that the hub does not have',
    (trial) => trial.fetch('nobody/nothing'),
    'nobody/nothing was not found on the hub: it does not exist, or it is private. Check the spelling; for a private one set HF_TOKEN.',
  ],
  [
    'that is gated, without `HF_TOKEN`',
    (trial) => trial.fetch('me/gated', { access: 'gated', token: 'hf_good' }),
    'me/gated is gated: the hub answered 401 (',
  ],
  [
    'while `OFFLINE` is true',
    (trial) => trial.fetch('me/mine', { offline: true }),
    'me/mine cannot be fetched, because OFFLINE is true. Unset OFFLINE, or take a model that is there: npm run model -- list',
  ],
  [
    'of another architecture',
    (trial) => trial.fetch('me/llama', { files: { 'config.json': '{"model_type":"llama"}' } }),
    'config.json of me/llama says model_type "llama", and Parley runs "gpt2" only. Choose a GPT-2 checkpoint.',
  ],
  [
    'whose weights are split',
    (trial) =>
      trial.fetch('me/split', {
        files: { 'model.safetensors': undefined, 'model.safetensors.index.json': '{}' },
      }),
    'me/split cannot be used: its weights are split over several files, and Parley reads one model.safetensors. Choose another checkpoint.',
  ],
  [
    'whose weights are a pickle',
    (trial) =>
      trial.fetch('me/pickle', { files: { 'model.safetensors': undefined, 'pytorch_model.bin': 'x' } }),
    'me/pickle cannot be used: its weights are a PyTorch pickle, which can run code when it is read. Choose another checkpoint.',
  ],
  [
    'of a data set, a demonstration, an empty repository',
    (trial) =>
      trial.fetch('me/empty', {
        files: {
          'config.json': undefined,
          'tokenizer.json': undefined,
          'model.safetensors': undefined,
          'README.md': '#',
        },
      }),
    'me/empty has no file config.json at main. Choose another model.',
  ],
  [
    'whose weights arrive damaged',
    (trial) => trial.fetch('me/damaged', { damaged: true }),
    'me/damaged/model.safetensors arrived damaged from the hub, twice: its content is not the announced one (SHA-256 differs). Nothing of it is used.',
  ],
];

/** `npm run model`, as a program. */
const COMMANDS: readonly (readonly [typed: readonly string[], gets: string])[] = [
  [[], 'What shall be done?'],
  [['dance'], 'There is no command "dance".'],
  [['fetch', 'gpt2'], '"gpt2" is not the id of a model on the hub; one looks like openai-community/gpt2.'],
  [['fetch', 'a/b', 'c/d'], 'There is something behind a/b that does not belong there.'],
  [['remove'], 'Which model shall be removed?'],
  [['remove', 'me/none'], 'me/none is not in the cache. See npm run model -- list.'],
  [['list', 'all'], 'list takes nothing behind it.'],
];

export const modelNamesChapter: Chapter = {
  title: 'Models of the hub',
  about: `An id in ${code('MODEL')}, behind ${code('/model')} or behind ${code('npm run model -- fetch')}.`,
  rows: [
    ...IDS.map(([given, got, gets]): Row => ({ given: `an id ${given}`, gets, got })),
    ...COMMANDS.map(
      ([typed, gets]): Row => ({
        given: code(['npm run model', ...(typed.length > 0 ? ['--', ...typed] : [])].join(' ')),
        gets,
        got: async (trial: Trial) => (await trial.program('bot/model-cli.ts', typed)).err,
      }),
    ),
  ],
};
