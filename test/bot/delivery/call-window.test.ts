import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CallWindow, type Urgency } from '../../../bot/delivery/call-window.ts';

/** Makes calls one after the other, each answered at once, as early as the window opens; gives when each began. */
function begin(window: CallWindow, urgency: Urgency, count: number, from = 0): number[] {
  const times: number[] = [];
  let now = from;
  for (let call = 0; call < count; call += 1) {
    for (let at = window.opensAt(urgency, now); at > now; at = window.opensAt(urgency, now)) now = at;
    window.begin(urgency, now);
    window.settle(now);
    times.push(now);
  }
  return times;
}

describe('a window of calls', () => {
  const discord = { calls: 5, perMs: 5000 };

  test('lets urgent calls through as fast as they come, until the budget is used up', () => {
    expect(begin(new CallWindow(discord), 'final', 7)).toEqual([0, 0, 0, 0, 0, 5000, 5000]);
  });

  test('spreads growth out, the more the fuller it is, and keeps a fifth of the budget free', () => {
    const window = new CallWindow(discord);
    const times = begin(window, 'growth', 5);
    expect(times).toEqual([0, 375, 1125, 2250, 5000]);
    expect(window.opensAt('growth', 5000)).toBeGreaterThan(5000);
    expect(window.opensAt('final', 5000)).toBe(5000);
  });

  test('slows growth down without ever stalling it, where a budget is counted over a long time', () => {
    const times = begin(new CallWindow({ calls: 50, perMs: 60_000 }), 'growth', 300);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(3000);
    // Growth may use 40 of the 50 calls a minute, and comes to use about seven tenths of them.
    const perMinute = (60_000 * 250) / ((times[299] ?? 0) - (times[49] ?? 0));
    expect(perMinute).toBeGreaterThan(27);
    expect(perMinute).toBeLessThan(30);
  });

  test('with one call at a time has nothing to keep free', () => {
    expect(begin(new CallWindow({ calls: 1, perMs: 1000 }), 'growth', 3)).toEqual([0, 1000, 2000]);
  });

  test('counts a call from its beginning until the stretch after its answer', () => {
    const window = new CallWindow({ calls: 1, perMs: 1000 });
    window.begin('final', 0);
    expect(window.opensAt('final', 5000)).toBe(Number.POSITIVE_INFINITY);
    window.settle(6000);
    expect(window.opensAt('final', 6000)).toBe(7000);
  });

  test('does not count a call that was never made', () => {
    const window = new CallWindow({ calls: 1, perMs: 1000 });
    window.begin('final', 0);
    window.unused();
    expect(window.opensAt('final', 0)).toBe(0);
  });

  test('opens no sooner than the platform says', () => {
    const window = new CallWindow(discord);
    window.begin('final', 0);
    window.settle(100);
    window.refused(0, 8000, 100);
    expect(window.opensAt('final', 100)).toBe(8100);
  });

  test('uses half of the budget after a 429, and more again with every stretch without one', () => {
    const window = new CallWindow({ calls: 8, perMs: 1000 });
    window.begin('final', 0);
    window.settle(0);
    window.refused(0, 1000, 0);
    const times = begin(window, 'final', 30);
    const perStretch = [0, 1, 2, 3, 4, 5].map(
      (second) => times.filter((time) => Math.floor(time / 1000) === second).length,
    );
    expect(perStretch).toEqual([0, 4, 5, 6, 7, 8]);
  });

  test('is slowed down once by calls of one burst that are refused together', () => {
    const window = new CallWindow({ calls: 8, perMs: 1000 });
    for (let call = 0; call < 3; call += 1) window.begin('final', 0);
    for (const answer of [10, 11, 12]) {
      window.settle(answer);
      window.refused(0, 2000, answer);
    }
    expect(begin(window, 'final', 8, 2012).filter((time) => time === 2012)).toHaveLength(4);
  });

  test('is worth forgetting only when a new one would know as much', () => {
    const window = new CallWindow({ calls: 8, perMs: 1000 });
    expect(window.idle(0)).toBe(true);
    window.begin('final', 0);
    expect(window.idle(0)).toBe(false);
    window.settle(0);
    expect([window.idle(999), window.idle(1000)]).toEqual([false, true]);
    window.refused(0, 0, 1000);
    expect([window.idle(4999), window.idle(5000)]).toEqual([false, true]);
  });

  test('never keeps the more urgent waiting longer than the less urgent', () => {
    const call = fc.record({
      urgency: fc.constantFrom<Urgency>('final', 'post', 'growth'),
      waitMs: fc.nat({ max: 3000 }),
      refused: fc.option(fc.nat({ max: 5000 })),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(call), (calls, made) => {
        const window = new CallWindow({ calls, perMs: 1000 });
        let now = 0;
        for (const { urgency, waitMs, refused } of made) {
          now = Math.max(now, window.opensAt(urgency, now)) + waitMs;
          window.begin(urgency, now);
          window.settle(now);
          if (refused !== null) window.refused(now, refused, now);
          const final = window.opensAt('final', now);
          expect(window.opensAt('post', now)).toBe(final);
          expect(window.opensAt('growth', now)).toBeGreaterThanOrEqual(final);
        }
      }),
    );
  });
});
