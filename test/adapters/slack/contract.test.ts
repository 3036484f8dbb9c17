import { EVENTS, SCOPES } from '../../../adapters/slack/manifest.ts';
import { SlackAdapter } from '../../../adapters/slack/slack-adapter.ts';
import { type ButtonAction, readButtonId } from '../../../bot/buttons.ts';
import { createLogger } from '../../../config/logger.ts';
import { adapterContract } from '../../contract/adapter-contract.ts';
import type { AdapterHarness, AdapterTraits, Trouble } from '../../contract/adapter-harness.ts';
import type { FakeChannel } from '../../fakes/slack/driver/fake-channel.ts';
import { FakeSlack } from '../../fakes/slack/fake-slack.ts';
import { isJsonObject } from '../../fakes/slack/json.ts';
import { type Block, pressableElements } from '../../fakes/slack/text/blocks.ts';
import type { Failure } from '../../fakes/slack/web-api/faults.ts';

const TRAITS: AdapterTraits = {
  shows: 'through delivery',
  messages: true,
  buttons: true,
  typing: true,
  knowsRepeats: true,
};

const FAILURES: Readonly<Record<Trouble, (retryAfterMs: number) => Failure>> = {
  'too many calls': (retryAfterMs) => ({
    kind: 'rate-limit',
    retryAfterSeconds: Math.ceil(retryAfterMs / 1000),
  }),
  'server error': () => ({ kind: 'status', status: 500 }),
  'cut connection': () => ({ kind: 'cut', when: 'before' }),
};

type Place = 'a thread of a channel' | 'a thread of direct messages, by streams';

function buttonsIn(blocks: readonly Block[]): ButtonAction[] {
  return pressableElements(blocks).flatMap(({ element }) => {
    const { value, positive_button: good, negative_button: bad } = element;
    const values = [value, ...[good, bad].map((button) => (isJsonObject(button) ? button.value : undefined))];
    return values.flatMap((id) => readButtonId(String(id))?.action ?? []);
  });
}

let seed = 0;

async function open(place: Place): Promise<AdapterHarness> {
  // Other ids each time: the suite keeps one budget for each channel over all tests.
  seed += 1;
  const slack = await FakeSlack.start({
    seed,
    rateLimits: 'off',
    scopes: Object.keys(SCOPES),
    botEvents: EVENTS,
  });
  const ada = slack.workspace.user('ada');
  const direct = place !== 'a thread of a channel';
  const channel: FakeChannel = direct ? ada.directMessages : slack.workspace.channel('general');
  const adapter = new SlackAdapter({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    transport: { kind: 'socket', appToken: slack.appToken },
    inThreads: true,
    follow: true,
    commandPrefix: '',
    logger: createLogger({ level: 'silent', secrets: [], format: 'json' }),
    clock: Date.now,
  });
  let thread: string | undefined;
  const say = (text: string, more: object = {}) => {
    const options = { ...(thread !== undefined && { thread }), ...more };
    const said = direct ? ada.dm(text, options) : ada.says(channel, text, { mention: true, ...options });
    thread ??= said.ts;
  };
  return {
    adapter,
    says: async (text) => say(text),
    sends: async (text, { name, bytes }) => say(text, { files: [{ name, content: Buffer.from(bytes) }] }),
    sees: async () =>
      channel.answers().map(({ read, blocks, pings, streaming }) => ({
        // A long message stands in several sections, one below the other.
        text: read.replaceAll('x\nx', 'xx'),
        pings,
        // While a stream runs, Slack shows a button of its own.
        buttons: streaming === 'in_progress' ? ['stop'] : buttonsIn(blocks),
      })),
    turnDown: (trouble, retryAfterMs) => {
      const posted = channel.answers().length > 0;
      const methods = direct ? ['chat.stopStream', 'chat.postMessage'] : ['chat.update', 'chat.postMessage'];
      slack.failNext(methods[posted ? 0 : 1] ?? '', FAILURES[trouble](retryAfterMs));
    },
    deletes: async ({ id }) => {
      channel.find(id).deleted = true;
    },
    presses: async (action) => {
      const message = channel.answers().at(-1);
      const feedback = action === 'good' || action === 'bad';
      if (message?.streaming === 'in_progress') ada.stops({ channel: channel.id, threadTs: thread ?? '' });
      else if (message)
        ada.press(message, feedback ? 'feedback' : action, action === 'bad' ? 'negative' : 'positive');
    },
    typings: () => slack.callsTo('assistant.threads.setStatus').length,
    close: async () => {
      await adapter.stop();
      await slack.stop();
    },
  };
}

adapterContract('Slack (a thread of a channel)', TRAITS, () => open('a thread of a channel'));
adapterContract('Slack (direct messages, by streams)', TRAITS, () =>
  open('a thread of direct messages, by streams'),
);
