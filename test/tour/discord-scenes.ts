import type { Channel } from '../fakes/discord/driver/channel.ts';
import type { Guild } from '../fakes/discord/driver/guild.ts';
import type { Interaction } from '../fakes/discord/driver/interaction.ts';
import type { Message } from '../fakes/discord/driver/message.ts';
import type { Person } from '../fakes/discord/driver/person.ts';
import type { FakeDiscord } from '../fakes/discord/fake-discord.ts';

export interface Stage {
  readonly discord: FakeDiscord;
  readonly guild: Guild;
  readonly ada: Person;
  readonly bob: Person;
  /** Is not allowed to use the bot. */
  readonly mallory: Person;
}

/** What happens, and in which channels it is to be seen. */
export interface Scene {
  readonly title: string;
  readonly explains: string;
  /** Through whose eyes; ephemeral messages are seen by one person. */
  readonly seenBy: 'ada' | 'bob' | 'mallory';
  readonly play: (stage: Stage) => Promise<readonly Channel[]>;
}

const PATIENCE = { timeoutMs: 60_000 };

export const SCENES: readonly Scene[] = [
  {
    title: 'A mention',
    explains: 'The answer grows by edits, with a button to stop it; when it is whole, it has others.',
    seenBy: 'ada',
    play: async ({ discord, guild, ada }) => {
      const channel = guild.channel({ name: 'tides' });
      ada.says(channel, 'write The Old Lighthouse', { mention: true });
      const first = await answer(discord, channel);
      ada.pressButton(first, 'More');
      await answer(discord, channel, 2);
      ada.pressButton(first, '👍');
      await discord.waitFor(() => ada.sees(channel).at(-1)?.isEphemeral, PATIENCE);
      return [channel];
    },
  },
  {
    title: 'A conversation',
    explains:
      'Whoever replies to an answer goes on with it; with `DISCORD_THREADS=auto` in a thread, which knows what led to it.',
    seenBy: 'bob',
    play: async ({ discord, guild, ada, bob }) => {
      const channel = guild.channel({ name: 'harbour' });
      ada.says(channel, 'What is a harbour?', { mention: true });
      const first = await answer(discord, channel);
      bob.says(channel, 'And who lives there?', { replyTo: first });
      const thread = await discord.waitFor(() => channel.threads()[0], PATIENCE);
      await answer(discord, thread);
      ada.says(thread, 'Tell me more.');
      await answer(discord, thread, 2);
      return [channel, thread];
    },
  },
  {
    title: 'Stop, and who may press it',
    explains: 'Bob may not stop what Ada asked for, and only he is told so.',
    seenBy: 'bob',
    play: async ({ discord, guild, ada, bob }) => {
      const channel = guild.channel({ name: 'quay' });
      ada.says(channel, 'write The ships lay still', { mention: true });
      const first = await begun(discord, channel);
      await answerTo(discord, bob.pressButton(first, 'Stop'));
      ada.pressButton(first, 'Stop');
      await discord.waitFor(() => isComplete(first), PATIENCE);
      return [channel];
    },
  },
  {
    title: 'Summaries: the recent talk, one message, and a question about it',
    explains: 'A command, a menu of a message, and the form that the other menu opens.',
    seenBy: 'ada',
    play: async ({ discord, guild, ada, bob }) => {
      const channel = guild.channel({ name: 'meetings' });
      ada.says(channel, 'Shall we meet at the quay on Friday?');
      bob.says(channel, 'At nine, when the tide is low. We can walk over to the island and look for shells.');
      const said = ada.says(channel, 'Good. I bring bread and cheese, and you bring the tea.');
      await answerTo(discord, ada.slash(channel, 'summarize', { messages: 3 }));
      await answerTo(discord, ada.slash(channel, 'summarize', { since: '2h', private: true }));
      await answerTo(discord, bob.menu(said, 'Summarize'));
      const used = ada.menu(said, 'Ask about this');
      await discord.waitFor(() => used.modal, PATIENCE);
      await answerTo(discord, ada.submits(used, { question: 'Who brings the tea?' }));
      return [channel];
    },
  },
  {
    title: 'A file, a link, and something that is neither',
    explains: 'Text files are read in the encoding that they have; a message may be named by its link.',
    seenBy: 'bob',
    play: async ({ discord, guild, ada, bob }) => {
      const channel = guild.channel({ name: 'files' });
      const text = 'The ferry leaves at eight. It comes back at noon. Bicycles are free.';
      const said = ada.says(channel, text);
      const attachments = [{ name: 'ferry.txt', data: text }];
      bob.says(channel, 'When does the ferry leave?', { mention: true, attachments });
      await answer(discord, channel);
      await answerTo(discord, bob.slash(channel, 'summarize', { text: said.link }));
      const cat = { name: 'cat.png', data: Uint8Array.of(0x89, 0x50, 0, 0), contentType: 'image/png' };
      await answerTo(discord, bob.slash(channel, 'summarize', { file: cat }));
      return [channel];
    },
  },
  {
    title: 'Several people at once',
    explains: 'The model of this tour answers one at a time: the others see their place in the queue.',
    seenBy: 'ada',
    play: async ({ discord, guild, ada, bob }) => {
      const channel = guild.channel({ name: 'rush-hour' });
      ada.says(channel, 'write The tide comes in', { mention: true });
      bob.says(channel, 'What is a lighthouse?', { mention: true });
      ada.says(channel, 'What is a ferry?', { mention: true });
      await discord.waitFor(() => channel.fromBot().filter(isComplete).length === 3, PATIENCE);
      return [channel];
    },
  },
  {
    title: 'A connection that breaks in the middle of an answer',
    explains: 'Nothing of it is to be seen: the answer goes on, and what was said meanwhile is heard.',
    seenBy: 'bob',
    play: async ({ discord, guild, ada, bob }) => {
      const channel = guild.channel({ name: 'storm' });
      ada.says(channel, 'write The wind took the sails', { mention: true });
      await begun(discord, channel);
      discord.gateway.cut();
      bob.says(channel, 'What is a sail?', { mention: true });
      await discord.waitFor(() => channel.fromBot().filter(isComplete).length === 2, PATIENCE);
      return [channel];
    },
  },
  {
    title: 'A direct message',
    explains: 'No mention is needed, and all that was said before is memory, until `reset`.',
    seenBy: 'ada',
    play: async ({ discord, ada }) => {
      ada.says(ada.dm(), 'Hello! What do you eat?');
      await answer(discord, ada.dm());
      ada.says(ada.dm(), 'reset');
      await answer(discord, ada.dm(), 2);
      return [ada.dm()];
    },
  },
  {
    title: 'Somebody who may not',
    explains: 'A command is refused for their eyes only; a mention aloud, once a minute.',
    seenBy: 'mallory',
    play: async ({ discord, guild, mallory }) => {
      const channel = guild.channel({ name: 'gate' });
      await answerTo(discord, mallory.slash(channel, 'ask', { question: 'What is a key?' }));
      mallory.says(channel, 'What is a key?', { mention: true });
      await answer(discord, channel, 2);
      return [channel];
    },
  },
];

function answer(discord: FakeDiscord, channel: Channel, nth = 1): Promise<Message> {
  return discord.waitFor(() => channel.fromBot().filter(isComplete)[nth - 1], PATIENCE);
}

function answerTo(discord: FakeDiscord, used: Interaction): Promise<Message> {
  return discord.waitFor(() => used.reply && isComplete(used.reply) && used.reply, PATIENCE);
}

/** A reply that has some words, and goes on. */
function begun(discord: FakeDiscord, channel: Channel): Promise<Message> {
  const hasWords = ({ content }: Message) => content !== '' && !content.startsWith('-#');
  return discord.waitFor(() => channel.fromBot().find(hasWords), PATIENCE);
}

function isComplete(message: Message): boolean {
  return !message.isLoading && message.buttons[0]?.label !== 'Stop';
}
