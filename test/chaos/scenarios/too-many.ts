import { type Trouble, troubled } from '../platform-faults.ts';
import type { Scenario } from '../scenario.ts';

export const TOO_MANY: Trouble = {
  discord: () => [
    { status: 429, retryAfter: 0.3 },
    { status: 429, retryAfter: 2, scope: 'shared' },
    { status: 429, retryAfter: 1, scope: 'global' },
  ],
  slack: [
    { kind: 'rate-limit', retryAfterSeconds: 1 },
    { kind: 'rate-limit', retryAfterSeconds: 3 },
  ],
};

export const tooMany: Scenario = {
  name: 'too many',
  done: 'Both platforms say that there are too many calls (429), for one route, for all, with short and long pauses.',
  promised: 'The bot waits as it is told: every answer is whole, and comes once.',
  async run(arena, { turns }) {
    await arena.startBot();
    const refused = await troubled(arena, turns, TOO_MANY);
    return { 'refused calls': refused };
  },
};
