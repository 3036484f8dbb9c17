import { subduedLine } from '../../adapters/slack/mrkdwn.ts';
import type { FakeChannel } from '../fakes/slack/driver/fake-channel.ts';
import type { FakeUser } from '../fakes/slack/driver/fake-user.ts';
import type { SeenMessage, SeenVersion } from '../fakes/slack/driver/seen-message.ts';
import type { FakeSlack } from '../fakes/slack/fake-slack.ts';
import { pressableElements } from '../fakes/slack/text/blocks.ts';
import { ANY_TASK, type Place, typed, WITHOUT_MEMORY } from './place.ts';
import { type Asked, type Look, lookOf, type ReplyMessage } from './reply.ts';

/** People on Slack: so many who mention the bot, who write to it directly, and who use its commands. */
export function slackPlaces(slack: FakeSlack, ofEach: number): readonly Place[] {
  const { workspace } = slack;
  return Array.from({ length: ofEach }, (_, nth) => {
    const person = workspace.user(`ann-${nth}`);
    const mentions = workspace.channel(`mentions-${nth}`);
    const inThread = (channel: FakeChannel, root: string) => () =>
      channel.record.messages.filter(({ ts, threadTs }) => threadTs === root && ts !== root);
    return [
      place('a mention', slack, mentions, ANY_TASK, (question) => {
        const { ts } = person.says(mentions, typed(question), { mention: true });
        return { messages: inThread(mentions, ts) };
      }),
      place('a direct message', slack, person.directMessages, ANY_TASK, (question) => {
        const { ts } = person.dm(typed(question));
        return { messages: inThread(person.directMessages, ts) };
      }),
      commands(slack, person, workspace.channel(`commands-${nth}`)),
    ];
  }).flat();
}

/** A command leaves no message to answer to: what is written in the channel until the next one is its reply. */
function commands(slack: FakeSlack, person: FakeUser, channel: FakeChannel): Place {
  const starts: number[] = [];
  return place('a command', slack, channel, WITHOUT_MEMORY, ({ task, text }) => {
    const nth = starts.push(channel.record.messages.length) - 1;
    const { delivery } = person.slash(`/${task}`, text, channel);
    return {
      messages: () => channel.record.messages.slice(starts[nth], starts[nth + 1]),
      failed: () => delivery.state === 'failed',
    };
  });
}

interface Answering {
  messages(): readonly { readonly ts: string; readonly user: { readonly name: string } }[];
  failed?(): boolean;
}

function place(
  kind: string,
  slack: FakeSlack,
  channel: FakeChannel,
  tasks: Place['tasks'],
  ask: (question: Asked['question']) => Answering,
): Place {
  const way = `Slack, ${kind}`;
  const bot = slack.app.botUser.name;
  return {
    platform: 'Slack',
    way,
    tasks,
    busy: () => {
      const { sessions, lines } = slack.workspace.agent.busy;
      const here = (thread: string) => thread.startsWith(`${channel.id}:`);
      return [
        ...sessions.filter(here).map((thread) => `Slack shows the session ${thread} as processing`),
        ...lines.filter(here).map((thread) => `Slack shows a status line in ${thread}`),
      ];
    },
    ask: (question): Asked => {
      const { messages, failed } = ask(question);
      return {
        way,
        question,
        told: () => (failed?.() ? 'The command failed.' : undefined),
        replies: () =>
          messages()
            .filter(({ user }) => user.name === bot)
            .map(({ ts }) => replyOf(channel.message(ts))),
      };
    },
  };
}

const [BEFORE = '', BEHIND = ''] = subduedLine('|').split('|');

function replyOf(message: SeenMessage): ReplyMessage {
  const { ts, versions, streaming, pings } = message;
  return {
    id: ts,
    // A stream begins without words.
    looks: versions
      .filter(({ read }) => read !== '')
      .map((version) => look(version, streaming !== undefined)),
    open: streaming === 'in_progress',
    pings,
  };
}

function look({ read, blocks, how }: SeenVersion, streams: boolean): Look {
  const actions = pressableElements(blocks).map(({ actionId }) => actionId);
  const grows = streams && (how === 'posted' || how === 'appended');
  return lookOf(read, (line) => line.startsWith(BEFORE) && line.endsWith(BEHIND), grows ? ['stop'] : actions);
}
