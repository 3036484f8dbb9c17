import { pick } from '../../fakes/slack/random.ts';
import type { Scenario } from '../scenario.ts';
import { pause } from '../until.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Ahead as far as a machine sleeps; back as far as a clock is ever set right. */
const JUMPS_MS = [MINUTE_MS, HOUR_MS, 24 * HOUR_MS, -MINUTE_MS / 2];
const LIFE_MS = 1_000;

export const clockJumps: Scenario = {
  name: 'clock jumps',
  done: "The bot's clock jumps ahead by a minute, an hour and a day, and back by half a minute, while people ask.",
  promised: 'Every answer is whole, and comes once.',
  async run(arena, { rounds }) {
    const bot = await arena.startBot();
    arena.crowd.begin(arena.places);
    let ahead = 0;
    for (let round = 0; round < rounds; round += 1) {
      await arena.midReply();
      ahead += pick(JUMPS_MS, arena.random) ?? 0;
      bot.setAhead(ahead);
      await pause(arena.draw(LIFE_MS));
    }
    await arena.crowd.end();
    return { jumps: rounds };
  },
};
