import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { TokenId } from '../../inference/engine/engine.ts';
import type { GraphRunner } from '../../inference/engine/graph-runner.ts';
import { KvCache } from '../../inference/engine/kv-cache.ts';
import { pieceEnd } from '../../inference/engine/prompt-pieces.ts';
import { compile } from '../../inference/graph/compile.ts';
import { WEIGHTS, type Weights } from '../../inference/graph/weights.ts';
import { loadModel } from '../../inference/model/load.ts';
import { locateModel } from '../../inference/model/locate.ts';
import { readData } from '../eval/data.ts';

const USAGE = `npm run perplexity -- [--model starter|FOLDER] [--tokens N] [FILE …]

What weights at fewer bits cost: the perplexity of a checkpoint on a text (by default the held-out texts of the
evaluation, on which no starter was trained), and how often its likeliest next token is the one that it would be at full precision.`;

/** Nearly all of the held-out texts: enough that an error of a tenth of a per cent is left. */
const DEFAULT_TOKENS = 65_536;

/** What one kind of weights makes of a text. */
interface Judgement {
  readonly weights: Weights;
  /** Of each token behind those before it, the natural logarithm of its likelihood. */
  readonly logProbabilities: readonly number[];
  /** The likeliest token behind each position. */
  readonly likeliest: readonly TokenId[];
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
const judgements: Judgement[] = [];
for (const weights of WEIGHTS) judgements.push(await judge(folder, weights));
printTable(judgements);

async function readAll(paths: readonly string[]): Promise<string> {
  return (await Promise.all(paths.map((path) => readFile(path, 'utf8')))).join('\n\n');
}

function heldOut(): string {
  return readData()
    .sections.map(({ text }) => text)
    .join('\n\n');
}

async function judge(checkpoint: string, weights: Weights): Promise<Judgement> {
  const temporary = await mkdtemp(join(tmpdir(), 'parley-perplexity-'));
  try {
    const compiled = join(temporary, 'compiled');
    await compile(checkpoint, weights, compiled);
    const { runner, tokenizer, dispose } = await loadModel(compiled, name, 0);
    try {
      return { weights, ...(await read(runner, tokenizer.encode(text).slice(0, limit))) };
    } finally {
      await dispose();
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Reads a text window by window, each begun by the end-of-text id as documents are. */
async function read(runner: GraphRunner, ids: readonly TokenId[]): Promise<Omit<Judgement, 'weights'>> {
  const { positions, endOfText } = runner.shape;
  const likeliest: TokenId[] = [];
  const logProbabilities: number[] = [];
  for (let begin = 0; begin < ids.length; begin += positions - 1) {
    const next = ids.slice(begin, begin + positions - 1);
    const seen = [endOfText, ...next.slice(0, -1)];
    const cache = new KvCache(runner.shape, positions);
    cache.addRow();
    for (let at = 0; at < seen.length; at = pieceEnd(at)) {
      const piece = seen.slice(at, pieceEnd(at));
      const { logits, present } = await runner.run(cache, [piece], [...piece.keys()]);
      cache.resize(at + piece.length);
      cache.append(0, present, 0, piece.length);
      const size = runner.shape.vocabulary;
      for (const i of piece.keys()) {
        const { best, logProbability } = judgeToken(
          logits.subarray(i * size, (i + 1) * size),
          next[at + i] ?? 0,
        );
        likeliest.push(best);
        logProbabilities.push(logProbability);
      }
    }
  }
  return { logProbabilities, likeliest };
}

function judgeToken(logits: Float32Array, token: TokenId): { best: TokenId; logProbability: number } {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if ((logits[id] ?? 0) > (logits[best] ?? 0)) best = id;
  const highest = logits[best] ?? 0;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  return { best, logProbability: (logits[token] ?? Number.NaN) - highest - Math.log(sum) };
}

function printTable(all: readonly Judgement[]): void {
  const original = all.find(({ weights }) => weights === 'fp32');
  if (!original) return;
  console.log(`\n${name}, ${original.likeliest.length} tokens\n`);
  console.log('| weights | perplexity | beside fp32 | next token agrees |\n| --- | ---: | ---: | ---: |');
  for (const { weights, logProbabilities, likeliest } of all) {
    const perplexity = Math.exp(-mean(logProbabilities));
    const same = likeliest.filter((id, i) => id === original.likeliest[i]).length / likeliest.length;
    const lost = original.logProbabilities.map((before, i) => before - (logProbabilities[i] ?? Number.NaN));
    console.log(
      `| ${weights} | ${perplexity.toFixed(3)} | ${besideOriginal(lost)} | ${(same * 100).toFixed(1)} % |`,
    );
  }
}

/** How much higher the perplexity is for what each token lost, and what that may be off by chance: the standard error of the mean. */
function besideOriginal(lost: readonly number[]): string {
  const average = mean(lost);
  const higher = (Math.exp(average) - 1) * 100;
  const error = Math.sqrt(mean(lost.map((one) => (one - average) ** 2)) / lost.length) * 100;
  return `${higher < 0 ? '−' : '+'}${Math.abs(higher).toFixed(2)} ± ${error.toFixed(2)} %`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
