import { expect, test } from 'vitest';
import { Duplicates } from '../../bot/duplicates.ts';

test('an id is new once', () => {
  const duplicates = new Duplicates(10);
  expect(duplicates.seenBefore('a')).toBe(false);
  expect(duplicates.seenBefore('a')).toBe(true);
  expect(duplicates.seenBefore('b')).toBe(false);
});

test('the memory is bounded: the oldest ids are forgotten first', () => {
  const duplicates = new Duplicates(3);
  for (const id of ['a', 'b', 'c', 'd']) duplicates.seenBefore(id);
  expect(duplicates.seenBefore('d')).toBe(true);
  expect(duplicates.seenBefore('b')).toBe(true);
  expect(duplicates.seenBefore('a')).toBe(false);
});
