import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT } from '../../bot/exit-status.ts';
import { InferenceError } from '../../inference/errors.ts';
import { compile } from '../../inference/graph/compile.ts';
import { WEIGHTS, type Weights } from '../../inference/graph/weights.ts';
import { type LoadedModel, loadModel } from '../../inference/model/load.ts';
import { type LocatedModel, locateModel } from '../../inference/model/locate.ts';
import { answer, parsedOrWrong } from '../eval/command-line.ts';
import { heldOutText } from '../eval/data.ts';
import { judge, renderJudgements } from './judgement.ts';

const USAGE = `Usage: npm run perplexity -- [--model starter|FOLDER] [--tokens N] [FILE …]

What weights at fewer bits cost: the perplexity of a checkpoint on a text (by default the held-out texts of the
evaluation, on which no starter was trained), how far its likelihoods of all tokens are from those at full precision
(Kullback-Leibler divergence), and how often its likeliest next token is the same. All kinds are in memory together.
`;

/** More than the held-out texts have. */
const DEFAULT_TOKENS = 65_536;

interface Asked {
  readonly model: LocatedModel;
  readonly limit: number;
  readonly files: readonly string[];
  readonly help: boolean;
}

process.exit(await answer(readArguments(process.argv.slice(2)), USAGE, run));

async function run(asked: Asked): Promise<number> {
  const text = asked.files.length > 0 ? await textOf(asked.files) : heldOutText();
  if (typeof text !== 'string') {
    process.stderr.write(`${text.wrong}\n`);
    return EXIT.failed;
  }
  try {
    await compare(asked, text);
    return EXIT.ended;
  } catch (error) {
    if (!(error instanceof InferenceError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT.failed;
  }
}

/** What is wrong with them, where something is. */
function readArguments(written: readonly string[]): Asked | string {
  const parsed = parsedOrWrong(() => parse(written));
  if (typeof parsed === 'string') return parsed;
  const { values, positionals } = parsed;
  if (!/^[1-9]\d*$/.test(values.tokens)) {
    return `--tokens wants a whole number of at least 1, and got ${JSON.stringify(values.tokens)}.`;
  }
  const { model, tokens, help } = values;
  return { model: locateModel(model), limit: Number(tokens), files: positionals, help };
}

function parse(written: readonly string[]) {
  return parseArgs({
    args: [...written],
    options: {
      model: { type: 'string', default: 'starter' },
      tokens: { type: 'string', default: `${DEFAULT_TOKENS}` },
      help: { type: 'boolean', default: false, short: 'h' },
    },
    allowPositionals: true,
  });
}

/** All files, or why there is nothing to read. */
async function textOf(files: readonly string[]): Promise<string | { readonly wrong: string }> {
  const texts: string[] = [];
  for (const file of files) {
    try {
      texts.push(await readFile(file, 'utf8'));
    } catch (error) {
      return { wrong: `${file} cannot be read (${error instanceof Error ? error.message : error}).` };
    }
  }
  const text = texts.join('\n\n');
  return text.trim() === '' ? { wrong: `There is no text in ${files.join(', ')}: nothing to read.` } : text;
}

async function compare({ model: { name, folder }, limit }: Asked, text: string): Promise<void> {
  const temporary = await mkdtemp(join(tmpdir(), 'parley-perplexity-'));
  const models: (LoadedModel & { readonly weights: Weights })[] = [];
  try {
    for (const weights of WEIGHTS) {
      const compiled = join(temporary, weights);
      await compile(folder, weights, compiled);
      models.push({ weights, ...(await loadModel(compiled, name, 0)) });
    }
    const ids = models[0]?.tokenizer.encode(text).slice(0, limit) ?? [];
    console.log(`\n${name}, ${ids.length} tokens\n`);
    console.log(renderJudgements(await judge(models, ids)));
  } finally {
    for (const model of models) await model.dispose();
    await rm(temporary, { recursive: true, force: true });
  }
}
