import type { Candidates } from './candidates.ts';

/**
 * Divides the scores by the temperature: below 1 likely tokens gain, above 1 unlikely ones. The highest score becomes
 * 0, which changes no probability and keeps the quotients finite however small the temperature.
 */
export function applyTemperature(candidates: Candidates, temperature: number): void {
  const { scores, length } = candidates;
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i++) highest = Math.max(highest, scores[i]);
  for (let i = 0; i < length; i++) scores[i] = (scores[i] - highest) / temperature;
}
