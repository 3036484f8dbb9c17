import type { Milliseconds } from '../engine/engine.ts';
import type { Flaw } from './flawed.ts';

/** Only a part of the text went into the prompt; the share is 0 to 1, in characters. */
export function partRead(text: string, part: 'beginning' | 'end', share: number): string {
  return `${text} is longer than this model can read at once: only its ${part} (${percent(share)}) was read.`;
}

/** Of a text about which something is asked, the passages that have to do with the question were read. */
export function passagesRead(share: number): string {
  return `The text is longer than this model can read at once: only the passages closest to the question (${percent(share)}) were read.`;
}

/** A long text is about to be summed up in parts. */
export function partsToRead(parts: number, share: number, estimate: Milliseconds | undefined): string {
  const read =
    share < 1
      ? `The text is far longer than this model can read at once: only ${parts} parts spread evenly over it (${percent(share)}) are read.`
      : `The text is longer than this model can read at once: it is read in ${parts} parts.`;
  const time = estimate === undefined ? '' : `, which takes ${duration(estimate)}`;
  return `${read} They are summed up one by one, and then together${time}.`;
}

/** Somebody stopped that. */
export function stoppedInParts(read: number, parts: number): string {
  if (read === parts) return `All ${parts} parts were summed up one by one, but not together.`;
  return read === 1
    ? `Only the first of ${parts} parts was read and summed up.`
    : `Only the first ${read} of ${parts} parts were read and summed up.`;
}

/** Nothing could be said of the others. */
export function onlyOnePart(parts: number): string {
  return `The model could sum up only one of the ${parts} parts, so this is the summary of that one.`;
}

/** The parts were summed up, and nothing came of summing them up together. */
export function onlyParts(): string {
  return 'The model could not sum up the parts together, so these are their summaries, one by one.';
}

/** What an answer is like that is no good, or only its beginning. */
export function flawNote(flaw: Flaw): string {
  switch (flaw) {
    case 'empty':
      return 'The model had nothing to say to that, nor at a second try. Ask in other words, or use a larger model.';
    case 'echo':
      return 'The model only repeated what it was given, also at a second try. Ask in other words, or use a larger model.';
    case 'loop':
      return 'The answer began to go round in circles, so it was cut there. Ask again, or use a larger model.';
  }
}

/** `about 40 s`, `about 3 minutes`: as exact as an estimate is. */
export function duration(time: Milliseconds): string {
  const seconds = time / 1000;
  if (seconds < 1.5) return 'about a second';
  if (seconds < 20) return `about ${Math.round(seconds)} s`;
  if (seconds < 100) return `about ${Math.round(seconds / 10) * 10} s`;
  const minutes = seconds / 60;
  return minutes < 90 ? `about ${Math.round(minutes)} minutes` : `about ${Math.round(minutes / 60)} hours`;
}

/** Rounded down, and never 0 % or 100 %: something was read, and something was not. */
export function percent(share: number): string {
  const whole = Math.floor(share * 100);
  return whole < 1 ? 'less than 1 %' : `${Math.min(whole, 99)} %`;
}
