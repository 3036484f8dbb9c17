import type { Milliseconds } from '../../inference/engine/engine.ts';
import type { TurnEvent } from '../turn-event.ts';

/** What a turn does before its first words, as its events tell it. */
export type Waiting = Extract<TurnEvent, { type: 'waiting' | 'queued' | 'progress' }>;

const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' });
const SUFFIXES: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };

/** Shown until the first words are there. */
export function waitingLine(waiting: Waiting | undefined): string {
  const what = waiting && inTheWay(waiting);
  return what ? `Thinking … ${what}` : 'Thinking …';
}

function inTheWay(waiting: Waiting): string | undefined {
  if (waiting.type === 'waiting') {
    return waiting.for === 'model' ? 'the model is still being loaded' : 'an earlier request goes first';
  }
  if (waiting.type === 'progress') return waiting.text;
  const { place, estimatedWaitMs } = waiting;
  // Place 0: the waiting is over.
  if (place < 1) return undefined;
  const queue = `${ordinal(place)} in the queue`;
  return estimatedWaitMs > 0 ? `${queue}, about ${duration(estimatedWaitMs)}` : queue;
}

function ordinal(place: number): string {
  return `${place}${SUFFIXES[ORDINALS.select(place)] ?? 'th'}`;
}

/** Whole seconds, and minutes from 90 s: a guess should not look exact. */
function duration(milliseconds: Milliseconds): string {
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
