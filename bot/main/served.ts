import { DiscordAdapter } from '../../adapters/discord/discord-adapter.ts';
import { discordAccess, discordOptions } from '../../adapters/discord/discord-config.ts';
import { type Places, SlackAdapter } from '../../adapters/slack/slack-adapter.ts';
import { isSlackMeant, slackAccess, slackOptions } from '../../adapters/slack/slack-config.ts';
import { SlackError } from '../../adapters/slack/slack-error.ts';
import type { Config, Loaded } from '../../config/config.ts';
import { logToStandardError } from '../../config/from-process.ts';
import type { Logger } from '../../config/logger.ts';
import type { Engine } from '../../inference/engine/engine.ts';
import { firstModel } from '../../inference/model/hub-model.ts';
import { tasksWith } from '../../inference/tasks/tasks.ts';
import { systemClock } from '../clock.ts';
import { conversationKey } from '../conversation.ts';
import { EXIT } from '../exit-status.ts';
import { LOAD_LINE_BEFORE, loadLine } from '../load-line.ts';
import { called, newsForLog } from '../model-news.ts';
import { Monitor, type Watched } from '../observability/monitor.ts';
import { MonitorError } from '../observability/monitor-error.ts';
import { type ServedPlatform, serve } from '../serve.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { statusOf } from './last-words.ts';
import { failure, hubOf, openModels } from './models.ts';
import { version } from './version.ts';

const DAY_MS = 24 * 3_600_000;

/** What a bot that is being replaced needs beside `STOP_SECONDS`: for the last edits, and to leave its platforms. */
const STOPPING_MS = 3_000;

/** Turns before this start: where they were, what was missed since is looked for. */
const EARLIER_TURNS = 200;
/** And where something was heard: more are not looked at again. */
const EARLIER_PLACES = 100;

/** A chat platform is configured: people meet the bot there, and not here. */
export function isServed(config: Config): boolean {
  return config.discordToken !== undefined || isSlackMeant(config);
}

/** Serves the configured platforms until the program is ended; the exit status. */
export async function runServed(
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
