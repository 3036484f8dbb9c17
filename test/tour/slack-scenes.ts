import type { FakeChannel } from '../fakes/slack/driver/fake-channel.ts';
import type { FakeUser } from '../fakes/slack/driver/fake-user.ts';
import type { Said } from '../fakes/slack/driver/said.ts';
import type { SeenMessage } from '../fakes/slack/driver/seen-message.ts';
import type { Deed } from '../fakes/slack/driver/transcript.ts';
import type { FakeSlack } from '../fakes/slack/fake-slack.ts';

export interface Stage {
  readonly slack: FakeSlack;
  readonly ada: FakeUser;
  readonly bob: FakeUser;
  /** Is not allowed to use the bot. */
  readonly mallory: FakeUser;
}

/** A conversation to be seen, and what people did there beside writing. */
export interface View {
  readonly channel: FakeChannel;
  readonly deeds: readonly Deed[];
}

export interface Scene {
  readonly title: string;
  readonly explains: string;
  /** Through whose eyes; ephemeral messages are seen by one person. */
  readonly seenBy: 'ada' | 'bob' | 'mallory';
  readonly play: (stage: Stage) => Promise<View>;
}

const PATIENCE = { within: 60_000 };

export const SCENES: readonly Scene[] = [
  {
    title: 'A mention',
    explains:
      'The answer stands in a thread and grows by edits, with a button to stop it; when it is whole, it has others. In the thread nobody needs to mention the bot.',
    seenBy: 'bob',
    play: async ({ slack, ada, bob }) => {
      const channel = slack.workspace.channel('harbour');
      const said = ada.says(channel, 'What is a harbour?', { mention: true });
      await answer(slack, channel, said);
      bob.says(channel, 'And who lives there?', { thread: said.ts });
      await answer(slack, channel, said, 2);
      return { channel, deeds: [] };
    },
  },
  {
    title: 'A direct message',
    explains:
      "The answer streams: Slack shows its words as they come, with a stop button of Slack's own while it does.",
    seenBy: 'ada',
    play: async ({ slack, ada }) => {
      const channel = ada.directMessages;
      const said = ada.dm('write The Old Lighthouse');
      const first = await answer(slack, channel, said);
      const deeds = [press(slack, ada, first, 'more', 'More')];
      const second = await answer(slack, channel, said, 2);
      deeds.push(press(slack, ada, second, 'feedback', '👍'));
      await slack.waitFor(() => channel.answers().some(({ ephemeralFor }) => ephemeralFor), PATIENCE);
      return { channel, deeds };
    },
  },
  {
    title: 'Stop, and who may press it',
    explains: 'Bob may not stop what Ada asked for, and only he is told so.',
    seenBy: 'bob',
    play: async ({ slack, ada, bob }) => {
      const channel = slack.workspace.channel('quay');
      ada.says(channel, 'write The ships lay still', { mention: true });
      const running = await slack.waitFor(
        () =>
          channel
            .answers()
            .find(({ actions, read }) => actions.includes('stop') && !read.includes('Thinking')),
        PATIENCE,
      );
      const deeds = [press(slack, bob, running, 'stop', 'Stop')];
      await slack.waitFor(() => channel.answers().some(({ ephemeralFor }) => ephemeralFor), PATIENCE);
      deeds.push(press(slack, ada, running, 'stop', 'Stop'));
      await slack.waitFor(() => channel.answers().some(({ actions }) => actions.includes('again')), PATIENCE);
      return { channel, deeds };
    },
  },
  {
    title: 'Summaries: the recent talk, for everybody and for one person, and a thread',
    explains: 'A command with its options in front, the same in private, and the shortcut of a message.',
    seenBy: 'ada',
    play: async ({ slack, ada, bob }) => {
      const channel = slack.workspace.channel('meetings');
      const first = ada.says(channel, 'Shall we meet at the quay on Friday?');
      bob.says(
        channel,
        'At nine, when the tide is low. We can walk over to the island and look for shells.',
        {
          thread: first.ts,
        },
      );
      ada.says(channel, 'I bring bread and cheese. Who brings the tea?');
      const deeds = [slash(slack, ada, channel, '/summarize', 'messages: 3')];
      await answers(slack, channel, 1);
      deeds.push(slash(slack, ada, channel, '/summarize', 'private: since: 2h'));
      await answers(slack, channel, 2);
      deeds.push(note(slack, 'bob chooses "Summarize thread" under the first message'));
      bob.shortcut('summarize_thread', first);
      await answers(slack, channel, 3);
      deeds.push(
        note(slack, 'ada chooses "Ask about this" under the first message, and asks: When do we meet?'),
      );
      ada.shortcut('ask_about', first);
      await slack.waitFor(() => ada.modal, PATIENCE);
      ada.submits('When do we meet?');
      await answers(slack, channel, 4);
      return { channel, deeds };
    },
  },
  {
    title: 'A file, a link, and something that is neither',
    explains:
      'Text files and snippets are read; a message may be named by its link, by those who may see it.',
    seenBy: 'bob',
    play: async ({ slack, ada, bob }) => {
      const channel = slack.workspace.channel('files');
      const text = 'The ferry leaves at eight. It comes back at noon. Bicycles are free.';
      const said = ada.says(channel, text);
      await ask(slack, bob, channel, 'When does the ferry leave?', {
        files: [{ name: 'ferry.txt', content: text }],
      });
      await ask(slack, bob, channel, `summarize ${said.permalink}`);
      const secret = slack.workspace.channel('secret', { private: true });
      const hidden = ada.says(secret, 'The party is on Sunday.');
      await ask(slack, bob, channel, `summarize ${hidden.permalink}`);
      const cat = { name: 'cat.png', content: Buffer.from([0x89, 0x50, 0, 0]) };
      await ask(slack, bob, channel, 'summarize', { files: [cat] });
      return { channel, deeds: [] };
    },
  },
  {
    title: 'Several people at once',
    explains: 'The model of this tour answers one at a time: the others see their place in the queue.',
    seenBy: 'ada',
    play: async ({ slack, ada, bob }) => {
      const channel = slack.workspace.channel('rush-hour');
      ada.says(channel, 'write The tide comes in', { mention: true });
      bob.says(channel, 'What is a lighthouse?', { mention: true });
      ada.says(channel, 'What is a ferry?', { mention: true });
      await answers(slack, channel, 3);
      return { channel, deeds: [] };
    },
  },
  {
    title: 'A connection that breaks in the middle of an answer',
    explains:
      'Nothing of it is to be seen: the answer goes on, and what was said meanwhile is heard, though Slack does not send it again.',
    seenBy: 'bob',
    play: async ({ slack, ada, bob }) => {
      const channel = slack.workspace.channel('storm');
      ada.says(channel, 'write The wind took the sails', { mention: true });
      await slack.waitFor(() => channel.answers()[0], PATIENCE);
      const deeds = [note(slack, '(the connection is cut)')];
      slack.sockets.dropAll();
      await slack.waitFor(() => slack.sockets.connections.length === 0, PATIENCE);
      bob.says(channel, 'What is a sail?', { mention: true });
      await answers(slack, channel, 2);
      return { channel, deeds };
    },
  },
  {
    title: 'Somebody who may not',
    explains: 'Only they are told.',
    seenBy: 'mallory',
    play: async ({ slack, mallory }) => {
      const channel = slack.workspace.channel('gate');
      mallory.says(channel, 'What is a key?', { mention: true });
      await slack.waitFor(() => channel.answers().length === 1, PATIENCE);
      const deeds = [slash(slack, mallory, channel, '/ask', 'What is a key?')];
      await slack.waitFor(() => channel.answers().length === 2, PATIENCE);
      return { channel, deeds };
    },
  },
];

async function ask(
  slack: FakeSlack,
  person: FakeUser,
  channel: FakeChannel,
  text: string,
  more: object = {},
): Promise<void> {
  await answer(slack, channel, person.says(channel, text, { mention: true, ...more }));
}

/** The nth answer in the thread of what was said, once it is whole. */
function answer(slack: FakeSlack, channel: FakeChannel, { ts }: Said, nth = 1): Promise<SeenMessage> {
  return slack.waitFor(() => channel.answers({ thread: ts }).filter(isWhole)[nth - 1], PATIENCE);
}

async function answers(slack: FakeSlack, channel: FakeChannel, count: number): Promise<void> {
  await slack.waitFor(() => channel.answers().filter(isWhole).length >= count, PATIENCE);
}

function isWhole({ actions, streaming, read }: SeenMessage): boolean {
  // A stream begins without words.
  if (read === '') return false;
  return streaming === undefined ? !actions.includes('stop') : actions.includes('again');
}

function press(
  slack: FakeSlack,
  person: FakeUser,
  message: SeenMessage,
  action: string,
  label: string,
): Deed {
  person.press(message, action);
  return note(slack, `${person.name} presses ${label}`);
}

function slash(
  slack: FakeSlack,
  person: FakeUser,
  channel: FakeChannel,
  command: string,
  text: string,
): Deed {
  person.slash(command, text, channel);
  return note(slack, `${person.name} types ${command} ${text}`);
}

function note(slack: FakeSlack, text: string): Deed {
  return { at: slack.clock.now(), text };
}
