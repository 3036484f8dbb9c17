import { describe, expect, it } from 'vitest';
import { readTimeSpan } from '../../bot/time-span.ts';

const MINUTE = 60_000;

describe('a span of time', () => {
  it.each([
    ['30m', 30 * MINUTE],
    ['2h', 120 * MINUTE],
    [' 2 Hours ', 120 * MINUTE],
    ['1d', 1440 * MINUTE],
    ['1 week', 7 * 1440 * MINUTE],
    ['1h30m', 90 * MINUTE],
    ['1 hour and 30 minutes', 90 * MINUTE],
    ['1.5h', 90 * MINUTE],
  ])('is written as %s', (written, milliseconds) => {
    expect(readTimeSpan(written)).toBe(milliseconds);
  });

  it.each(['', '2', 'h', '2 moons', '2h ago', '0m', '-2h', '2hm', 'yesterday', '99999d'])(
    'is not written as "%s"',
    (written) => {
      expect(readTimeSpan(written)).toBeUndefined();
    },
  );
});
