import { expect, test } from 'vitest';
import { Pastes } from '../../../adapters/terminal/pastes.ts';

test('a short line is pasted as it is, without its end: nobody has pressed Enter yet', () => {
  expect(new Pastes().fold('What is tea?\r')).toBe('What is tea?');
});

test('a short line cannot press keys', () => {
  expect(new Pastes().fold('a\tb\x03c')).toBe('a b c');
});

test('several lines stand in the line under a label, and are there when it is sent', () => {
  const pastes = new Pastes();
  const label = pastes.fold('one\r\ntwo\rthree\n');
  expect(label).toBe('[pasted 3 lines]');
  expect(pastes.expand(`/summarize ${label} please`)).toBe('/summarize one\ntwo\nthree please');
});

test('so does a long line', () => {
  const pastes = new Pastes();
  expect(pastes.fold('x'.repeat(1000))).toBe('[pasted 1000 characters]');
});

test('two pastes of the same size are told apart, and the same one twice is the same', () => {
  const pastes = new Pastes();
  const labels = [pastes.fold('a\nb'), pastes.fold('c\nd'), pastes.fold('a\nb')];
  expect(labels).toEqual(['[pasted 2 lines]', '[pasted 2 lines, 2]', '[pasted 2 lines]']);
  expect(pastes.expand(labels.join(' '))).toBe('a\nb c\nd a\nb');
});

test('a label that nothing was pasted under is text', () => {
  expect(new Pastes().expand('[pasted 3 lines]')).toBe('[pasted 3 lines]');
});

test('what a pasted text says about labels is its own business', () => {
  const pastes = new Pastes();
  const first = pastes.fold('a\nb');
  const second = pastes.fold(`see ${first}\nthere`);
  expect(pastes.expand(second)).toBe(`see ${first}\nthere`);
});

test('only the latest pastes are kept', () => {
  const pastes = new Pastes();
  const first = pastes.fold('0\n0');
  for (let index = 1; index <= 50; index++) pastes.fold(`${index}\n0`);
  expect(pastes.expand(first)).toBe(first);
});
