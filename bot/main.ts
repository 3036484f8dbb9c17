import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { DiscordAdapter } from '../adapters/discord/discord-adapter.ts';
import { discordAccess, discordOptions } from '../adapters/discord/discord-config.ts';
import { DiscordError } from '../adapters/discord/discord-error.ts';
import { type Places, SlackAdapter } from '../adapters/slack/slack-adapter.ts';
import { isSlackMeant, slackAccess, slackOptions } from '../adapters/slack/slack-config.ts';
import { SlackError } from '../adapters/slack/slack-error.ts';
import { type Arguments, parseArguments } from '../adapters/terminal/arguments.ts';
import { TerminalAdapter } from '../adapters/terminal/terminal-adapter.ts';
import { SHORT_USAGE, usageText } from '../adapters/terminal/usage.ts';
import { type Config, type Loaded, secretsOf } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { colorsFor, configFromProcess, isDumbTerminal, logToStandardError } from '../config/from-process.ts';
import { createLogger, type Logger } from '../config/logger.ts';
import { readModelName } from '../config/model-kind.ts';
import { settings } from '../config/settings.ts';
import type { Engine } from '../inference/engine/engine.ts';
import { InferenceError } from '../inference/errors.ts';
import { firstModel, type HubAccess } from '../inference/model/hub-model.ts';
import { Models } from '../inference/models.ts';
import { tasksWith } from '../inference/tasks/tasks.ts';
import { Bot } from './bot.ts';
import { systemClock } from './clock.ts';
import { conversationKey } from './conversation.ts';
import { logEngineEvent } from './engine-news.ts';
import { EXIT, firstSignal, firstUncaught } from './exit-status.ts';
import { LOAD_LINE_BEFORE, loadLine } from './load-line.ts';
import { ModelCommand } from './model-command.ts';
import { called, type NewsBoard, newsForLog, newsForPerson, type TellNews } from './model-news.ts';
import { Monitor, type Watched } from './observability/monitor.ts';
import { MonitorError } from './observability/monitor-error.ts';
import { type ServedPlatform, serve } from './serve.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';
import { StoreError } from './store/store-error.ts';

const DAY_MS = 24 * 3_600_000;

/** What a bot that is being replaced needs beside `STOP_SECONDS`: for the last edits, and to leave its platforms. */
const STOPPING_MS = 3_000;

/** Turns before this start: where they were, what was missed since is looked for. */
const EARLIER_TURNS = 200;
/** And where something was heard: more are not looked at again. */
const EARLIER_PLACES = 100;

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
  if (isServed(config) && !asked.json && !asked.task)
    return runServed(loaded, Promise.race([signal, mistake]));

  terminal = openTerminal(asked, config, await firstModel(config.model, hubOf(config)));
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
  const end = await Promise.race([ended(terminal, broken), signal, mistake, broken]);
  // The terminal waits for the end of its reply, which an engine that has hung tells only when it is closed.
  const left = terminal.stop();
  await bot.close();
  await models.close();
  await left;
  return statusOf(end, logger);
}

/** A chat platform is configured: people meet the bot there, and not here. */
function isServed(config: Config): boolean {
  return config.discordToken !== undefined || isSlackMeant(config);
}

async function runServed(
  { config, warnings }: Loaded<Config>,
  ended: Promise<number | Error>,
): Promise<number> {
  const logger = logToStandardError(config);
  for (const { name, message } of warnings) logger.warn({ setting: name }, message);
  const store = await openStore({
    folder: config.dataDir,
    keepFeedbackMs: config.feedbackDays * DAY_MS,
    keepConversationsMs: config.conversationDays * DAY_MS,
    logger,
    clock: systemClock,
    now: Date.now,
    patienceMs: config.stopSeconds * 1000 + STOPPING_MS,
  }).catch((error: unknown) => {
    if (error instanceof StoreError) return error;
    throw error;
  });
  if (store instanceof StoreError) return statusOf(store, logger);
  const slack = slackOptions(config);
  if (slack instanceof SlackError) return statusOf(slack, logger);
  const monitor = new Monitor({ logger, clock: systemClock, version: version() });
  const models = openModels(config, logger, {
    fetchesByItself: true,
    onModelEvent: newsForLog(logger, Date.now),
    onEngineLost: () => monitor.engineLost(),
  });
  const engine = models.start(config.model);
  const say = (text: string) => void process.stdout.write(`${text}\n`);
  say(`Parley ${version()}, with ${called(await firstModel(config.model, hubOf(config)))}. Ctrl-C ends it.`);
  const platforms: readonly ServedPlatform[] = [
    ...discordOf(config, logger, engine, monitor),
    ...(slack
      ? [
          new SlackAdapter({
            ...slack,
            earlierTurns: await store.seen.latest(EARLIER_TURNS),
            places: await placesOf(store),
            logger,
            onRateLimited: () => monitor.rateLimited('slack'),
            clock: Date.now,
          }),
        ]
      : []),
  ];
  const opened = await openMonitor(config, monitor, { engine, store, platforms });
  if (opened instanceof MonitorError) {
    await Promise.all([store.close(), models.close()]);
    return statusOf(opened, logger);
  }
  if (opened !== undefined) logger.info({ address: opened }, 'the bot can be watched');
  void ended.then(() => monitor.leave());
  const end = await serve({
    platforms,
    engine,
    tasks: tasksWith({ summaryParts: config.summaryParts }),
    access: { discord: discordAccess(config), slack: slackAccess(config) },
    requestsPerMinute: config.userRequestsPerMinute,
    openInAll: config.engineBatch + config.maxQueue,
    store,
    keeps: { feedback: config.feedbackDays, conversations: config.conversationDays },
    logger,
    observer: monitor.turns,
    say,
    patience: { running: config.stopSeconds * 1000 },
    end: Promise.race([ended, failure(engine)]),
  });
  await models.close();
  await monitor.close();
  // Whoever told it to end by a signal got what they wanted: every reply is whole, or goes on with the next start.
  return statusOf(typeof end === 'number' ? EXIT.ended : end, logger);
}

/** Where something was heard in Slack; channels are named there without the platform. */
async function placesOf({ heard }: Store): Promise<Places> {
  const latest = await heard.latest(EARLIER_PLACES);
  const keyOf = (id: string) => conversationKey({ platform: 'slack', id });
  return {
    earlier: latest.map(({ conversation, at }) => ({ channel: conversation.slice(keyOf('').length), at })),
    note: (channel, at) => void heard.put(keyOf(channel), at),
  };
}

/** @returns where the bot can be watched; undefined where nobody wants to. */
async function openMonitor(
  { metricsHost, metricsPort }: Config,
  monitor: Monitor,
  watched: Watched,
): Promise<string | MonitorError | undefined> {
  if (metricsPort === undefined) return undefined;
  try {
    return await monitor.open(metricsHost, metricsPort, watched);
  } catch (error) {
    if (error instanceof MonitorError) return error;
    throw error;
  }
}

function discordOf(
  config: Config,
  logger: Logger,
  engine: Promise<Engine>,
  monitor: Monitor,
): readonly ServedPlatform[] {
  const discord = discordOptions(config);
  let loaded: Engine | undefined;
  engine.then(
    (one) => {
      loaded = one;
    },
    () => undefined,
  );
  const presence = async () => (loaded ? loadLine(await loaded.stats()) : LOAD_LINE_BEFORE);
  const onRateLimited = () => monitor.rateLimited('discord');
  return discord
    ? [new DiscordAdapter({ ...discord, presence, logger, onRateLimited, clock: Date.now })]
    : [];
}

async function statusOf(end: number | Error, logger: Logger): Promise<number> {
  if (typeof end === 'number') return end;
  await print(process.stderr, `${lastWords(end)}\n`);
  if (!isExpected(end)) logger.error({ err: end }, 'ended by a mistake in the program');
  return EXIT.failed;
}

interface ModelsUse {
  readonly fetchesByItself: boolean;
  readonly onModelEvent: TellNews;
  readonly onEngineLost?: () => void;
}

function openModels(config: Config, logger: Logger, { onEngineLost, ...use }: ModelsUse): Models {
  return new Models({
    hub: hubOf(config),
    weights: config.engineWeights,
    threads: config.engineThreads,
    limits: {
      maxRows: config.engineBatch,
      maxQueue: config.maxQueue,
      kvBytes: config.kvMb * 2 ** 20,
      prefixBytes: config.prefixMb * 2 ** 20,
    },
    supervision: {
      hangMs: config.engineHangSeconds * 1000,
      memoryBytes: config.engineMemoryMb * 2 ** 20,
    },
    onEvent: (event) => {
      logEngineEvent(logger, event);
      if (event.type === 'lost') onEngineLost?.();
    },
    ...use,
  });
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

/** Settles only when the engine cannot start. */
function failure(engine: Promise<Engine>): Promise<Error> {
  return new Promise((resolve) => {
    engine.catch(resolve);
  });
}

/** It tells whoever runs the program what to do. */
function isExpected(error: Error): boolean {
  return [InferenceError, DiscordError, SlackError, StoreError, MonitorError].some(
    (expected) => error instanceof expected,
  );
}

function lastWords(error: Error): string {
  return isExpected(error)
    ? `Parley cannot go on: ${error.message}`
    : 'Parley has to stop because of a mistake in the program. Start it again; what was not answered must be asked again.';
}

function version(): string {
  return createRequire(import.meta.url)('../package.json').version;
}
