import { expect, test } from 'vitest';
import { Recall, type TaskRoute } from '../../bot/recall.ts';
import { line } from './requests.ts';

const limits = { turns: 3, conversations: 2, characters: 100 };
const routeTo = (text: string): TaskRoute => ({
  kind: 'task',
  task: 'chat',
  text,
  material: { kind: 'none' },
});
const at = (id: string) => line('', { conversation: { platform: 'terminal', id } });

test('the oldest turns are forgotten first', () => {
  const recall = new Recall(limits);
  for (const id of ['a', 'b', 'c', 'd'])
    recall.remember(at('here'), { id, task: 'chat', route: routeTo(id) });
  expect(recall.turn(at('here'), 'a')).toBeUndefined();
  expect(recall.turn(at('here'), 'b')?.route?.text).toBe('b');
  expect(recall.turn(at('here'))?.id).toBe('d');
});

test('and so are the conversations that were quiet for longest', () => {
  const recall = new Recall(limits);
  for (const id of ['a', 'b', 'a', 'c']) recall.remember(at(id), { id: `turn in ${id}`, task: 'chat' });
  expect(recall.turn(at('b'))).toBeUndefined();
  expect(recall.turn(at('a'))?.id).toBe('turn in a');
});

test('a request of many pages is not kept, but that there was one is', () => {
  const recall = new Recall(limits);
  recall.remember(at('here'), { id: 'a', task: 'summarize', route: routeTo('x'.repeat(101)) });
  expect(recall.turn(at('here'))).toEqual({ id: 'a', task: 'summarize' });
});

test('of a text that grows, the end is kept', () => {
  const recall = new Recall();
  const writing = { opening: 'begin', before: 'x'.repeat(20_000), last: ' and the end' };
  recall.remember(at('here'), { id: 'a', task: 'write', writing });
  expect(recall.writing(at('here'))).toEqual({
    opening: 'x'.repeat(16_384),
    before: '',
    last: ' and the end',
  });
});

test('a command in a channel means the chain of replies that was answered there last', () => {
  const recall = new Recall();
  const chain = line('', {
    conversation: { platform: 'discord', id: 'chain' },
    talk: { platform: 'discord', id: 'channel' },
  });
  recall.remember(chain, { id: 'a', task: 'chat' });
  expect(recall.turn(line('', { conversation: { platform: 'discord', id: 'channel' } }))?.id).toBe('a');
});
