import { type Trouble, troubled } from '../platform-faults.ts';
import type { Scenario } from '../scenario.ts';

export const SERVER_ERRORS: Trouble = {
  discord: () => [{ status: 500 }, { status: 502, applied: true }, { status: 503, times: 2 }],
  slack: [
    { kind: 'status', status: 500 },
    { kind: 'status', status: 503, body: '<html>Service Unavailable</html>' },
    { kind: 'error', error: 'internal_error' },
    { kind: 'error', error: 'fatal_error' },
  ],
};

export const serverErrors: Scenario = {
  name: 'server errors',
  done: 'Both platforms answer with 500, 502 and 503, and may have carried the call out all the same.',
  promised: 'Calls are made again, and nothing is posted twice.',
  async run(arena, { turns }) {
    await arena.startBot();
    const failed = await troubled(arena, turns, SERVER_ERRORS);
    return { 'failed calls': failed };
  },
};
