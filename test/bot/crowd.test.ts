import { describe, expect, test } from 'vitest';
import { Crowd, inWords } from '../../bot/crowd.ts';

function crowdOf(limits = { openPerPerson: 2, openInAll: 3 }) {
  const clock = { at: 0, now: () => clock.at };
  const crowd = new Crowd(limits, clock);
  const model = (person: string) => ({ person, forModel: true });
  return { clock, crowd, model };
}

describe('a crowd', () => {
  test('has room for so many turns of one person, whose further ones are told when to come again', () => {
    const { crowd, model } = crowdOf();
    const leave = crowd.enter(model('ann'));
    crowd.enter(model('ann'));
    expect(crowd.refusal(model('ann'))).toEqual({
      code: 'TOO_MANY_OPEN',
      message: 'I have 2 requests of yours to answer already. Ask again in about 2 s.',
    });
    expect(crowd.refusal(model('bob'))).toBeUndefined();
    leave();
    leave();
    expect(crowd.refusal(model('ann'))).toBeUndefined();
  });

  test('has room for so many turns in all', () => {
    const { crowd, model } = crowdOf();
    const [leave] = ['ann', 'bob', 'cleo'].map((person) => crowd.enter(model(person)));
    expect(crowd.refusal(model('dan'))).toMatchObject({ code: 'TOO_BUSY' });
    leave?.();
    expect(crowd.refusal(model('dan'))).toBeUndefined();
  });

  test('has room of its own for what needs no model: help is there when it is needed most', () => {
    const { crowd, model } = crowdOf();
    const help = { person: 'ann', forModel: false };
    for (const person of ['ann', 'ann', 'bob']) crowd.enter(model(person));
    for (let n = 0; n < 3; n += 1) {
      expect(crowd.refusal(help)).toBeUndefined();
      crowd.enter(help);
    }
    expect(crowd.refusal(help)).toMatchObject({ code: 'TOO_BUSY' });
  });

  test('takes what is there already, whether there is room or not', () => {
    const { crowd, model } = crowdOf();
    const leaves = Array.from({ length: 10 }, () => crowd.enter(model('ann')));
    expect(crowd.refusal(model('bob'))).toMatchObject({ code: 'TOO_BUSY' });
    for (const leave of leaves) leave();
    expect(crowd.refusal(model('bob'))).toBeUndefined();
  });

  test('learns how long it takes from the turns that have ended', () => {
    const { clock, crowd, model } = crowdOf({ openPerPerson: 1, openInAll: 4 });
    // Two at a time, each of 20 s: one ends every 10 s.
    let before = crowd.enter(model('first'));
    for (let n = 0; n < 60; n += 1) {
      const next = crowd.enter(model(`person ${n}`));
      clock.at += 10_000;
      before();
      before = next;
    }
    for (const person of ['a', 'b', 'c']) crowd.enter(model(person));
    expect(crowd.refusal(model('d'))?.message).toMatch(/^I have 4 requests .* in about 40 s\.$/);
    expect(crowd.refusal(model('a'))?.message).toMatch(/in about 20 s\.$/);
  });

  test('does not take a quiet night for a slow machine', () => {
    const { clock, crowd, model } = crowdOf();
    for (let n = 0; n < 20; n += 1) {
      const leave = crowd.enter(model('ann'));
      clock.at += 1_000;
      leave();
      clock.at += 3_600_000;
    }
    for (const person of ['a', 'b', 'c']) crowd.enter(model(person));
    expect(crowd.refusal(model('d'))?.message).toMatch(/in about [345] s\.$/);
  });
});

test('a time is told in the words of people', () => {
  expect([1, 1_001, 99_000, 99_001, 600_000].map(inWords)).toEqual([
    'about 1 s',
    'about 2 s',
    'about 99 s',
    'about 2 min',
    'about 10 min',
  ]);
});
