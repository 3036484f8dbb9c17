import type { Milliseconds } from '../inference/engine/engine.ts';

const SECOND = 1000;
const UNITS: Readonly<Record<string, Milliseconds>> = {
  m: 60 * SECOND,
  h: 3600 * SECOND,
  d: 24 * 3600 * SECOND,
  w: 7 * 24 * 3600 * SECOND,
};

/** `30m`, `2h`, `1 day`, `1h 30min`; undefined for what is no span of time, or none that has passed. */
export function readTimeSpan(written: string): Milliseconds | undefined {
  const text = written.trim().toLowerCase();
  const part =
    /(\d{1,4}(?:\.\d{1,2})?)\s*(m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)(?![a-z])\s*(?:and\s+)?/gy;
  let total = 0;
  let end = 0;
  for (const [whole, count, unit = ''] of text.matchAll(part)) {
    total += Number(count) * (UNITS[unit.charAt(0)] ?? 0);
    end += whole.length;
  }
  return end === text.length && total > 0 ? total : undefined;
}
