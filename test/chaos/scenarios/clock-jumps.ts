import { pick } from '../../fakes/slack/random.ts';
import type { Scenario } from '../scenario.ts';
import { pause } from '../until.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Where the bot's clock jumps to, seen from the platforms'. */
const AHEAD_MS = [0, MINUTE_MS, -MINUTE_MS, HOUR_MS, -HOUR_MS, 24 * HOUR_MS, -24 * HOUR_MS];
const LIFE_MS = 1_000;

export const clockJumps: Scenario = {
  name: 'clock jumps',
  done: "The bot's clock jumps by a minute, an hour and a day, ahead and back, while people ask.",
  promised: 'Every answer is whole, and comes once.',
  async run(arena, { rounds }) {
    const bot = await arena.startBot();
    arena.crowd.begin(arena.places);
    for (let round = 0; round < rounds; round += 1) {
      await arena.midReply();
      bot.setAhead(pick(AHEAD_MS, arena.random) ?? 0);
      await pause(arena.draw(LIFE_MS));
    }
    await arena.crowd.end();
    return { jumps: rounds };
  },
};
