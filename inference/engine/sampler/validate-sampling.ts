import { InferenceError } from '../../errors.ts';
import type { Sampling } from '../engine.ts';

interface Range {
  readonly words: string;
  readonly holds: (value: number) => boolean;
}

const SHARE: Range = { words: 'a number from 0 to 1', holds: (value) => value >= 0 && value <= 1 };
const COUNT: Range = {
  words: 'a whole number from 0 (off)',
  holds: (value) => Number.isSafeInteger(value) && value >= 0,
};

const RANGES: Readonly<Record<keyof Sampling, Range>> = {
  // Far above 1 every token is about as likely as any other: a larger number is a slip, not a wish.
  temperature: { words: 'a number from 0 (greedy) to 100', holds: (value) => value >= 0 && value <= 100 },
  topK: COUNT,
  topP: SHARE,
  minP: SHARE,
  repetitionPenalty: {
    words: 'a number above 0 (1 is off)',
    holds: (value) => value > 0 && Number.isFinite(value),
  },
  noRepeatNgram: COUNT,
};

/** @throws InferenceError `REQUEST_INVALID`, naming the field, what it got and what it wants. */
export function validateSampling(sampling: Sampling): void {
  for (const field of Object.keys(RANGES) as (keyof Sampling)[]) {
    const value: unknown = sampling[field];
    const range = RANGES[field];
    if (typeof value === 'number' && range.holds(value)) continue;
    throw new InferenceError(
      'REQUEST_INVALID',
      `The sampling option ${field} is ${String(value)}. It must be ${range.words}.`,
    );
  }
}
