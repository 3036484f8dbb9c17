import { expect, test } from 'vitest';
import { wantsColors } from '../../config/colors.ts';

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ TERM: 'dumb' }, true, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: 'false' }, true, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  [{ CI: 'true' }, false, false],
])('the environment %j, on a terminal: %s, gets colours: %s', (env, isTerminal, colors) => {
  expect(wantsColors(env, isTerminal)).toBe(colors);
});
