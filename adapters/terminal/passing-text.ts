import type { TurnEvent } from '../../bot/turn-event.ts';

export type PassingEvent = Extract<TurnEvent, { type: 'waiting' | 'queued' | 'progress' }>;

/** What stands on the screen while there is nothing else to see. */
export function passingText(event: PassingEvent): string {
  switch (event.type) {
    case 'waiting':
      return event.for === 'model' ? 'The model is being loaded …' : 'An earlier message is answered first …';
    case 'queued': {
      const seconds = Math.max(1, Math.round(event.estimatedWaitMs / 1000));
      return event.place > 0 ? `Number ${event.place} in the queue, about ${seconds} s …` : '…';
    }
    case 'progress':
      return `${event.text} …`;
  }
}
