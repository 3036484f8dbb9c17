import { mkdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expectedTensors } from '../../inference/graph/checkpoint.ts';
import { readShape } from '../../inference/graph/shape.ts';
import { type NamedTensor, writeSafetensors } from '../fixtures/random-checkpoint.ts';
import { type Chapter, code, type Row } from './row.ts';

const CONFIG = 'config.json';
const TOKENIZER = 'tokenizer.json';
const WEIGHTS = 'model.safetensors';

type Change = (folder: string) => void | Promise<void>;

const without =
  (...names: string[]): Change =>
  (folder) => {
    for (const name of names) rmSync(path.join(folder, name));
  };

const withFile =
  (name: string, content: string): Change =>
  (folder) =>
    writeFileSync(path.join(folder, name), content);

const withJson =
  (name: string, change: (json: Record<string, unknown>) => object): Change =>
  (folder) => {
    const json = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Record<string, unknown>;
    writeFileSync(path.join(folder, name), JSON.stringify(change(json)));
  };

const withConfig = (change: object): Change => withJson(CONFIG, (config) => ({ ...config, ...change }));

const withModel = (change: (model: { readonly vocab: object }) => object): Change =>
  withJson(TOKENIZER, (json) => ({ ...json, model: change(json.model as { vocab: object }) }));

const withTensors =
  (change: (tensors: readonly NamedTensor[]) => readonly NamedTensor[]): Change =>
  async (folder) => {
    const shape = readShape(JSON.parse(readFileSync(path.join(folder, CONFIG), 'utf8')), CONFIG);
    const tensors = [...expectedTensors(shape)].map(([name, dims]) => ({
      name,
      dims,
      values: () => new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(0.5),
    }));
    await writeSafetensors(path.join(folder, WEIGHTS), change(tensors));
  };

const renamed =
  (from: string, to: string): Change =>
  (folder) =>
    renameSync(path.join(folder, from), path.join(folder, to));

const UNLIKE = 'The two files are not of the same model, or not whole: fetch both again.';
const OTHER = 'Choose another GPT-2 checkpoint.';
const AGAIN = 'Fetch it again, or choose another checkpoint.';
const WANTED = 'A GPT-2 checkpoint is a folder with config.json, tokenizer.json and model.safetensors.';

const FAULTS: readonly (readonly [given: string, change: Change, gets: string])[] = [
  ['nothing is there', (folder) => rmSync(folder, { recursive: true }), `./mine is not there. ${WANTED}`],
  [
    'a file is there',
    (folder) => {
      rmSync(folder, { recursive: true });
      writeFileSync(folder, '');
    },
    `./mine is a file, not a folder. ${WANTED}`,
  ],
  [
    'the folder is empty',
    without(CONFIG, TOKENIZER, WEIGHTS),
    `./mine lacks config.json, tokenizer.json and model.safetensors. ${WANTED}`,
  ],
  ['`config.json` is missing', without(CONFIG), `./mine lacks config.json. ${WANTED}`],
  [
    '`config.json` is a folder',
    (folder) => {
      rmSync(path.join(folder, CONFIG));
      mkdirSync(path.join(folder, CONFIG));
    },
    `./mine lacks config.json. ${WANTED}`,
  ],
  ['`model.safetensors` is missing', without(WEIGHTS), `./mine lacks model.safetensors. ${WANTED}`],
  [
    '`pytorch_model.bin` is in its place',
    renamed(WEIGHTS, 'pytorch_model.bin'),
    './mine lacks model.safetensors. Its weights are in pytorch_model.bin, a form that can run programs when it is opened, and is not read.',
  ],
  [
    '`vocab.json` and `merges.txt` in the place of `tokenizer.json`',
    renamed(TOKENIZER, 'vocab.json'),
    './mine lacks tokenizer.json. It has the older vocab.json and merges.txt. Save the tokenizer in its newer form, ',
  ],
  [
    'the weights are split over several files',
    renamed(WEIGHTS, 'model.safetensors.index.json'),
    './mine holds a sharded checkpoint (model.safetensors.index.json). Parley reads one model.safetensors; join the shards first.',
  ],
  ['`config.json` is empty', withFile(CONFIG, ''), './mine/config.json is not JSON: '],
  ['`config.json` is no JSON', withFile(CONFIG, 'model_type: gpt2'), './mine/config.json is not JSON: '],
  [
    '`config.json` is another thing in JSON',
    withFile(CONFIG, '[]'),
    './mine/config.json says model_type undefined, and Parley runs "gpt2" only. Choose a GPT-2 checkpoint.',
  ],
  [
    'another architecture',
    withConfig({ model_type: 'llama' }),
    './mine/config.json says model_type "llama", and Parley runs "gpt2" only. Choose a GPT-2 checkpoint.',
  ],
  [
    'another activation',
    withConfig({ activation_function: 'swish' }),
    `./mine/config.json wants the activation "swish", which Parley does not know. ${OTHER}`,
  ],
  [
    'another kind of attention',
    withConfig({ scale_attn_by_inverse_layer_idx: true }),
    `./mine/config.json switches on scale_attn_by_inverse_layer_idx, which Parley does not know. ${OTHER}`,
  ],
  [
    'an output layer of its own',
    withConfig({ tie_word_embeddings: false }),
    `./mine/config.json switches off tie_word_embeddings, which Parley needs. ${OTHER}`,
  ],
  [
    'a size is missing',
    withConfig({ n_embd: undefined }),
    `./mine/config.json has no usable n_embd (undefined). ${AGAIN}`,
  ],
  [
    'a size is a word',
    withConfig({ n_layer: '1' }),
    `./mine/config.json has no usable n_layer ("1"). ${AGAIN}`,
  ],
  [
    'a size is zero',
    withConfig({ n_positions: 0 }),
    `./mine/config.json has no usable n_positions (0). ${AGAIN}`,
  ],
  [
    'heads that do not share the width',
    withConfig({ n_head: 3 }),
    `./mine/config.json: n_embd 8 cannot be shared by n_head 3 heads. ${AGAIN}`,
  ],
  [
    'an end-of-text that is no token',
    withConfig({ eos_token_id: 300 }),
    `./mine/config.json: eos_token_id 300 is not in the vocabulary of 300. ${AGAIN}`,
  ],
  [
    'more layers than the weights have',
    withConfig({ n_layer: 2 }),
    `./mine/model.safetensors has no tensor h.1.ln_1.weight (of 16, 32 or bfloat16 bits), which GPT-2 needs. ${UNLIKE}`,
  ],
  [
    'another width than the weights have',
    withConfig({ n_embd: 16 }),
    `The tensor wte.weight of ./mine/model.safetensors has the shape [300,8], and config.json asks for [300,16]. ${UNLIKE}`,
  ],
  ['`tokenizer.json` is empty', withFile(TOKENIZER, ''), './mine/tokenizer.json is not JSON: '],
  [
    'a tokenizer of another kind',
    withModel((model) => ({ ...model, type: 'WordPiece' })),
    "./mine/tokenizer.json is not GPT-2's byte-level BPE tokenizer. Choose a GPT-2 checkpoint.",
  ],
  [
    'a tokenizer whose ids are words',
    withModel((model) => ({ ...model, vocab: { ...model.vocab, a: 'one' } })),
    './mine/tokenizer.json has a token with the id "one", and ids are whole numbers. Fetch it again.',
  ],
  [
    'a tokenizer of another model',
    withModel((model) => ({ ...model, vocab: { ...model.vocab, zebra: 5000 } })),
    './mine/tokenizer.json has a token 5000, and the model of config.json knows 300 tokens: they do not belong together. Fetch both again.',
  ],
  [
    '`model.safetensors` is empty',
    withFile(WEIGHTS, ''),
    'model.safetensors is not a safetensors file: it has no header. Fetch it again (./mine/model.safetensors).',
  ],
  [
    '`model.safetensors` is a web page',
    withFile(WEIGHTS, '<!doctype html><title>Log in</title>'),
    'model.safetensors is not a safetensors file: it does not begin like one. Fetch it again (./mine/model.safetensors).',
  ],
  [
    '`model.safetensors` is what Git leaves without Git LFS',
    withFile(WEIGHTS, 'version https://git-lfs.github.com/spec/v1\noid sha256:…\nsize 548105171\n'),
    'model.safetensors only says where the weights are, as Git leaves it without Git LFS (./mine/model.safetensors). Run git lfs pull there.',
  ],
  [
    '`model.safetensors` is cut off',
    (folder) =>
      truncateSync(path.join(folder, WEIGHTS), Math.floor(statSync(path.join(folder, WEIGHTS)).size / 2)),
    'model.safetensors ends before its tensor wte.weight does: the file is truncated. Fetch it again (./mine/model.safetensors).',
  ],
  [
    'a tensor is missing',
    withTensors((tensors) => tensors.filter(({ name }) => name !== 'h.0.mlp.c_fc.bias')),
    `./mine/model.safetensors has no tensor h.0.mlp.c_fc.bias (of 16, 32 or bfloat16 bits), which GPT-2 needs. ${UNLIKE}`,
  ],
  [
    'a tensor has another shape',
    withTensors((tensors) =>
      tensors.map((tensor) =>
        tensor.name === 'h.0.mlp.c_fc.weight' ? { ...tensor, dims: [32, 8] } : tensor,
      ),
    ),
    `The tensor h.0.mlp.c_fc.weight of ./mine/model.safetensors has the shape [32,8], and config.json asks for [8,32]. ${UNLIKE}`,
  ],
  [
    'a tensor holds what is no number',
    withTensors((tensors) =>
      tensors.map((tensor) =>
        tensor.name === 'h.0.ln_2.bias'
          ? { ...tensor, values: () => new Float32Array(8).fill(Number.NaN, 5) }
          : tensor,
      ),
    ),
    'The tensor h.0.ln_2.bias of ./mine/model.safetensors holds NaN at position 5: the file is damaged. Fetch it again.',
  ],
];

export const modelFoldersChapter: Chapter = {
  title: 'Model folders',
  about:
    `${code('MODEL=./mine')}, or ${code('/model ./mine')} at the prompt. At the start the words stand behind "Parley cannot go ` +
    'on:" on standard error, with exit status 1; at the prompt behind "The model stays as it is."',
  rows: FAULTS.map(([given, change, gets]): Row => ({ given, gets, got: (trial) => trial.model(change) })),
};
