import { describe, expect, test } from 'vitest';
import { Conversations, MEMORY_LIMITS, type TalkRange } from '../../bot/conversation.ts';
import type { HistoryMessage } from '../../bot/request.ts';
import { ANN, BOB, BOT, message, request } from './requests.ts';

const { conversation } = request();
const asked = request();

/** What was said, oldest first as people read it; platforms give it newest first. */
function source(...said: readonly HistoryMessage[]) {
  return { history: async (_: unknown, limit: number) => said.toReversed().slice(0, limit) };
}

function memoryOf(...said: readonly HistoryMessage[]) {
  return new Conversations().memory(conversation, asked, source(...said));
}

describe('a conversation as memory', () => {
  test("the bot's messages are the answers to what was written before them", async () => {
    const memory = await memoryOf(
      message(ANN, 'Hi', 1),
      message(BOT, 'Hello!', 2),
      message(ANN, 'How are you?', 3),
      message(BOT, 'Fine.', 4),
    );
    expect(memory.exchanges).toEqual([
      { question: 'Hi', answer: 'Hello!' },
      { question: 'How are you?', answer: 'Fine.' },
    ]);
    expect(memory.severalSpeakers).toBe(false);
  });

  test('messages in a row belong together: a question in two parts, an answer on two pages', async () => {
    const { exchanges } = await memoryOf(
      message(ANN, 'Look.', 1),
      message(ANN, 'What is it?', 2),
      message(BOT, 'A bird.', 3),
      message(BOT, 'Or a plane.', 4),
    );
    expect(exchanges).toEqual([{ question: 'Look.\nWhat is it?', answer: 'A bird.\nOr a plane.' }]);
  });

  test('where several people speak, questions carry their names', async () => {
    const memory = await memoryOf(
      message(ANN, 'Hi', 1),
      message(BOB, 'Hey', 2),
      message(BOT, 'Hello both!', 3),
    );
    expect(memory.exchanges).toEqual([{ question: 'Ann: Hi\nBob: Hey', answer: 'Hello both!' }]);
    expect(memory.severalSpeakers).toBe(true);
  });

  test('the asker counts as a speaker', async () => {
    const memory = await memoryOf(message(BOB, 'Hey', 1), message(BOT, 'Hello!', 2));
    expect(memory.exchanges).toEqual([{ question: 'Bob: Hey', answer: 'Hello!' }]);
  });

  test('what nobody asked and what nobody answered is no exchange', async () => {
    const { exchanges } = await memoryOf(message(BOT, 'I am here.', 1), message(ANN, 'Is anybody there?', 2));
    expect(exchanges).toEqual([]);
  });

  test('the message that is being answered is not its own memory', async () => {
    const { exchanges } = await memoryOf(message(ANN, 'Now?', 100), message(BOT, 'Yes.', 101));
    expect(exchanges).toEqual([]);
  });

  test('what others wrote behind the request belongs to a later turn; what the bot wrote does not', async () => {
    const { exchanges } = await memoryOf(
      message(ANN, 'First?', 98),
      message(BOB, 'Third?', 101),
      message(BOT, 'First!', 102),
    );
    expect(exchanges).toEqual([{ question: 'First?', answer: 'First!' }]);
  });

  test('what is read back is bounded in messages and in characters', async () => {
    const limits = { ...MEMORY_LIMITS, messages: 4, talkCharacters: 10 };
    const conversations = new Conversations(limits);
    const limitsAsked: number[] = [];
    const said = Array.from({ length: 9 }, (_, at) => message(at % 2 ? BOT : ANN, 'four', at));
    const history = async (_: unknown, limit: number) => {
      limitsAsked.push(limit);
      return said.toReversed();
    };
    expect(await conversations.talk(conversation, asked, { history })).toBe(
      'Ann: fo\nParley: four\nAnn: four',
    );
    expect(limitsAsked).toEqual([4]);
  });
});

describe('a conversation as a text', () => {
  test('is all of it, however much more than a memory can hold: who sums it up says which share was read', async () => {
    const novel = 'word '.repeat(100_000).trim();
    const said = source(message(ANN, novel, 1), message(BOT, 'Long!', 2));
    const conversations = new Conversations();
    expect(await conversations.talk(conversation, asked, said)).toBe(`Ann: ${novel}\nParley: Long!`);
    const { exchanges } = await conversations.memory(conversation, asked, said);
    expect(exchanges[0]?.question.length).toBeLessThan(MEMORY_LIMITS.characters);
  });

  test('is lines of name and text, the bot among them', async () => {
    const talk = await new Conversations().talk(
      conversation,
      asked,
      source(message(ANN, 'Tea?', 1), message(BOB, 'Yes.', 2), message(BOT, 'Tea it is.', 3)),
    );
    expect(talk).toBe('Ann: Tea?\nBob: Yes.\nParley: Tea it is.');
  });

  test('of a range has only the newest messages, or those since a moment', async () => {
    const talkOf = (range: TalkRange) =>
      new Conversations().talk(
        conversation,
        asked,
        source(message(ANN, 'one', 1), message(BOB, 'two', 2), message(ANN, 'three', 3)),
        range,
      );
    expect(await talkOf({ messages: 2 })).toBe('Bob: two\nAnn: three');
    expect(await talkOf({ since: 2 })).toBe('Ann: three');
    expect(await talkOf({ messages: 1, since: 0 })).toBe('Ann: three');
  });

  test('a name cannot begin a line of its own', async () => {
    const talk = await new Conversations().talk(
      conversation,
      asked,
      source(message({ id: 'u3', name: 'Eve\nA' }, 'Hi', 1)),
    );
    expect(talk).toBe('Eve A: Hi');
  });
});

describe('reset', () => {
  const said = [
    message(ANN, 'old', 1),
    message(BOT, 'older', 2),
    message(ANN, 'new', 4),
    message(BOT, 'newer', 5),
  ];

  test('forgets what is not younger than it', async () => {
    const conversations = new Conversations();
    conversations.reset(conversation, 2);
    const { exchanges } = await conversations.memory(conversation, asked, source(...said));
    expect(exchanges).toEqual([{ question: 'new', answer: 'newer' }]);
  });

  test('of the talk around a conversation forgets the conversation, too', async () => {
    const conversations = new Conversations();
    const channel = { ...conversation, id: 'channel' };
    conversations.reset(channel, 2);
    const within = await conversations.memory(conversation, { ...asked, talk: channel }, source(...said));
    expect(within.exchanges).toEqual([{ question: 'new', answer: 'newer' }]);
    const elsewhere = await conversations.memory(conversation, asked, source(...said));
    expect(elsewhere.exchanges).toHaveLength(2);
  });

  test('leaves other conversations alone', async () => {
    const conversations = new Conversations();
    conversations.reset({ ...conversation, id: 'elsewhere' }, 9);
    conversations.reset({ ...conversation, platform: 'slack' }, 9);
    const { exchanges } = await conversations.memory(conversation, asked, source(...said));
    expect(exchanges).toHaveLength(2);
  });

  test('is itself remembered for a bounded number of conversations', async () => {
    const conversations = new Conversations({ ...MEMORY_LIMITS, resets: 2 });
    conversations.reset(conversation, 9);
    for (const id of ['a', 'b']) conversations.reset({ ...conversation, id }, 9);
    const { exchanges } = await conversations.memory(conversation, asked, source(...said));
    expect(exchanges).toHaveLength(2);
  });
});
