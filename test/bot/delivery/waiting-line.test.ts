import { expect, test } from 'vitest';
import { waitingLine } from '../../../bot/delivery/waiting-line.ts';

const queued = (place: number, estimatedWaitMs: number) =>
  ({ type: 'queued', place, estimatedWaitMs }) as const;

test.each([
  ['nothing is in the way', undefined, 'Thinking …'],
  ['the model is loaded', { type: 'waiting', for: 'model' }, 'Thinking … the model is still being loaded'],
  [
    'another request is answered',
    { type: 'waiting', for: 'turn' },
    'Thinking … an earlier request goes first',
  ],
  ['others are before it', queued(3, 7400), 'Thinking … 3rd in the queue, about 8 s'],
  ['many are before it', queued(21, 200_000), 'Thinking … 21st in the queue, about 3 min'],
  ['nobody knows for how long', queued(12, 0), 'Thinking … 12th in the queue'],
  ['a long text is read', { type: 'progress', text: 'part 2 of 5' }, 'Thinking … part 2 of 5'],
  ['its turn has come', queued(0, 0), 'Thinking …'],
] as const)('while %s, the line says so', (_, waiting, line) => {
  expect(waitingLine(waiting)).toBe(line);
});
