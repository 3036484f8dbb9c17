import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { EXIT } from '../../bot/exit-status.ts';
import { newsForPerson } from '../../bot/model-news.ts';
import { type Config, loadConfig } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import type { EngineModel } from '../../inference/engine/engine.ts';
import { InferenceError } from '../../inference/errors.ts';
import { Models } from '../../inference/models.ts';
import { answer, parsedOrWrong } from './command-line.ts';
import { readData } from './data.ts';
import { type EvalOptions, type Evaluation, evaluate, SECTIONS } from './evaluate.ts';
import { differenceOf, scoreOf } from './row.ts';
import { renderComparison, renderScores } from './table.ts';

const USAGE = `Usage: npm run eval -- [NAME …] [--compare MODEL] [--limit N] [--json] [--answers]

Evaluates the model that MODEL names. A NAME (${SECTIONS.join(', ')}) runs only that.

  --compare MODEL   evaluate this one as well, and show both side by side with the difference
  --limit N         N items of each kind at most, for a quick look
  --json            print the figures as JSON
  --answers         print what was answered too, to read it

The settings count here as they do for the bot: MODEL, MODEL_CACHE, ENGINE_WEIGHTS, ENGINE_THREADS and so on.
`;

process.exit(await main(process.argv.slice(2)));

async function main(written: readonly string[]): Promise<number> {
  try {
    return await answer(readArguments(written), USAGE, async (asked) => {
      await run(asked);
      return EXIT.ended;
    });
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof InferenceError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error instanceof ConfigError ? EXIT.wrongSettings : EXIT.failed;
  }
}

interface Asked extends Omit<EvalOptions, 'log'> {
  readonly compare: string | undefined;
  readonly json: boolean;
  readonly answers: boolean;
  readonly help: boolean;
}

/** What is wrong with them, where something is. */
function readArguments(written: readonly string[]): Asked | string {
  const parsed = parsedOrWrong(() => parse(written));
  if (typeof parsed === 'string') return parsed;
  const { values, positionals } = parsed;
  const unknown = positionals.filter((name) => !SECTIONS.some((section) => section === name));
  if (unknown.length > 0) {
    return `Nothing to evaluate by the name of ${unknown.join(', ')}. There is: ${SECTIONS.join(', ')}.`;
  }
  if (values.limit !== undefined && !/^[1-9]\d*$/.test(values.limit)) {
    return `--limit wants a whole number of at least 1, and got ${JSON.stringify(values.limit)}.`;
  }
  return {
    names: positionals.length > 0 ? SECTIONS.filter((name) => positionals.includes(name)) : SECTIONS,
    limit: values.limit === undefined ? Number.POSITIVE_INFINITY : Number(values.limit),
    compare: values.compare,
    json: values.json,
    answers: values.answers,
    help: values.help,
  };
}

function parse(written: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  return parseArgs({
    args: [...written],
    options: {
      compare: { type: 'string' },
      limit: { type: 'string' },
      json: flag,
      answers: flag,
      help: { ...flag, short: 'h' },
    },
    allowPositionals: true,
  });
}

async function run(asked: Asked): Promise<void> {
  const { compare } = asked;
  const env = process.env;
  const configs = [env, ...(compare === undefined ? [] : [{ ...env, MODEL: compare }])].map(
    (each) => loadConfig({ env: each, directory: process.cwd() }).config,
  );
  const models: Evaluated[] = [];
  for (const config of configs) models.push(await evaluateModel(config, asked));
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const date = new Date().toISOString().slice(0, 10);
  const columns = models.map(({ model, config, rows }) => ({
    name: `${models.every((one) => one.model.name === model.name) ? config.model : model.name} (${millions(model)}, ${model.weights})`,
    scores: rows.map(scoreOf),
  }));
  const [first, second] = models;
  const [left, right] = columns;
  if (!first || !left) return;
  const differences = second ? first.rows.map((row, i) => differenceOf(row, second.rows[i] ?? row)) : [];
  if (asked.json) {
    const written = models.map(({ model, answers }, i) => ({
      model,
      scores: columns[i]?.scores,
      ...(asked.answers && { answers }),
    }));
    const found = { machine, node: process.version, date, models: written, ...(second && { differences }) };
    console.log(JSON.stringify(found, null, 2));
    return;
  }
  if (asked.answers) for (const model of models) console.log(renderAnswers(model));
  console.log(`\n${machine}, Node ${process.version}, ${date}\n`);
  console.log(right ? renderComparison(left, right, differences) : renderScores(left));
  console.log(
    '\nThe paper’s figures are for other data sets: they show what is usual, and nothing can be read off a difference.',
  );
}

interface Evaluated extends Evaluation {
  readonly model: EngineModel;
  readonly config: Config;
}

async function evaluateModel(config: Config, options: Asked): Promise<Evaluated> {
  const began = performance.now();
  const models = new Models({
    hub: {
      host: config.modelHost,
      token: config.hfToken,
      cacheDir: config.modelCache,
      offline: config.offline,
    },
    weights: config.engineWeights,
    threads: config.engineThreads,
    // No keys and values of earlier prompts: what was asked before must not change how an answer is rounded.
    limits: { maxRows: 1, maxQueue: config.maxQueue, kvBytes: config.kvMb * 2 ** 20 },
    fetchesByItself: false,
    onModelEvent: newsForPerson({ say: (line) => console.error(line) }, Date.now),
  });
  try {
    const engine = await models.start(config.model);
    const { model } = engine;
    const log = (line: string) => console.error(`${model.name}: ${line}`);
    const evaluation = await evaluate(engine, readData(), { ...options, log });
    log(`done in ${Math.round((performance.now() - began) / 1000)} s`);
    return { ...evaluation, model, config };
  } finally {
    await models.close();
  }
}

function millions({ parameters }: EngineModel): string {
  return `${(parameters / 1e6).toFixed(parameters < 1e8 ? 1 : 0)} M`;
}

function renderAnswers({ model, answers }: Evaluated): string {
  return answers
    .map(({ task, input, text, reason }) => {
      const asked = input.context ? `${input.context}\n→ ${input.text}` : input.text;
      return `${model.name}, ${task}: ${asked}\n⇒ ${text} [${reason}]\n`;
    })
    .join('\n');
}
