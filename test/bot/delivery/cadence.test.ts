import { describe, expect, test } from 'vitest';
import { Cadence, type Call, type Place, type Urgency } from '../../../bot/delivery/cadence.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const ONE_A_SECOND = { key: 'channel', calls: 1, perMs: 1000 };

function setUp() {
  const clock = new VirtualClock();
  const cadence = new Cadence(clock);
  const log: string[] = [];
  /** Waits in the line, and notes who was called when; its call is answered as soon as it is made. */
  const queue = (name: string, urgency: Urgency, budget = ONE_A_SECOND): Place => {
    const place = cadence.queue(budget, urgency);
    place.call.then((call) => {
      log.push(call ? `${name} at ${clock.now()}` : `${name} left`);
      call?.settle();
    });
    return place;
  };
  return { clock, cadence, log, queue };
}

describe('the line for a budget', () => {
  test('lets the one go first that has waited longest', async () => {
    const { clock, log, queue } = setUp();
    for (const name of ['first', 'second', 'third']) queue(name, 'growth');
    await clock.pass(5000);
    expect(log).toEqual(['first at 0', 'second at 1000', 'third at 2000']);
  });

  test('lets final edits pass everything else, and first words pass growth', async () => {
    const { clock, log, queue } = setUp();
    queue('running', 'growth');
    queue('growth', 'growth');
    queue('post', 'post');
    queue('final', 'final');
    await clock.pass(5000);
    expect(log).toEqual(['running at 0', 'final at 1000', 'post at 2000', 'growth at 3000']);
  });

  test('lets a reply pass that has ended while it waited', async () => {
    const { clock, log, queue } = setUp();
    queue('running', 'growth');
    queue('growing', 'growth');
    queue('ends', 'growth').hurry('final');
    await clock.pass(5000);
    expect(log).toEqual(['running at 0', 'ends at 1000', 'growing at 2000']);
  });

  test('goes on when somebody leaves', async () => {
    const { clock, log, queue } = setUp();
    queue('running', 'growth');
    const leaving = queue('leaving', 'final');
    queue('staying', 'growth');
    leaving.leave();
    await clock.pass(5000);
    expect(log).toEqual(['running at 0', 'leaving left', 'staying at 1000']);
  });

  test('is another for another budget', async () => {
    const { clock, log, queue } = setUp();
    queue('here', 'growth');
    queue('there', 'growth', { ...ONE_A_SECOND, key: 'another channel' });
    await clock.pass(0);
    expect(log).toEqual(['here at 0', 'there at 0']);
  });

  test('waits for answers: a call that is under way may be counted at any moment', async () => {
    const { clock, cadence, log, queue } = setUp();
    const slow = (await cadence.queue(ONE_A_SECOND, 'growth').call) as Call;
    queue('next', 'final');
    await clock.pass(60_000);
    expect(log).toEqual([]);
    slow.settle();
    await clock.pass(1000);
    expect(log).toEqual(['next at 61000']);
  });

  test('is closed for all while the platform wants a rest, and the final edit is the first to go on', async () => {
    const { clock, cadence, log, queue } = setUp();
    const budget = { key: 'channel', calls: 5, perMs: 5000 };
    const refused = (await cadence.queue(budget, 'growth').call) as Call;
    refused.refuse(7000);
    queue('growth', 'growth', budget);
    queue('final', 'final', budget);
    await clock.pass(20_000);
    expect(log[0]).toBe('final at 7000');
    expect(log[1]).toMatch(/^growth/);
  });

  test('loses no time over a call that was not needed', async () => {
    const { clock, cadence, log, queue } = setUp();
    const needless = (await cadence.queue(ONE_A_SECOND, 'growth').call) as Call;
    queue('next', 'final');
    needless.release();
    await clock.pass(0);
    expect(log).toEqual(['next at 0']);
  });

  test('does not exist where nothing is limited', async () => {
    const { cadence } = setUp();
    for (let call = 0; call < 100; call += 1) await cadence.queue(undefined, 'growth').call;
    expect(cadence.size).toBe(0);
  });

  test('is forgotten when nobody has used it for a while', async () => {
    const { clock, cadence, queue } = setUp();
    for (let channel = 0; channel < 50; channel += 1)
      queue('x', 'growth', { ...ONE_A_SECOND, key: `${channel}` });
    await clock.pass(120_000);
    queue('x', 'growth');
    expect(cadence.size).toBe(1);
  });
});
