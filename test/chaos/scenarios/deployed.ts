import type { Scenario } from '../scenario.ts';

export const deployed: Scenario = {
  name: 'deployed',
  done: 'The bot is told to end (`SIGTERM`) in mid-reply, and started again, as at a deploy.',
  promised: 'Replies end before it ends, or go on at its next start: every answer is whole, and comes once.',
  async run(arena, { rounds }) {
    await arena.startBot();
    arena.crowd.begin(arena.places);
    for (let round = 0; round < rounds; round += 1) {
      await arena.midReply();
      await arena.takenByNow();
      await arena.stopBot();
      await arena.startBot();
    }
    await arena.crowd.end();
    return { stops: rounds };
  },
};
