import { describe, expect, test } from 'vitest';
import { paginate } from '../../../bot/delivery/pages.ts';
import { PROMPT } from '../../fixtures/virtual-platform.ts';
import { CHANNEL, finish, setUp, WORDS, write } from './replies.ts';

describe('the beginning of a reply', () => {
  test('is typing, at once', async () => {
    const { clock, platform } = setUp();
    await clock.pass(0);
    expect(platform.typings).toEqual([0]);
  });

  test('is posted as soon as there are a few words: a phone shows them as the news', async () => {
    const { clock, platform, turn } = setUp();
    await clock.pass(100);
    write(turn, 'A glacier');
    await clock.pass(100);
    expect(platform.texts).toEqual([]);
    write(turn, ' is');
    await clock.pass(PROMPT.thereMs);
    expect(platform.texts).toEqual(['A glacier is']);
  });

  test('is posted when a long word or the end comes instead of more words', async () => {
    const { clock, platform, turn, begin } = setUp();
    write(turn, 'Donaudampfschifffahrtsgesellschaft');
    const { turn: short } = begin();
    write(short, 'Yes.');
    finish(short);
    await clock.pass(100);
    expect(platform.texts).toEqual(['Yes.', 'Donaudampfschifffahrtsgesellschaft'].toReversed());
  });

  test('is one word after two seconds, if there is no more', async () => {
    const { clock, platform, turn } = setUp();
    write(turn, 'Well');
    await clock.pass(1999);
    expect(platform.texts).toEqual([]);
    await clock.pass(100);
    expect(platform.texts).toEqual(['Well']);
  });

  test('is a line about what is waited for, which becomes the answer', async () => {
    const { clock, platform, turn } = setUp();
    turn.tell({ type: 'queued', place: 3, estimatedWaitMs: 7400 });
    await clock.pass(2100);
    expect(platform.texts).toEqual(['_Thinking … 3rd in the queue, about 8 s_']);
    turn.tell({ type: 'queued', place: 1, estimatedWaitMs: 2000 });
    await clock.pass(2100);
    expect(platform.texts).toEqual(['_Thinking … 1st in the queue, about 2 s_']);
    write(turn, 'A');
    await clock.pass(2100);
    expect(platform.texts).toEqual(['A']);
  });

  test('of blanks alone is nothing to post yet', async () => {
    const { clock, platform, turn } = setUp();
    write(turn, '\n\n');
    await clock.pass(1000);
    expect(platform.calls).toEqual([]);
  });

  test('waits a moment for a typing on its way, which would be shown behind it', async () => {
    const { clock, platform, begin } = setUp();
    platform.typing = () => clock.sleep(60);
    const { turn } = begin();
    write(turn, 'Yes.');
    finish(turn);
    await clock.pass(1000);
    expect(platform.calls[0]?.begunAt).toBe(60);
  });

  test('does not wait for a typing that hangs or fails', async () => {
    const { clock, platform, begin } = setUp();
    platform.typing = () => new Promise(() => undefined);
    const { turn } = begin();
    platform.typing = () => Promise.reject(new Error('no'));
    const { turn: other } = begin();
    for (const each of [turn, other]) each.say('Yes.');
    await clock.pass(1000);
    expect(platform.calls.map(({ begunAt }) => begunAt)).toEqual([0, 100]);
  });

  test('keeps typing while the platform takes no posts', async () => {
    const { clock, platform, turn } = setUp();
    platform.fate = ({ number }) => ({
      ...PROMPT,
      ...(number < 1 && { error: 'OUTLET_RATE_LIMITED', retryAfterMs: 20_000 }),
    });
    write(turn, 'A few words.');
    await clock.pass(19_000);
    expect(platform.typings).toEqual([0, 40, 8040, 16_040]);
    await clock.pass(60_000);
    expect(platform.texts).toEqual(['A few words.']);
    expect(platform.typings).toHaveLength(4);
  });
});

describe('a growing reply', () => {
  test('gets the newest text with every edit, and one edit at a time', async () => {
    const { clock, platform, turn, delivered } = setUp();
    platform.fate = () => ({ thereMs: 400, backMs: 400 });
    for (const word of WORDS.slice(0, 200)) {
      write(turn, `${word} `);
      await clock.pass(10);
    }
    finish(turn);
    await clock.until(delivered);
    const [message] = platform.messages;
    expect(message?.mostInFlight).toBe(1);
    expect(message?.versions.length).toBeLessThan(6);
    expect(platform.texts).toEqual([WORDS.slice(0, 200).join(' ')]);
  });

  test('is shown quickly at first, and at the pace of the budget later', async () => {
    const { clock, platform, turn } = setUp();
    for (const word of WORDS.slice(0, 240)) {
      write(turn, `${word} `);
      await clock.pass(100);
    }
    const times = platform.messages[0]?.versions.map(({ at }) => at) ?? [];
    expect(times.filter((at) => at < 2000).length).toBeGreaterThanOrEqual(4);
    const later = times.filter((at) => at >= 10_000 && at < 20_000).length;
    expect(later).toBeGreaterThanOrEqual(7);
    expect(later).toBeLessThanOrEqual(8);
  });

  test('shares the budget of its channel: replies there grow in turns', async () => {
    const { clock, platform, turn, begin } = setUp();
    const turns = [turn, begin().turn, begin().turn];
    for (const word of WORDS.slice(0, 240)) {
      for (const each of turns) write(each, `${word} `);
      await clock.pass(100);
    }
    const edits = platform.messages.map(({ versions }) => versions.length);
    expect(Math.max(...edits) - Math.min(...edits)).toBeLessThanOrEqual(1);
  });

  test('has a button to stop it, which moves on to the last page and becomes those of a finished reply', async () => {
    const { clock, platform, turn, delivered } = setUp();
    write(turn, WORDS.slice(0, 100).join(' '));
    await clock.pass(1000);
    expect(platform.controls).toEqual(['running']);
    write(turn, ` ${WORDS.slice(100, 400).join(' ')}`);
    await clock.pass(5000);
    expect(platform.controls).toEqual(['none', 'running']);
    finish(turn);
    await clock.until(delivered);
    expect(platform.controls).toEqual(['none', 'done']);
    expect(platform.messages.at(-1)?.versions.at(-1)?.controls).toEqual({
      state: 'done',
      turn: turn.id,
      task: 'chat',
    });
  });

  test('is shown with its Markdown closed, and at the end as it is', async () => {
    const { clock, platform, turn, delivered } = setUp();
    write(turn, 'This is **very im');
    await clock.pass(1000);
    expect(platform.texts).toEqual(['This is **very im**']);
    write(turn, 'portant\n\n```js\nlet a');
    await clock.pass(2000);
    expect(platform.texts).toEqual(['This is **very important\n\n```js\nlet a\n```']);
    write(turn, '\n```\nand *so');
    finish(turn);
    await clock.until(delivered);
    expect(platform.texts).toEqual(['This is **very important\n\n```js\nlet a\n```\nand *so']);
  });

  test('is shown without repairs where they do not fit', async () => {
    const { clock, platform, turn } = setUp({ ...CHANNEL, messageLength: 40 });
    write(turn, `a few words ${'**'.padEnd(28, 'x')}`);
    await clock.pass(1000);
    expect(platform.texts).toEqual([`a few words ${'**'.padEnd(28, 'x')}`]);
  });

  test('goes on in further messages over the length limit, and earlier ones never change again', async () => {
    const { clock, platform, turn, delivered } = setUp({ ...CHANNEL, messageLength: 200 });
    const text = WORDS.slice(0, 200).join(' ');
    for (const word of WORDS.slice(0, 200)) {
      write(turn, word === 'word0' ? word : ` ${word}`);
      await clock.pass(20);
    }
    finish(turn);
    const { messages, state } = await clock.until(delivered);
    expect(platform.texts).toEqual(paginate(text, { maxLength: 200 }).map((page) => page.text));
    expect(messages.map(({ id }) => id)).toEqual(platform.messages.map(({ id }) => id));
    expect(state).toBe('whole');
  });
});

describe('the end of a reply', () => {
  test('that is there at once is one post and nothing else', async () => {
    const { clock, platform, turn, delivered } = setUp();
    turn.say('Here is all that you can ask for.');
    expect(await clock.until(delivered)).toMatchObject({ state: 'whole', posts: 1, edits: 0, refused: 0 });
    expect(platform.typings).toEqual([0]);
    await clock.pass(60_000);
    expect(platform.typings).toEqual([0]);
  });

  test.each([
    ['Stop', 'Stopped.'],
    ['a full context', 'The answer ends here.'],
  ])('leaves the text so far and one plain line: %s', async (_, line) => {
    const { clock, platform, turn, delivered } = setUp();
    write(turn, 'So far so good');
    await clock.pass(1000);
    turn.tell({ type: 'notice', text: line });
    turn.finish({ reason: 'aborted' });
    await clock.until(delivered);
    expect(platform.texts).toEqual([`So far so good\n\n_${line}_`]);
  });

  test('leaves the text so far and what went wrong', async () => {
    const { clock, platform, turn, delivered } = setUp();
    write(turn, 'So far so good\n```\ncode');
    turn.fail('INTERNAL', 'Something went wrong.');
    await clock.until(delivered);
    expect(platform.texts).toEqual(['So far so good\n```\ncode\n```\n\n_Something went wrong._']);
    expect(platform.controls).toEqual(['none']);
  });

  test('is plain words where there is no text: a refusal, or that there is nothing to say', async () => {
    const { clock, platform, turn, begin } = setUp();
    turn.fail('CROWDED', 'Several requests are waiting.');
    const silent = begin().turn;
    silent.tell({ type: 'notice', text: 'The model had nothing to say.' });
    finish(silent);
    const blank = begin().turn;
    write(blank, ' \n ');
    finish(blank);
    await clock.pass(1000);
    expect(platform.texts).toEqual([
      'Several requests are waiting.',
      'The model had nothing to say.',
      'The answer is empty. Ask again, or in other words.',
    ]);
  });

  test('has the form for plain lines that the platform has', async () => {
    const { clock, platform, turn, begin } = setUp();
    Object.assign(platform, { subdue: (line: string) => `-# ${line}` });
    finish(turn);
    const { turn: other } = begin();
    write(other, 'So far so good');
    other.tell({ type: 'notice', text: 'Stopped.' });
    finish(other);
    await clock.pass(1000);
    expect(platform.texts).toContain('So far so good\n\n-# Stopped.');
  });

  test('says its plain line in a message of its own where the last one is full', async () => {
    const { clock, platform, turn, delivered } = setUp({ ...CHANNEL, messageLength: 40 });
    write(turn, 'x'.repeat(36));
    turn.tell({ type: 'notice', text: 'Stopped.' });
    finish(turn);
    await clock.until(delivered);
    expect(platform.texts).toEqual(['x'.repeat(36), '_Stopped._']);
    expect(platform.controls).toEqual(['none', 'done']);
  });
});
