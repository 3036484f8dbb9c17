import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type CachedShape, KvCache } from '../../inference/engine/kv-cache.ts';
import { extend } from '../../inference/engine/prefill.ts';
import { pieceEnd } from '../../inference/engine/prompt-pieces.ts';
import { compile } from '../../inference/graph/compile.ts';
import { WEIGHTS, type Weights } from '../../inference/graph/weights.ts';
import { type LoadedModel, loadModel } from '../../inference/model/load.ts';
import { locateModel } from '../../inference/model/locate.ts';
import { readData } from '../eval/data.ts';
import { type Guess, guessOf, meanWithError, type Prediction, predictionOf } from './closeness.ts';

const USAGE = `npm run perplexity -- [--model starter|FOLDER] [--tokens N] [FILE …]

What weights at fewer bits cost: the perplexity of a checkpoint on a text (by default the held-out texts of the
evaluation, on which no starter was trained), how far its likelihoods of all tokens are from those at full precision
(Kullback-Leibler divergence), and how often its likeliest next token is the same. All kinds are in memory together.`;

/** More than the held-out texts have. */
const DEFAULT_TOKENS = 65_536;

interface Opened {
  readonly weights: Weights;
  readonly model: LoadedModel;
}

/** What one kind of weights makes of a text: by window, and there by token. */
interface Judgement {
  readonly weights: Weights;
  readonly windows: Guess[][];
}

const { values, positionals } = parseArgs({
  options: {
    model: { type: 'string', default: 'starter' },
    tokens: { type: 'string', default: `${DEFAULT_TOKENS}` },
    help: { type: 'boolean' },
  },
  allowPositionals: true,
});
const limit = Number(values.tokens);
if (values.help || !(limit > 1)) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}
const text = positionals.length > 0 ? await readAll(positionals) : heldOut();
const { name, folder } = locateModel(values.model);
const temporary = await mkdtemp(join(tmpdir(), 'parley-perplexity-'));
try {
  const models: Opened[] = [];
  for (const weights of WEIGHTS) models.push(await openAt(weights));
  printTable(await judge(models));
  for (const { model } of models) await model.dispose();
} finally {
  await rm(temporary, { recursive: true, force: true });
}

async function openAt(weights: Weights): Promise<Opened> {
  const compiled = join(temporary, weights);
  await compile(folder, weights, compiled);
  return { weights, model: await loadModel(compiled, name, 0) };
}

async function readAll(paths: readonly string[]): Promise<string> {
  return (await Promise.all(paths.map((path) => readFile(path, 'utf8')))).join('\n\n');
}

function heldOut(): string {
  return readData()
    .sections.map(({ text }) => text)
    .join('\n\n');
}

/** Reads a text with all of them, window by window, each begun by the end-of-text id as documents are; the first is the original. */
async function judge(models: readonly Opened[]): Promise<readonly Judgement[]> {
  const first = models[0]?.model;
  if (!first) return [];
  const { positions, endOfText, vocabulary } = first.runner.shape;
  const ids = first.tokenizer.encode(text).slice(0, limit);
  const judgements = models.map(({ weights, model }) => ({ weights, model, windows: [] as Guess[][] }));
  for (let begin = 0; begin < ids.length; begin += positions - 1) {
    const next = ids.slice(begin, begin + positions - 1);
    const seen = [endOfText, ...next.slice(0, -1)];
    const readers = judgements.map(({ model: { runner }, windows }) => {
      const window: Guess[] = [];
      windows.push(window);
      return { runner, window, cache: emptyRow(runner.shape) };
    });
    for (let at = 0; at < seen.length; at = pieceEnd(at)) {
      const piece = seen.slice(at, pieceEnd(at));
      const wanted = [...piece.keys()];
      const read: { window: Guess[]; logits: Float32Array }[] = [];
      for (const { runner, window, cache } of readers) {
        read.push({ window, logits: (await extend(runner, cache, piece, wanted)).logits });
      }
      for (const i of wanted) {
        let original: Prediction | undefined;
        for (const { window, logits } of read) {
          const prediction = predictionOf(logits.subarray(i * vocabulary, (i + 1) * vocabulary));
          original ??= prediction;
          window.push(guessOf(original, prediction, next[at + i] ?? 0));
        }
      }
    }
  }
  return judgements;
}

function emptyRow(shape: CachedShape): KvCache {
  const cache = new KvCache(shape, shape.positions);
  cache.addRow();
  return cache;
}

function printTable(all: readonly Judgement[]): void {
  const [original] = all;
  if (!original) return;
  const tokens = original.windows.flat();
  console.log(`\n${name}, ${tokens.length} tokens\n`);
  const heads = ['weights', 'perplexity', 'beside fp32', 'divergence, nats', 'next token agrees'];
  console.log(`| ${heads.join(' | ')} |\n| --- |${' ---: |'.repeat(heads.length - 1)}`);
  for (const { weights, windows } of all) {
    const perplexity = Math.exp(-meanWithError(logProbabilities(windows)).mean);
    const same = windows.flat().filter(({ likeliest }, i) => likeliest === tokens[i]?.likeliest).length;
    const cells = [
      weights,
      perplexity.toFixed(3),
      besideOriginal(original.windows, windows),
      meanWithError(windows.map((window) => window.map(({ divergence }) => divergence))).mean.toFixed(4),
      `${((same / tokens.length) * 100).toFixed(1)} %`,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

/** How much higher the perplexity is, and what that may be off by chance. */
function besideOriginal(before: readonly (readonly Guess[])[], after: readonly (readonly Guess[])[]): string {
  const [was, is] = [logProbabilities(before), logProbabilities(after)];
  const lost = was.map((window, w) => window.map((one, i) => one - (is[w]?.[i] ?? Number.NaN)));
  const { mean, error } = meanWithError(lost);
  const higher = (Math.exp(mean) - 1) * 100;
  return `${higher < 0 ? '−' : '+'}${Math.abs(higher).toFixed(2)} ± ${(error * 100).toFixed(2)} %`;
}

function logProbabilities(windows: readonly (readonly Guess[])[]): readonly (readonly number[])[] {
  return windows.map((window) => window.map(({ logProbability }) => logProbability));
}
