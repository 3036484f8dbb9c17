import { EVENTS, SCOPES } from '../../adapters/slack/manifest.ts';
import { SlackAdapter } from '../../adapters/slack/slack-adapter.ts';
import type { Logger } from '../../config/logger.ts';
import type { Engine } from '../../inference/engine/engine.ts';
import type { FakeChannel } from '../fakes/slack/driver/fake-channel.ts';
import type { SeenMessage } from '../fakes/slack/driver/seen-message.ts';
import { FakeSlack } from '../fakes/slack/fake-slack.ts';
import { type Figure, median } from './figure.ts';
import { MB, withBot, withStarter } from './whole-bot.ts';

const SINGLE_MESSAGES = 10;
/** Slack takes 50 edits a minute of a whole workspace: more would measure Slack's patience and not the bot. */
const CHANNELS = 10;
const REQUESTS = 60;

/** As for Discord: the whole bot on the starter model against the Slack of the tests, with Slack's own budgets. */
export async function benchSlackDelivery(log: (line: string) => void): Promise<readonly Figure[]> {
  return withStarter(async (engine) => {
    log('Measuring single replies on Slack, edited and streamed …');
    const edited = await onSlack(engine, (scene) => measureSingle(scene, 'edited'));
    const streamed = await onSlack(engine, (scene) => measureSingle(scene, 'streamed'));
    log(`Measuring ${REQUESTS} requests over ${CHANNELS} channels at once …`);
    return [...edited, ...streamed, ...(await onSlack(engine, measureFlood))];
  });
}

interface Scene {
  readonly slack: FakeSlack;
  /** Milliseconds to the engine's first token of each reply, as the bot logs it, in the order of their ends. */
  readonly firstTokens: readonly number[];
}

async function onSlack(
  engine: Engine,
  measure: (scene: Scene) => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  const slack = await FakeSlack.start({ scopes: Object.keys(SCOPES), botEvents: EVENTS });
  const platform = {
    secrets: [slack.botToken, slack.appToken],
    adapter: (logger: Logger) =>
      new SlackAdapter({
        botToken: slack.botToken,
        apiUrl: slack.apiUrl,
        transport: { kind: 'socket', appToken: slack.appToken },
        inThreads: true,
        follow: true,
        commandPrefix: '',
        logger,
        clock: () => slack.clock.now(),
      }),
    stop: () => slack.stop(),
  };
  return withBot(engine, platform, (firstTokens) => measure({ slack, firstTokens }));
}

async function measureSingle(
  { slack, firstTokens }: Scene,
  how: 'edited' | 'streamed',
): Promise<readonly Figure[]> {
  const ada = slack.workspace.user('ada');
  const beyond: number[] = [];
  const steps: number[] = [];
  for (let i = 0; i < SINGLE_MESSAGES; i++) {
    // A channel each, so that the budget is free.
    const channel = how === 'edited' ? slack.workspace.channel(`single-${i}`) : ada.directMessages;
    const text = `What is a tide, for the ${i}th time?`;
    const asked = slack.clock.now();
    const said = how === 'edited' ? ada.says(channel, text, { mention: true }) : ada.dm(text);
    const reply = await answerTo(slack, channel, said.ts);
    const words = reply.versions.find(({ read }) => read !== '' && !read.includes('Thinking …'));
    beyond.push((words?.at ?? Number.NaN) - asked - (firstTokens[i] ?? Number.NaN));
    steps.push(reply.versions.length - 1);
  }
  return [
    { what: `Slack, ${how}: first words beyond the engine’s first token`, unit: 'ms', value: median(beyond) },
    { what: `Slack, ${how}: steps of a reply`, unit: 'edits', value: median(steps) },
  ];
}

async function measureFlood({ slack }: Scene): Promise<readonly Figure[]> {
  const channels = Array.from({ length: CHANNELS }, (_, i) => slack.workspace.channel(`flood-${i}`));
  const before = process.memoryUsage.rss();
  const began = performance.now();
  const asked = Array.from({ length: REQUESTS }, (_, i) => {
    const channel = channels[i % CHANNELS] ?? slack.workspace.channel('flood-0');
    const person = slack.workspace.user(`person${i}`);
    return { channel, said: person.says(channel, `Question ${i}: what is rain?`, { mention: true }) };
  });
  await Promise.all(asked.map(({ channel, said }) => answerTo(slack, channel, said.ts)));
  const seconds = (performance.now() - began) / 1000;
  const twice = asked.filter(({ channel, said }) => channel.answers({ thread: said.ts }).length > 1).length;
  const refused = slack.calls.filter(({ status }) => status === 429).length;
  const grown = (process.memoryUsage.rss() - before) / MB;
  return [
    { what: `Slack: ${REQUESTS} requests at once, all answered or told`, unit: 's', value: seconds },
    { what: 'of them answered twice', unit: 'requests', value: twice },
    { what: 'refused for our own pace (429)', unit: 'calls', value: refused },
    { what: 'growth of the bot’s memory in that time', unit: 'MB', value: grown },
  ];
}

function answerTo(slack: FakeSlack, channel: FakeChannel, thread: string): Promise<SeenMessage> {
  const isComplete = ({ read, actions, streaming }: SeenMessage) =>
    read !== '' && (streaming === undefined ? !actions.includes('stop') : actions.includes('again'));
  return slack.waitFor(() => channel.answers({ thread }).find(isComplete), {
    what: 'an answer',
    within: 300_000,
  });
}
