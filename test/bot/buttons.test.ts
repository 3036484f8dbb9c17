import { describe, expect, test } from 'vitest';
import { buttonId, buttonsUnder, readButtonId } from '../../bot/buttons.ts';

const actions = (controls: Parameters<typeof buttonsUnder>[0]) =>
  buttonsUnder(controls).map(({ action }) => action);

describe('the buttons under a reply', () => {
  test('are Stop while it runs', () => {
    expect(actions({ state: 'running', turn: 't' })).toEqual(['stop']);
  });

  test('are Again, More and two thumbs when it is done', () => {
    expect(actions({ state: 'done', turn: 't', task: 'chat' })).toEqual(['again', 'more', 'good', 'bad']);
  });

  test('are none under what is no answer', () => {
    expect(actions({ state: 'none' })).toEqual([]);
  });
});

describe("a button's id", () => {
  test('tells what to do with which turn, whatever the turn is called', () => {
    const turn = 'discord:1098765432109876543/1098765432109876544';
    expect(readButtonId(buttonId('again', turn))).toEqual({ action: 'again', turn });
    expect(buttonId('again', turn).length).toBeLessThanOrEqual(100);
  });

  test.each(['', 'again', 'again:', ':turn', 'explode:turn', 'toString:turn'])(
    'that is none of ours says nothing: %j',
    (id) => {
      expect(readButtonId(id)).toBeUndefined();
    },
  );
});
