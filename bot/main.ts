import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { type Arguments, parseArguments } from '../adapters/terminal/arguments.ts';
import { TerminalAdapter } from '../adapters/terminal/terminal-adapter.ts';
import { SHORT_USAGE, usageText } from '../adapters/terminal/usage.ts';
import { type Config, secretsOf } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { colorsFor, configFromProcess, isDumbTerminal, logToStandardError } from '../config/from-process.ts';
import { createLogger, type Logger } from '../config/logger.ts';
import { readModelName } from '../config/model-kind.ts';
import { settings } from '../config/settings.ts';
import type { Engine } from '../inference/engine/engine.ts';
import { InferenceError } from '../inference/errors.ts';
import { firstModel, type HubAccess } from '../inference/model/hub-model.ts';
import { Models } from '../inference/models.ts';
import type { ServiceEvent } from '../inference/service.ts';
import { tasksWith } from '../inference/tasks/tasks.ts';
import { Bot } from './bot.ts';
import { EXIT, firstSignal, firstUncaught } from './exit-status.ts';
import { ModelCommand } from './model-command.ts';
import { called, type NewsBoard, newsForLog, newsForPerson } from './model-news.ts';

process.exit(await main(process.argv.slice(2)));

async function main(typed: readonly string[]): Promise<number> {
  // Whoever reads may leave (`| head -1`): nothing to be told about, and those who write notice it themselves.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const asked = parseArguments(typed, process.stdin.isTTY === true);
  switch (asked.kind) {
    case 'help':
      await print(process.stdout, usageText());
      return EXIT.ended;
    case 'version':
      await print(process.stdout, `${version()}\n`);
      return EXIT.ended;
    case 'wrong':
      await print(process.stderr, `${asked.message}\n${SHORT_USAGE}`);
      return EXIT.wrongUsage;
    case 'run':
      return run(asked);
  }
}

/** Settles when it is written, or cannot be: the process ends then, whatever is still on its way. */
function print(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    stream.write(text, () => resolve());
  });
}

type Asked = Extract<Arguments, { kind: 'run' }>;

async function run(asked: Asked): Promise<number> {
  let terminal: TerminalAdapter | undefined;
  const signal = firstSignal((name) => name === 'SIGINT' && terminal?.interrupt() === true);
  const mistake = firstUncaught();
  const loaded = settingsOrNothing();
  if (!loaded) return EXIT.wrongSettings;
  const { config, warnings } = loaded;

  const hub = hubOf(config);
  terminal = openTerminal(asked, config, await firstModel(config.model, hub));
  const logger = openLog(config, terminal);
  for (const { name, message } of warnings) logger.warn({ setting: name }, message);
  const models = new Models({
    hub,
    weights: config.engineWeights,
    threads: config.engineThreads,
    limits: {
      maxRows: config.engineBatch,
      maxQueue: config.maxQueue,
      kvBytes: config.kvMb * 2 ** 20,
      prefixBytes: config.prefixMb * 2 ** 20,
    },
    // A pipe has often ended before a download has, and whoever wrote it asked for answers and not for 548 MB.
    fetchesByItself: terminal.interactive,
    onEvent: (event) => logEngineEvent(logger, event),
    onModelEvent: terminal.interactive
      ? newsForPerson(boardOf(terminal), Date.now)
      : newsForLog(logger, Date.now),
  });
  const engine = models.start(config.model);
  const command = new ModelCommand({
    models,
    cacheDir: config.modelCache,
    read: (typed) => readModelName(typed, { directory: process.cwd(), home: homedir(), exists: existsSync }),
    waits: !terminal.interactive,
  });
  const tasks = tasksWith({ summaryParts: config.summaryParts });
  const bot = new Bot({ engine, logger, models: command, tasks });
  // The prompt does not wait for the model.
  await terminal.start((request) => bot.handle(request, terminal));

  const end = await Promise.race([ended(terminal), signal, mistake, failure(engine)]);
  await terminal.stop();
  await bot.close();
  await models.close();
  if (typeof end === 'number') return end;
  await print(process.stderr, `${lastWords(end)}\n`);
  if (!(end instanceof InferenceError)) logger.error({ err: end }, 'ended by a mistake in the program');
  return EXIT.failed;
}

async function ended(terminal: TerminalAdapter): Promise<number> {
  await terminal.ended;
  const { trouble } = terminal;
  if (trouble === undefined) return EXIT.ended;
  await print(process.stderr, `${trouble}\n`);
  return EXIT.failed;
}

function settingsOrNothing(): ReturnType<typeof configFromProcess> | undefined {
  try {
    return configFromProcess();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return undefined;
  }
}

function hubOf({ modelHost, hfToken, modelCache, offline }: Config): HubAccess {
  return { host: modelHost, token: hfToken, cacheDir: modelCache, offline };
}

function openTerminal({ json, task }: Asked, { historyFile }: Config, model: string): TerminalAdapter {
  return new TerminalAdapter({
    input: process.stdin,
    output: process.stdout,
    errors: process.stderr,
    json,
    ...(task && { task }),
    colors: colorsFor(process.stdout),
    dumb: isDumbTerminal(),
    ...(historyFile !== undefined && { historyFile }),
    greeting: `Parley ${version()}, with ${called(model)}. Write a message, or /help.`,
    folders: { working: process.cwd(), home: homedir() },
    windows: process.platform === 'win32',
    clock: Date.now,
  });
}

function boardOf(terminal: TerminalAdapter): NewsBoard {
  return {
    say: (line) => terminal.say(line),
    ...(!isDumbTerminal() && { status: (line) => terminal.status(line) }),
  };
}

/** Where a person sits at the prompt, the log must not be written into what they type, and only troubles are of interest. */
function openLog(config: Config, terminal: TerminalAdapter): Logger {
  if (!terminal.interactive) return logToStandardError(config);
  return createLogger({
    level: config.logLevel === 'info' ? 'warn' : config.logLevel,
    secrets: secretsOf(config, settings),
    format: 'human',
    write: (line) => terminal.say(line.trimEnd()),
  });
}

function logEngineEvent(logger: Logger, event: ServiceEvent): void {
  if (event.type === 'lost') {
    logger.warn(
      { cause: event.cause, againMs: event.again },
      "the model's process ended; it is started again",
    );
  } else {
    logger.info({ process: event.process }, "the model's process is back");
  }
}

/** Settles only when the engine cannot start. */
function failure(engine: Promise<Engine>): Promise<Error> {
  return new Promise((resolve) => {
    engine.catch(resolve);
  });
}

function lastWords(error: Error): string {
  return error instanceof InferenceError
    ? `Parley cannot go on: ${error.message}`
    : 'Parley has to stop because of a mistake in the program. Start it again; what was not answered must be asked again.';
}

function version(): string {
  return createRequire(import.meta.url)('../package.json').version;
}
