import { afterEach, describe, expect, test } from 'vitest';
import type { FakeChannel, MessageFilter } from '../../fakes/slack/driver/fake-channel.ts';
import type { SeenMessage } from '../../fakes/slack/driver/seen-message.ts';
import { type Parley, type ParleySetUp, startParley } from './parley.ts';
import { quiet, answerIn as waitForAnswer } from './waiting.ts';

let parley: Parley;

afterEach(() => parley.stop());

function answerIn(
  channel: FakeChannel,
  filter: Omit<MessageFilter, 'by'> = {},
  nth = 0,
): Promise<SeenMessage> {
  return waitForAnswer(parley, channel, filter, nth);
}

const modes = ['socket', 'http'] as const;

describe.each(modes)('in %s mode', (mode) => {
  async function start(setUp: ParleySetUp = {}) {
    parley = await startParley({ ...setUp, slack: { mode, ...setUp.slack } });
    const { workspace } = parley.slack;
    return {
      ...parley,
      general: workspace.channel('general'),
      ann: workspace.user('ann'),
      ben: workspace.user('ben'),
    };
  }

  describe('messages', () => {
    test('a mention is answered in its thread', async () => {
      const { slack, general, ann } = await start();
      const said = ann.says(general, 'say: hello there', { mention: true });
      const answer = await answerIn(general, { thread: said.ts });

      expect(answer).toMatchObject({ read: 'hello there', threadTs: said.ts });
      expect(answer.actions).toEqual(['again', 'more', 'feedback']);
      // Slack's limits for reading are narrow, and there is nothing to read in a thread that begins here.
      expect(slack.callsTo('conversations.replies')).toEqual([]);
    });

    test('a mention is answered where it was written, as SLACK_THREADS says', async () => {
      const { general, ann } = await start({ adapter: { inThreads: false } });
      ann.says(general, 'say: in the open', { mention: true });

      expect(await answerIn(general)).toMatchObject({ read: 'in the open', threadTs: undefined });
    });

    test('further messages in a thread that the bot is part of need no mention', async () => {
      const { general, ann, ben } = await start();
      const said = ann.says(general, 'say: one', { mention: true });
      await answerIn(general, { thread: said.ts });
      ben.says(general, 'say: two', { thread: said.ts });

      expect((await answerIn(general, { thread: said.ts }, 1)).read).toBe('two');
    });

    test('the bot knows the threads it is part of after a restart, too', async () => {
      const { general, ann, slack, adapter } = await start();
      const said = ann.says(general, 'say: one', { mention: true });
      await answerIn(general, { thread: said.ts });
      await adapter.stop();
      const again = await startParley({ joins: slack, slack: { mode } });
      ann.says(general, 'say: two', { thread: said.ts });
      await answerIn(general, { thread: said.ts }, 1);
      await again.stop();
    });

    test('messages between people are left alone: in threads of others, with another name in front, or as the setting says', async () => {
      const { general, ann, ben } = await start();
      const others = ann.says(general, 'lunch?');
      ben.says(general, 'say: sure', { thread: others.ts });
      const ours = ann.says(general, 'say: one', { mention: true });
      await answerIn(general, { thread: ours.ts });
      ann.says(general, '@ben what do you think?', { thread: ours.ts });
      await quiet(parley);

      expect(general.answers()).toHaveLength(1);
    });

    test('without SLACK_FOLLOW_THREADS only mentions are answered', async () => {
      const { general, ann } = await start({ adapter: { follow: false } });
      const said = ann.says(general, 'say: one', { mention: true });
      await answerIn(general, { thread: said.ts });
      ann.says(general, 'say: two', { thread: said.ts });
      await quiet(parley);

      expect(general.answers()).toHaveLength(1);
    });

    test('what was said in the thread is memory, with the names of those who spoke', async () => {
      const { general, ann, ben, engine } = await start();
      const said = ann.says(general, 'say: one', { mention: true });
      await answerIn(general, { thread: said.ts });
      ben.says(general, 'say: two &c.', { thread: said.ts });
      await answerIn(general, { thread: said.ts }, 1);

      expect(engine.replies[1]?.prompt).toBe('Q: ann: say: one\nA: one\nQ: ben: say: two &c.\nA:');
    });

    test('a mention in a thread of others is about that thread', async () => {
      const { general, ann, ben, engine } = await start();
      const root = ann.says(general, 'The fair opens on Sunday.');
      ben.says(general, 'And closes on Monday.', { thread: root.ts });
      ben.says(general, 'When does it open?', { thread: root.ts, mention: true });
      await answerIn(general, { thread: root.ts });

      expect(engine.replies[0]?.prompt).toBe(
        'ann: The fair opens on Sunday.\nben: And closes on Monday.\n\nQ: When does it open?\nA:',
      );
    });

    test('a bare mention gets help', async () => {
      const { general, ann } = await start();
      const said = ann.says(general, '', { mention: true });

      expect((await answerIn(general, { thread: said.ts })).read).toContain('/summarize');
    });

    test('a direct message is answered in its thread', async () => {
      const { ann } = await start();
      const said = ann.dm('say: hello');

      expect(await answerIn(ann.directMessages)).toMatchObject({ read: 'hello', threadTs: said.ts });
    });
  });

  describe('commands', () => {
    test('a slash command is answered in the channel, where everybody sees it', async () => {
      const { general, ann, engine } = await start();
      const { delivery } = ann.slash('/ask', 'What is <tea>?', general);
      const answer = await answerIn(general);

      expect(answer).toMatchObject({ read: 'Certainly so.', ephemeralFor: undefined, threadTs: undefined });
      expect(engine.replies[0]?.prompt).toBe('Q: What is <tea>?\nA:');
      expect(delivery.response).toEqual({ response_type: 'in_channel' });
    });

    test('with "private" only the asker sees the answer, which has its buttons', async () => {
      const { general, ann } = await start();
      ann.slash('/ask', 'private: What is tea?', general);
      const answer = await answerIn(general, { seenBy: 'ann' });

      expect(answer).toMatchObject({ read: 'Certainly so.', ephemeralFor: 'ann' });
      expect(answer.actions).toEqual(['again', 'more', 'feedback']);
    });

    test.each([
      ['/privacy', 'no message goes to an AI service'],
      ['/forget', 'We start afresh'],
    ])('%s is answered for the asker’s eyes', async (name, says) => {
      const { general, ann } = await start();
      ann.slash(name, '', general);
      const answer = await answerIn(general, { seenBy: 'ann' });
      expect(answer).toMatchObject({ read: expect.stringContaining(says), ephemeralFor: 'ann' });
    });

    test('a prefix stands before every command', async () => {
      const { general, ann, engine } = await start({ adapter: { commandPrefix: 'parley-' } });
      ann.slash('/parley-ask', 'What is tea?', general);
      await answerIn(general);

      expect(engine.replies[0]?.prompt).toBe('Q: What is tea?\nA:');
    });

    test('a command is answered where the bot is no member, by its response URL', async () => {
      const { slack, ann } = await start();
      const closed = slack.workspace.channel('closed', { private: true, withBot: false });
      ann.slash('/ask', 'What is tea?', closed);
      const answer = await answerIn(closed);

      expect(answer).toMatchObject({ read: 'Certainly so.', ephemeralFor: undefined });
      expect(slack.callsTo('chat.postMessage')).toHaveLength(0);
    });

    test('a command can be used in direct messages', async () => {
      const { ann } = await start();
      ann.slash('/status', '');

      expect((await answerIn(ann.directMessages)).read).toContain('speed');
    });

    test('/summarize sums up what was said last in the channel, as much of it as is asked for', async () => {
      const { general, ann, ben, engine } = await start();
      ann.says(general, 'The kettle is broken.');
      ben.says(general, 'I buy a new one.');
      ann.says(general, 'Thank you.');
      ann.slash('/summarize', 'messages: 2', general);
      await answerIn(general);

      expect(engine.replies[0]?.prompt).toBe('ben: I buy a new one.\nann: Thank you.\n\nTL;DR:');
    });

    test('/summarize sums up what was said since a moment', async () => {
      const { slack, general, ann, ben, engine } = await start();
      ann.says(general, 'The kettle is broken.');
      slack.clock.advance(3 * 3_600_000);
      ben.says(general, 'I bought a new one.');
      ann.slash('/summarize', 'since: 2h', general);
      await answerIn(general);

      expect(engine.replies[0]?.prompt).toBe('ben: I bought a new one.\n\nTL;DR:');
    });

    test('a mention in the channel sums up the channel', async () => {
      const { general, ann, ben, engine } = await start();
      ann.says(general, 'The kettle is broken.');
      ben.says(general, 'I buy a new one.');
      const said = ann.says(general, 'summarize', { mention: true });
      await answerIn(general, { thread: said.ts });

      expect(engine.replies[0]?.prompt).toBe('ann: The kettle is broken.\nben: I buy a new one.\n\nTL;DR:');
    });

    test('the talk of a channel where the bot is no member is not read, and the answer says how to change that', async () => {
      const { slack, ann } = await start();
      const closed = slack.workspace.channel('closed', { private: true, withBot: false });
      ann.slash('/summarize', '', closed);

      expect((await answerIn(closed)).read).toContain('Invite me');
    });

    test('an unknown command is told so', async () => {
      const { general, ann } = await start();
      ann.slash('/sumarize', '', general);

      expect((await answerIn(general, { seenBy: 'ann' })).read).toContain('/summarize');
    });
  });

  describe('shortcuts', () => {
    test('"Summarize thread" sums up the thread of the message, in it', async () => {
      const { general, ann, ben, engine } = await start();
      const root = ann.says(general, 'The kettle is broken.');
      ben.says(general, 'I buy a new one.', { thread: root.ts });
      ben.shortcut('summarize_thread', root);
      const answer = await answerIn(general, { thread: root.ts });

      expect(answer.read).toBe('Certainly so.');
      expect(engine.replies[0]?.prompt).toBe('ann: The kettle is broken.\nben: I buy a new one.\n\nTL;DR:');
    });

    test('"Ask about this" asks for the question in a form, and answers in the thread of the message', async () => {
      const { slack, general, ann, ben, engine } = await start();
      const root = ann.says(general, 'The fair opens on Sunday.');
      ben.shortcut('ask_about', root);
      await slack.waitFor(() => ben.modal, { what: 'the form' });
      ben.submits('When does it open?');
      const answer = await answerIn(general, { thread: root.ts });

      expect(answer.read).toBe('Certainly so.');
      expect(engine.replies[0]?.prompt).toBe('The fair opens on Sunday.\n\nQ: When does it open?\nA:');
    });

    test('where the bot is no member both work on the message that they come with, for one person', async () => {
      const { slack, ann, ben, engine } = await start();
      const closed = slack.workspace.channel('closed', { withBot: false });
      const root = ann.says(closed, 'The fair opens on Sunday.');
      ben.shortcut('summarize_thread', root);
      await answerIn(closed, { seenBy: 'ben' });
      ben.shortcut('ask_about', root);
      await slack.waitFor(() => ben.modal, { what: 'the form' });
      ben.submits('When?');
      const answer = await answerIn(closed, { seenBy: 'ben' }, 1);

      expect(answer).toMatchObject({ ephemeralFor: 'ben' });
      expect(engine.replies.map(({ prompt }) => prompt)).toEqual([
        'The fair opens on Sunday.\n\nTL;DR:',
        'The fair opens on Sunday.\n\nQ: When?\nA:',
      ]);
    });
  });

  describe('files', () => {
    test.each([
      ['a text file', { name: 'notes.txt' }],
      ['a snippet', { name: 'notes.md', snippet: true }],
    ])('a question about %s is answered from it', async (_, file) => {
      const { general, ann, engine } = await start();
      const said = ann.says(general, 'When does it open?', {
        mention: true,
        files: [{ ...file, content: 'The fair opens on Sunday.' }],
      });
      await answerIn(general, { thread: said.ts });

      expect(engine.replies[0]?.prompt).toBe('The fair opens on Sunday.\n\nQ: When does it open?\nA:');
    });

    test('what cannot be read is told: too large, no text, no permission', async () => {
      const { slack, ann } = await start();
      ann.dm('summarize', { files: [{ name: 'long.txt', content: 'x'.repeat(1_000_001) }] });
      expect((await answerIn(ann.directMessages)).read).toContain('larger than 1 MB');
      ann.dm('summarize', { files: [{ name: 'cat.png', content: Buffer.from([0x89, 0, 1, 2]) }] });
      expect((await answerIn(ann.directMessages, {}, 1)).read).toContain('not a text file');
      slack.app.scopes = slack.app.scopes.filter((scope) => scope !== 'files:read');
      ann.dm('summarize', { files: [{ name: 'notes.txt', content: 'Some text.' }] });
      expect((await answerIn(ann.directMessages, {}, 2)).read).toContain('files:read');
    });
  });

  describe('links to messages', () => {
    test('the message that a link leads to is what is asked about, with its thread if it begins one', async () => {
      const { slack, general, ann, ben, engine } = await start();
      const other = slack.workspace.channel('other');
      const root = ben.says(other, 'The kettle is broken.');
      const reply = ann.says(other, 'I buy a new one.', { thread: root.ts });
      ann.says(general, `summarize ${root.permalink}`, { mention: true });
      await slack.waitFor(() => engine.replies[0]);
      ann.says(general, `${reply.permalink} who buys?`, { mention: true });
      await slack.waitFor(() => engine.replies[1]);

      expect(engine.replies.map(({ prompt }) => prompt)).toEqual([
        'ben: The kettle is broken.\nann: I buy a new one.\n\nTL;DR:',
        'I buy a new one.\n\nQ: who buys?\nA:',
      ]);
    });

    test('a command takes a link, too', async () => {
      const { general, ann, engine } = await start();
      const said = ann.says(general, 'The kettle is broken.');
      ann.slash('/summarize', said.permalink, general);
      await answerIn(general);

      expect(engine.replies[0]?.prompt).toBe('The kettle is broken.\n\nTL;DR:');
    });

    test('a guest reads through the bot only channels that they are in', async () => {
      const { slack, general, ann, ben, engine } = await start();
      ann.record.guest = true;
      const other = slack.workspace.channel('other');
      const theirs = ben.says(other, 'The kettle is broken.');
      const ours = ben.says(general, 'The kettle is mended.');
      ann.says(general, `summarize ${theirs.permalink}`, { mention: true });
      expect((await answerIn(general)).read).toContain('not in');
      ann.says(general, `summarize ${ours.permalink}`, { mention: true });
      await answerIn(general, {}, 1);

      expect(engine.replies.map(({ prompt }) => prompt)).toEqual(['The kettle is mended.\n\nTL;DR:']);
    });

    test('nobody reads through the bot what they may not see', async () => {
      const { slack, ann, ben, engine } = await start();
      const secret = slack.workspace.channel('secret', { private: true });
      const said = ben.says(secret, 'The surprise party is on Sunday.');
      ann.dm(`summarize ${said.permalink}`);

      expect((await answerIn(ann.directMessages)).read).toContain('not in');
      expect(engine.replies).toEqual([]);
    });
  });
});
