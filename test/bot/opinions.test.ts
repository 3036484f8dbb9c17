import { expect, test } from 'vitest';
import type { ButtonAction, ButtonPress } from '../../bot/buttons.ts';
import { Opinions } from '../../bot/opinions.ts';
import { MemoryStore } from '../../bot/store/memory-store.ts';

function press(action: ButtonAction, by = 'U1'): ButtonPress {
  return {
    id: '1',
    action,
    turn: 'slack:C1/1',
    by: { id: by, name: by },
    moderator: false,
    where: { conversation: { platform: 'slack', id: 'C1' } },
    at: 1,
  };
}

test('a thumb is thanked for and kept; of two thumbs of one person the later counts', async () => {
  const { feedback } = new MemoryStore();
  const opinions = new Opinions(feedback);
  expect(await opinions.take(press('good'))).toEqual({ note: expect.stringContaining('good answer') });
  await opinions.take(press('good', 'U2'));
  await opinions.take(press('bad'));
  expect(await feedback.tally('slack:C1/1')).toEqual({ good: 1, bad: 1 });
});

test('other buttons are for others', async () => {
  expect(await new Opinions().take(press('again'))).toBeUndefined();
});

test('where none are kept, the person is told so', async () => {
  expect(await new Opinions().take(press('bad'))).toEqual({ note: expect.stringContaining('not kept') });
});
