import { EVENTS, SCOPES } from '../../../adapters/slack/manifest.ts';
import { SlackAdapter, type SlackOptions } from '../../../adapters/slack/slack-adapter.ts';
import { Bot } from '../../../bot/bot.ts';
import { Delivery } from '../../../bot/delivery/delivery.ts';
import type { Gate } from '../../../bot/gate.ts';
import { Opinions } from '../../../bot/opinions.ts';
import { Reception } from '../../../bot/reception.ts';
import { SeenRequests } from '../../../bot/seen-requests.ts';
import type { Store } from '../../../bot/store/store.ts';
import { takeUpUnfinished } from '../../../bot/unfinished-turns.ts';
import { createLogger } from '../../../config/logger.ts';
import type { Engine } from '../../../inference/engine/engine.ts';
import { FakeSlack } from '../../fakes/slack/fake-slack.ts';
import type { FakeSlackSettings } from '../../fakes/slack/options.ts';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';

export interface ParleySetUp {
  readonly slack?: FakeSlackSettings;
  readonly engine?: Engine;
  readonly adapter?: Partial<SlackOptions>;
  readonly gate?: Gate;
  /** Joins a Slack that is there already. */
  readonly joins?: FakeSlack;
  /** What survives a restart. */
  readonly store?: Store;
}

/** The bot in a fake Slack: the real adapter, delivery and core, and an engine whose replies the test writes. */
export interface Parley {
  readonly slack: FakeSlack;
  readonly adapter: SlackAdapter;
  readonly bot: Bot;
  readonly engine: ScriptedEngine;
  /** What was logged, as JSON. */
  readonly log: readonly string[];
  stop(): Promise<void>;
}

/** Answers at once, with the text that is asked for: "say: hello" is answered by "hello". */
export function echo(): ScriptedEngine {
  return new ScriptedEngine((reply) => {
    const said = /say: (.*)/u.exec(
      reply.prompt.split('\n').findLast((line) => line.startsWith('Q:')) ?? '',
    )?.[1];
    reply.write(` ${said ?? 'Certainly so.'}`).end();
  });
}

export async function startParley(setUp: ParleySetUp = {}): Promise<Parley> {
  const slack =
    setUp.joins ??
    (await FakeSlack.start({
      rateLimits: 'off',
      scopes: Object.keys(SCOPES),
      botEvents: EVENTS,
      ...setUp.slack,
    }));
  const engine = setUp.engine ?? echo();
  const log: string[] = [];
  const logger = createLogger({
    level: 'debug',
    secrets: [slack.botToken, slack.appToken, slack.signingSecret],
    format: 'json',
    write: (line) => void log.push(line),
  });
  const { store } = setUp;
  const seen = store && (await SeenRequests.recalled(store.seen));
  const bot = new Bot({
    engine: Promise.resolve(engine),
    logger,
    ...(setUp.gate && { gate: setUp.gate }),
    ...(seen && { seen }),
    ...(store && { journal: store.turns }),
  });
  const delivery = new Delivery({ logger, ...(store && { journal: store.turns }) });
  const socket = (setUp.slack?.mode ?? 'socket') === 'socket';
  const adapter = new SlackAdapter({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    transport: socket
      ? { kind: 'socket', appToken: slack.appToken }
      : { kind: 'http', signingSecret: slack.signingSecret, port: 0 },
    inThreads: true,
    follow: true,
    commandPrefix: '',
    logger,
    clock: () => slack.clock.now(),
    ...(store && {
      earlierTurns: await store.seen.latest(100),
      places: {
        earlier: (await store.heard.latest(100)).map(({ conversation, at }) => ({
          channel: conversation,
          at,
        })),
        note: (channel, at) => void store.heard.put(channel, at),
      },
    }),
    ...setUp.adapter,
  });
  const reception = new Reception({ bot, delivery, opinions: new Opinions(store?.feedback) });
  const unfinished = (await store?.turns.unfinished()) ?? [];
  await adapter.start(
    (request) => reception.take(request, adapter),
    (press) => reception.press(press, adapter),
  );
  if (store) {
    const desks = { slack: adapter };
    takeUpUnfinished({ unfinished, reception, desks, now: () => slack.clock.now(), logger });
  }
  if (!socket) await slack.http.verifyRequestUrl(`http://127.0.0.1:${adapter.port}/slack/events`);
  const stop = async () => {
    await bot.close();
    await delivery.settled(5_000);
    await adapter.stop();
    if (!setUp.joins) await slack.stop();
  };
  return { slack, adapter, bot, engine: engine as ScriptedEngine, log, stop };
}
