import { describe, expect, test } from 'vitest';
import { PROMPT } from '../../fixtures/virtual-platform.ts';
import { CHANNEL, finish, setUp, WORDS, write } from './replies.ts';

describe('a platform that lets the reply down', () => {
  test('is obeyed when it wants a rest, and gets the end first of all', async () => {
    const { clock, platform, turn, delivered, begin } = setUp();
    write(turn, 'A few words');
    const { turn: other } = begin();
    write(other, 'Some other words');
    await clock.pass(1000);
    platform.fate = ({ number }) =>
      number === 2 ? { ...PROMPT, error: 'OUTLET_RATE_LIMITED', retryAfterMs: 9000 } : PROMPT;
    write(turn, ' and more');
    // This one waits in the line before the refused one is back in it.
    write(other, ' and so on');
    await clock.pass(1000);
    const refused = platform.calls[2];
    write(turn, ' and the end');
    finish(turn);
    expect(await clock.until(delivered)).toMatchObject({ state: 'whole', refused: 1 });
    await clock.pass(20_000);
    expect(platform.calls[3]).toMatchObject({ text: 'A few words and more and the end' });
    expect(platform.calls[3]?.begunAt).toBe((refused?.begunAt ?? 0) + 40 + 9000);
    expect(platform.calls[4]).toMatchObject({ text: 'Some other words and so on' });
  });

  test('gets a refused end before all that has waited longer', async () => {
    const { clock, platform, turn, begin } = setUp();
    write(turn, 'A few words');
    const { turn: other } = begin();
    write(other, 'Some other words');
    await clock.pass(1000);
    platform.fate = ({ number }) =>
      number === 2 ? { ...PROMPT, error: 'OUTLET_RATE_LIMITED', retryAfterMs: 9000 } : PROMPT;
    write(turn, ' and the end');
    finish(turn);
    write(other, ' and so on');
    await clock.pass(30_000);
    expect(platform.calls.slice(2).map(({ text }) => text)).toEqual([
      'A few words and the end',
      'A few words and the end',
      'Some other words and so on',
    ]);
  });

  test('is asked again with growing pauses until it shows the end', async () => {
    const { clock, platform, turn, delivered } = setUp();
    write(turn, 'A few words');
    await clock.pass(1000);
    platform.fate = () => (clock.now() < 60_000 ? { ...PROMPT, error: 'OUTLET_FAILED' } : PROMPT);
    write(turn, ' and the end');
    finish(turn);
    const { state, edits } = await clock.until(delivered);
    expect({ state, few: edits < 12 }).toEqual({ state: 'whole', few: true });
    expect(platform.texts).toEqual(['A few words and the end']);
  });

  test('is told the end again if nobody knows whether it has heard it', async () => {
    const { clock, platform, turn, delivered } = setUp();
    write(turn, 'A few words');
    await clock.pass(1000);
    platform.fate = ({ number }) => ({
      ...PROMPT,
      ...(number === 1 && { error: 'OUTLET_FAILED', done: true }),
    });
    finish(turn);
    expect(await clock.until(delivered)).toMatchObject({ state: 'whole', edits: 2 });
  });

  test('posts once when its answer to a post is lost, if it can tell', async () => {
    const { clock, platform, turn, delivered } = setUp();
    platform.fate = ({ number }) => ({
      ...PROMPT,
      ...(number === 0 && { error: 'OUTLET_FAILED', done: true }),
    });
    turn.say('Only once, please.');
    await clock.until(delivered);
    expect(platform.texts).toEqual(['Only once, please.']);
  });

  test('where the message is gone ends the turn: nobody reads the rest', async () => {
    const { clock, platform, turn, delivered } = setUp();
    write(turn, 'A few words');
    await clock.pass(1000);
    platform.fate = () => ({ ...PROMPT, error: 'OUTLET_GONE' });
    write(turn, ' and more');
    await clock.pass(1000);
    expect(turn.signal.aborted).toBe(true);
    turn.finish({ reason: 'aborted' });
    expect(await clock.until(delivered)).toMatchObject({ state: 'gone', edits: 1 });
  });

  test('that takes nothing for a quarter of an hour is given up, and the log says so', async () => {
    const { clock, platform, turn, delivered, log } = setUp();
    platform.fate = () => ({ ...PROMPT, error: 'OUTLET_FAILED' });
    turn.say('Nobody will read this.');
    expect(await clock.until(delivered)).toMatchObject({ state: 'given up', messages: [] });
    expect(clock.now()).toBe(15 * 60_000);
    expect(log.filter(({ level }) => level === 'error').map(({ msg }) => msg)).toEqual([
      'a reply is not shown whole: the platform took nothing for too long',
    ]);
    await clock.pass(60 * 60_000);
  });

  test('that takes a long reply slowly shows all of it, however long that takes', async () => {
    const posts = { key: 'post', calls: 1, perMs: 60_000 };
    const { clock, platform, turn, delivered } = setUp({ messageLength: 40, posts });
    turn.say('every page has its minute. '.repeat(40));
    expect(await clock.until(delivered)).toMatchObject({ state: 'whole' });
    expect(platform.messages.length).toBeGreaterThan(20);
    expect(clock.now()).toBeGreaterThan(20 * 60_000);
    expect(clock.pending).toBe(0);
    expect(platform.texts.join(' ')).toBe('every page has its minute. '.repeat(40).trim());
  });

  test('that stops taking anything in the middle is given up a quarter of an hour behind the last page', async () => {
    const posts = { key: 'post', calls: 1, perMs: 60_000 };
    const { clock, platform, turn, delivered } = setUp({ messageLength: 40, posts });
    platform.fate = () => ({ ...PROMPT, ...(platform.messages.length > 10 && { error: 'OUTLET_FAILED' }) });
    turn.say('every page has its minute. '.repeat(40));
    expect(await clock.until(delivered)).toMatchObject({ state: 'given up' });
    const taken = platform.calls.filter(({ error }) => !error).map(({ answeredAt }) => answeredAt);
    expect(clock.now()).toBe(Math.max(...taken) + 15 * 60_000);
  });

  test('is not given up while the model is silent: what counts begins with the turn’s end', async () => {
    const { clock, platform, turn, delivered } = setUp();
    write(turn, 'A few words');
    await clock.pass(20 * 60_000);
    write(turn, ' and, at last, more');
    finish(turn);
    expect(await clock.until(delivered)).toMatchObject({ state: 'whole' });
    expect(platform.texts).toEqual(['A few words and, at last, more']);
  });

  test('that wants a rest of hours is not waited for', async () => {
    const { clock, platform, turn, delivered } = setUp();
    platform.fate = () => ({ ...PROMPT, error: 'OUTLET_RATE_LIMITED', retryAfterMs: 3 * 3600_000 });
    turn.say('Nobody will read this.');
    expect(await clock.until(delivered)).toMatchObject({ state: 'given up', refused: 1 });
    expect(clock.now()).toBe(15 * 60_000);
  });

  test('without budgets is asked again no sooner than it wants', async () => {
    const { clock, platform, turn, delivered } = setUp({ messageLength: 2000 });
    platform.fate = ({ number }) => ({
      ...PROMPT,
      ...(number < 2 && { error: 'OUTLET_RATE_LIMITED', retryAfterMs: 5000 }),
    });
    turn.say('Here it is.');
    await clock.until(delivered);
    expect(platform.calls.map(({ begunAt }) => begunAt)).toEqual([0, 5040, 10_080]);
  });

  test('whose message expires gets the rest in a new one', async () => {
    const { clock, platform, turn, delivered } = setUp();
    write(turn, 'One two three');
    await clock.pass(1000);
    platform.fate = ({ kind, number }) => ({
      ...PROMPT,
      ...(kind === 'edit' && number === 1 && { error: 'OUTLET_EXPIRED' }),
    });
    write(turn, ' four five');
    await clock.pass(1000);
    expect(platform.texts).toEqual(['One two three', 'four five']);
    write(turn, ' six');
    finish(turn);
    const { messages } = await clock.until(delivered);
    expect(platform.texts).toEqual(['One two three', 'four five six']);
    expect(messages).toHaveLength(2);
  });

  test('whose message expires before it shows any of the answer gets all of it in a new one', async () => {
    const { clock, platform, turn, delivered } = setUp();
    await clock.pass(3000);
    platform.fate = ({ kind, number }) => ({
      ...PROMPT,
      ...(kind === 'edit' && number === 1 && { error: 'OUTLET_EXPIRED' }),
    });
    turn.say('One two three');
    await clock.until(delivered);
    expect(platform.texts).toEqual(['_Thinking …_', 'One two three']);
    expect(platform.messages.map(({ place }) => place.index)).toEqual([0, 1]);
  });

  test('whose message expires with all of the answer in it gets the plain line in a new one', async () => {
    const { clock, platform, turn, delivered } = setUp();
    write(turn, 'One two three');
    await clock.pass(1000);
    platform.fate = ({ kind }) => ({ ...PROMPT, ...(kind === 'edit' && { error: 'OUTLET_EXPIRED' }) });
    turn.tell({ type: 'notice', text: 'Stopped.' });
    turn.finish({ reason: 'aborted' });
    await clock.until(delivered);
    expect(platform.texts).toEqual(['One two three', '_Stopped._']);
  });

  test('that takes less than it said gets shorter pages', async () => {
    const { clock, platform, turn, delivered } = setUp({ ...CHANNEL, messageLength: 200 });
    const { post, edit } = platform;
    const refuse = (text: string) => text.length > 100;
    platform.fate = () => PROMPT;
    Object.assign(platform, {
      post: (...call: Parameters<typeof post>) => {
        platform.fate = () => ({ ...PROMPT, ...(refuse(call[1]) && { error: 'OUTLET_TOO_LONG' }) });
        return post.apply(platform, call);
      },
      edit: (...call: Parameters<typeof edit>) => {
        platform.fate = () => ({ ...PROMPT, ...(refuse(call[1]) && { error: 'OUTLET_TOO_LONG' }) });
        return edit.apply(platform, call);
      },
    });
    for (const word of WORDS.slice(0, 100)) {
      write(turn, `${word} `);
      await clock.pass(50);
    }
    finish(turn);
    expect(await clock.until(delivered)).toMatchObject({ state: 'whole' });
    expect(platform.texts.join(' ')).toBe(WORDS.slice(0, 100).join(' '));
  });

  test('that finds everything too long is given up', async () => {
    const { clock, platform, turn, delivered } = setUp();
    platform.fate = () => ({ ...PROMPT, error: 'OUTLET_TOO_LONG' });
    turn.say('A few words');
    expect(await clock.until(delivered)).toMatchObject({ state: 'given up' });
  });

  test('fails in ways unknown to the adapter: that is a failure like any other', async () => {
    const { clock, platform, turn, delivered } = setUp();
    const { post } = platform;
    platform.post = async () => {
      platform.post = post;
      throw new TypeError('fetch failed');
    };
    turn.say('Here it is.');
    expect(await clock.until(delivered)).toMatchObject({ state: 'whole', posts: 2 });
  });
});
