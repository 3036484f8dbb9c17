import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../bot/rate-limit.ts';

describe('a rate limit', () => {
  it('lets each person have so many requests, and says when the next one is possible', () => {
    const limit = new RateLimit(2);
    expect(limit.take('ann', 1_000)).toBeUndefined();
    expect(limit.take('ann', 11_000)).toBeUndefined();
    expect(limit.take('ann', 21_000)).toBe(40_000);
    expect(limit.take('bob', 21_000)).toBeUndefined();
    expect(limit.take('ann', 61_000)).toBeUndefined();
  });

  it('does not count what it refused: who keeps asking need not wait longer', () => {
    const limit = new RateLimit(1);
    limit.take('ann', 0);
    for (let at = 1_000; at < 60_000; at += 1_000) expect(limit.take('ann', at)).toBe(60_000 - at);
    expect(limit.take('ann', 60_000)).toBeUndefined();
  });

  it('of 0 is none', () => {
    const limit = new RateLimit(0);
    for (let i = 0; i < 1_000; i++) expect(limit.take('ann', 0)).toBeUndefined();
  });

  it('remembers nobody for longer than a minute', () => {
    const limit = new RateLimit(5);
    for (let i = 0; i < 1_000; i++) limit.take(`person ${i}`, i * 100);
    expect(limit.size).toBe(600);
  });

  it('is kept in any minute, whoever asks when', () => {
    const visits = fc.array(fc.tuple(fc.constantFrom('ann', 'bob'), fc.nat(30_000)), { maxLength: 60 });
    fc.assert(
      fc.property(visits, fc.integer({ min: 1, max: 4 }), (steps, perMinute) => {
        const limit = new RateLimit(perMinute);
        const admitted: { person: string; at: number }[] = [];
        let at = 0;
        for (const [person, pause] of steps) {
          at += pause;
          if (limit.take(person, at) === undefined) admitted.push({ person, at });
        }
        for (const { person, at: from } of admitted) {
          const within = admitted.filter(
            (one) => one.person === person && one.at >= from && one.at < from + 60_000,
          );
          expect(within.length).toBeLessThanOrEqual(perMinute);
        }
      }),
    );
  });
});
