import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Arguments } from '../../adapters/terminal/arguments.ts';
import { TerminalAdapter } from '../../adapters/terminal/terminal-adapter.ts';
import { type Config, type Loaded, secretsOf } from '../../config/config.ts';
import { colorsFor, isDumbTerminal, logToStandardError } from '../../config/from-process.ts';
import { createLogger, type Logger } from '../../config/logger.ts';
import { readModelName } from '../../config/model-kind.ts';
import { settings } from '../../config/settings.ts';
import { firstModel } from '../../inference/model/hub-model.ts';
import { tasksWith } from '../../inference/tasks/tasks.ts';
import { Bot } from '../bot.ts';
import { EXIT } from '../exit-status.ts';
import { ModelCommand } from '../model-command.ts';
import { called, type NewsBoard, newsForLog, newsForPerson } from '../model-news.ts';
import { print, statusOf } from './last-words.ts';
import { failure, hubOf, openModels } from './models.ts';
import { version } from './version.ts';

type Asked = Extract<Arguments, { kind: 'run' }>;

/**
 * Talks with whoever sits at the terminal, or answers what a pipe asks, until there is nothing more to do; the exit status.
 *
 * @param over Settles when the program is to end: with a signal's status, or a mistake.
 * @param onInterrupt Is given what Ctrl-C means while there is a reply to stop: true where it was meant for that.
 */
export async function runInTerminal(
  asked: Asked,
  { config, warnings }: Loaded<Config>,
  over: Promise<number | Error>,
  onInterrupt: (interrupt: () => boolean) => void,
): Promise<number> {
  const terminal = openTerminal(asked, config, await firstModel(config.model, hubOf(config)));
  onInterrupt(() => terminal.interrupt());
  const logger = openLog(config, terminal);
  for (const { name, message } of warnings) logger.warn({ setting: name }, message);
  const models = openModels(config, logger, {
    // A pipe has often ended before a download has, and whoever wrote it asked for answers and not for 548 MB.
    fetchesByItself: terminal.interactive,
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

  const broken = failure(engine);
  const end = await Promise.race([ended(terminal, broken), over, broken]);
  // The terminal waits for the end of its reply, which an engine that has hung tells only when it is closed.
  const left = terminal.stop();
  await bot.close();
  await models.close();
  await left;
  return statusOf(end, logger);
}

/** @param broken why the engine could not start says more than what became of the task for it. */
async function ended(terminal: TerminalAdapter, broken: Promise<Error>): Promise<number | Error> {
  await terminal.ended;
  const { trouble } = terminal;
  if (trouble === undefined) return EXIT.ended;
  const error = await Promise.race([broken, undefined]);
  if (error) return error;
  await print(process.stderr, `${trouble}\n`);
  return EXIT.failed;
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
