import { PermissionFlagsBits } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { answer, answerTo, scene } from './parley.ts';

const READS_ALL = { server: { privileged: { messageContent: true } } };
const TIDES = 'The tide comes in at nine.';
const MINUTE = 60_000;

describe('a text file', () => {
  test('beside a mention is what the question is about', async () => {
    const { discord, general, engine, ada } = await scene();
    const attachments = [{ name: 'tides.txt', data: TIDES }];
    ada.says(general, 'When does it come?', { mention: true, attachments });
    await answer(discord, general);
    expect(engine.replies[0]?.prompt).toBe(`${TIDES}\n\nQ: When does it come?\nA:`);
  });

  test('given to a command is read, as many as there are in a message', async () => {
    const { discord, general, engine, ada } = await scene();
    await answerTo(discord, ada.slash(general, 'summarize', { file: { name: 'tides.txt', data: TIDES } }));
    const attachments = ['one.txt', 'two.txt'].map((name) => ({ name, data: `This is ${name}.` }));
    ada.says(general, 'summarize', { mention: true, attachments });
    await answer(discord, general, 2);
    expect(engine.replies.map(({ prompt }) => prompt)).toEqual([
      `${TIDES}\n\nTL;DR:`,
      'This is one.txt.\n\nThis is two.txt.\n\nTL;DR:',
    ]);
  });

  test.each([
    ['text/plain; charset=windows-1251', [0xcc, 0xe8, 0xf0, 0x21], 'Мир!'],
    [
      'text/plain; charset=utf-8',
      [...'Gr\u00fc\u00dfe aus der Stadt'].map((one) => one.charCodeAt(0)),
      'Grüße aus der Stadt',
    ],
    [null, [0xff, 0xfe, 0x48, 0x00, 0x69, 0x00], 'Hi'],
  ])('is read in the encoding that it has: %s', async (contentType, bytes, text) => {
    const { discord, general, engine, ada } = await scene();
    const file = { name: 'notes.txt', data: Uint8Array.from(bytes), contentType };
    await answerTo(discord, ada.slash(general, 'summarize', { file }));
    expect(engine.replies[0]?.prompt).toBe(`${text}\n\nTL;DR:`);
  });

  test.each([
    [
      'a picture',
      { name: 'cat.png', data: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0), contentType: 'image/png' },
      'cat.png is not a text file',
    ],
    [
      'more than a megabyte',
      { name: 'long.txt', data: 'x', announcedSize: 2 ** 20 + 1 },
      'long.txt is larger than 1 MB',
    ],
    [
      'more than a megabyte, although it says less',
      { name: 'long.txt', data: 'x'.repeat(2 ** 20 + 1), announcedSize: 9 },
      'long.txt is larger than 1 MB',
    ],
    ['empty', { name: 'nothing.txt', data: '' }, 'nothing.txt has no text in it'],
  ])('is refused when it is %s', async (_, file, says) => {
    const { discord, general, engine, ada } = await scene();
    const said = await answerTo(discord, ada.slash(general, 'summarize', { file }));
    expect(said.content).toContain(says);
    expect(engine.replies).toEqual([]);
  });

  test('whose address has expired, or whose server fails, is asked for again', async () => {
    const { discord, general, ada } = await scene();
    const file = { name: 'notes.txt', data: TIDES };
    for (const [status, says] of [
      [404, 'is not there any more'],
      [500, 'could not be fetched'],
    ] as const) {
      discord.failNext('download', { status });
      expect((await answerTo(discord, ada.slash(general, 'summarize', { file }))).content).toContain(says);
    }
  });

  test('is fetched from nowhere but the platform', async () => {
    const { adapter } = await scene();
    const elsewhere = { name: 'secrets', location: 'http://127.0.0.1:1/secrets' };
    await expect(adapter.attachment(elsewhere)).rejects.toMatchObject({ code: 'UNREADABLE' });
  });
});

describe('a link to a message', () => {
  test('stands for its text', async () => {
    const { discord, guild, general, engine, ada, bob } = await scene(READS_ALL);
    const said = bob.says(guild.channel({ name: 'harbour' }), `${TIDES} Ask ${ada.mention}.`);
    await answerTo(discord, ada.slash(general, 'summarize', { text: said.link }));
    ada.says(general, `When does it come? ${said.link}`, { mention: true });
    await answer(discord, general, 2);
    expect(engine.replies.map(({ prompt }) => prompt)).toEqual([
      `${TIDES} Ask @Ada.\n\nTL;DR:`,
      `${TIDES} Ask @Ada.\n\nQ: When does it come?\nA:`,
    ]);
  });

  test('into another server is read if the asker is there, too', async () => {
    const { discord, general, engine, ada, bob } = await scene(READS_ALL);
    const elsewhere = discord.guild({ name: 'Harbour' });
    const quay = elsewhere.channel({ name: 'quay' });
    elsewhere.join(bob);
    const said = bob.says(quay, TIDES);
    const refused = await answerTo(discord, ada.slash(general, 'summarize', { text: said.link }));
    expect(refused.content).toContain('one of us two cannot see its channel');
    elsewhere.join(ada);
    await answerTo(discord, ada.slash(general, 'summarize', { text: said.link }));
    expect(engine.replies.map(({ prompt }) => prompt)).toEqual([`${TIDES}\n\nTL;DR:`]);
  });

  test('is not read for people who cannot see it: in a hidden channel, a private thread, the direct messages of others', async () => {
    const { discord, guild, general, engine, ada, bob } = await scene(READS_ALL);
    const hidden = guild.channel({ name: 'hidden' });
    hidden.deny(ada, PermissionFlagsBits.ViewChannel);
    const thread = general.thread({ name: 'private', by: bob, private: true });
    thread.record.kind === 'thread' && thread.record.members.set(discord.bot.id, 0);
    for (const place of [hidden, thread, bob.dm()]) {
      const said = bob.says(place, TIDES);
      const refused = await answerTo(discord, ada.slash(general, 'summarize', { text: said.link }));
      expect(refused.content, place.name).toContain('one of us two cannot see its channel');
    }
    expect(engine.replies.filter(({ prompt }) => prompt.includes('TL;DR'))).toEqual([]);
  });

  test('says what to do where its text may not be read', async () => {
    const { discord, general, ada, bob } = await scene();
    const said = bob.says(general, TIDES);
    const refused = await answerTo(discord, ada.slash(general, 'summarize', { text: said.link }));
    expect(refused.content).toContain('Message Content Intent');
  });
});

describe("the channel's recent talk", () => {
  async function talk() {
    const there = await scene(READS_ALL);
    const { discord, general, ada, bob } = there;
    ada.says(general, 'Long ago.');
    discord.clock.advance(180 * MINUTE);
    for (const [person, text] of [
      [ada, 'Shall we meet?'],
      [bob, 'At nine.'],
      [ada, 'Good.'],
    ] as const) {
      person.says(general, text);
      discord.clock.advance(MINUTE);
    }
    return there;
  }

  test.each([
    [{}, 'Ada: Long ago.\nAda: Shall we meet?\nBob: At nine.\nAda: Good.'],
    [{ messages: 2 }, 'Bob: At nine.\nAda: Good.'],
    [{ since: '2h' }, 'Ada: Shall we meet?\nBob: At nine.\nAda: Good.'],
  ])('is summed up with the speakers kept apart: %j', async (inputs, prompt) => {
    const { discord, general, engine, bob } = await talk();
    await answerTo(discord, bob.slash(general, 'summarize', inputs));
    expect(engine.replies[0]?.prompt).toBe(`${prompt}\n\nTL;DR:`);
  });

  test('is meant by a mention that says no more than "summarize", too', async () => {
    const { discord, general, engine, bob } = await talk();
    bob.says(general, 'tl;dr', { mention: true });
    await answer(discord, general);
    expect(engine.replies[0]?.prompt).toContain('Bob: At nine.\nAda: Good.\n\nTL;DR:');
  });

  test('in a thread is the thread, from the message that it hangs on', async () => {
    const { discord, general, engine, ada, bob } = await talk();
    const start = ada.says(general, 'Where do we meet?');
    const thread = general.thread({ name: 'Where', by: ada, from: start });
    bob.says(thread, 'At the quay.');
    await answerTo(discord, bob.slash(thread, 'summarize'));
    expect(engine.replies[0]?.prompt).toBe('Ada: Where do we meet?\nBob: At the quay.\n\nTL;DR:');
  });

  test('of more than a hundred messages is read page by page', async () => {
    const { discord, general, ada, adapter } = await scene(READS_ALL);
    for (let nth = 1; nth <= 150; nth++) ada.says(general, `Message ${nth}.`);
    const history = await adapter.history({ platform: 'discord', id: general.id }, 120);
    expect(history).toHaveLength(120);
    expect([history[0]?.text, history.at(-1)?.text]).toEqual(['Message 150.', 'Message 31.']);
    expect(discord.unknownRequests).toEqual([]);
  });

  test('that may not be read says so', async () => {
    const { discord, general, engine, ada } = await scene();
    ada.says(general, 'Shall we meet?');
    const refused = await answerTo(discord, ada.slash(general, 'summarize'));
    expect(refused.content).toContain('Message Content Intent');
    expect(engine.replies).toEqual([]);
  });

  test('since a time that nobody understands is refused, and only the asker sees it', async () => {
    const { discord, general, ada } = await scene();
    const refused = await answerTo(discord, ada.slash(general, 'summarize', { since: 'yesterday' }));
    expect(refused).toMatchObject({ isEphemeral: true, content: expect.stringContaining('30m, 2h or 1d') });
  });
});
