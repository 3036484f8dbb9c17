import { describe, expect, test } from 'vitest';
import { CHANNEL, finish, setUp, WORDS, write } from './replies.ts';

describe('a place that takes only a few calls', () => {
  const RESPONSE_URL = { messageLength: 12_000, mostCalls: 5 };

  test('gets a line, at most two updates, and the end', async () => {
    const { clock, platform, turn, delivered } = setUp(RESPONSE_URL);
    await clock.pass(3000);
    for (const word of WORDS.slice(0, 300)) {
      write(turn, `${word} `);
      await clock.pass(100);
    }
    expect(platform.calls).toHaveLength(3);
    const [line, first, second] = platform.calls.map(({ begunAt }) => begunAt);
    expect(line).toBe(2000);
    for (const gap of [(first ?? 0) - (line ?? 0), (second ?? 0) - (first ?? 0)]) {
      expect(gap).toBeGreaterThanOrEqual(3000);
    }
    finish(turn);
    expect(await clock.until(delivered)).toMatchObject({ state: 'whole', posts: 1, edits: 3 });
    expect(platform.texts).toEqual([WORDS.slice(0, 300).join(' ')]);
  });

  test('is not asked more often than that, whatever remains to be shown', async () => {
    const { clock, platform, turn, delivered, log } = setUp({ messageLength: 100, mostCalls: 5 });
    turn.say(WORDS.slice(0, 300).join(' '));
    expect(await clock.until(delivered)).toMatchObject({ state: 'given up', posts: 5 });
    expect(platform.calls).toHaveLength(5);
    expect(log.at(-1)?.msg).toMatch(/takes no more calls/);
  });
});

describe('a place where nothing is taken back', () => {
  const STREAM = { ...CHANNEL, growth: 'append' as const };
  /** What people have read stays where it is. */
  const grewOnly = (versions: readonly { readonly text: string }[] = []) =>
    versions.every(({ text }, index) => text.startsWith(versions[index - 1]?.text ?? ''));

  test('is never shown a line that would have to vanish', async () => {
    const { clock, platform, turn } = setUp(STREAM);
    turn.tell({ type: 'queued', place: 3, estimatedWaitMs: 7400 });
    await clock.pass(60_000);
    expect(platform.calls).toEqual([]);
    write(turn, 'A ');
    await clock.pass(1000);
    expect(platform.texts).toEqual(['A']);
  });

  test('gets whole words without repairs, so that its text only grows', async () => {
    const { clock, platform, turn, delivered } = setUp(STREAM);
    for (const part of ['This is **ver', 'y imp', 'ortant** and\n\n```', 'js\nlet a', ' = 1\n``', '`\nso']) {
      write(turn, part);
      await clock.pass(2000);
    }
    finish(turn);
    await clock.until(delivered);
    const [message] = platform.messages;
    expect(message?.versions[0]?.text).toBe('This is');
    expect(grewOnly(message?.versions)).toBe(true);
    expect(platform.texts).toEqual(['This is **very important** and\n\n```js\nlet a = 1\n```\nso']);
  });

  test('goes on in a new message behind what is shown, when a page turns out to be full', async () => {
    const { clock, platform, turn, delivered } = setUp({ messageLength: 100, growth: 'append' });
    for (const word of WORDS.slice(0, 100)) {
      write(turn, `${word}${Number(word.slice(4)) % 5 ? ' ' : '\n\n'}`);
      await clock.pass(150);
    }
    finish(turn);
    await clock.until(delivered);
    for (const { versions } of platform.messages) expect(grewOnly(versions)).toBe(true);
    expect(platform.texts.join(' ').split(/\s+/)).toEqual(WORDS.slice(0, 100));
    expect(platform.controls.slice(0, -1)).not.toContain('running');
  });
});
