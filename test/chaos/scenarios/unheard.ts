import type { Scenario } from '../scenario.ts';
import { pause } from '../until.ts';

const LIFE_MS = 3_000;
/** A new start of a bot is not at once. */
const AWAY_MS = 2_000;

export const unheard: Scenario = {
  name: 'unheard',
  done: 'The bot is killed at any moment, also between hearing a message and writing it down, and people on Slack go on writing while it is not there.',
  promised: 'What was missed is read back at the next start: every message is answered, and once.',
  async run(arena, { rounds }) {
    await arena.startBot();
    const places = arena.places.filter(({ way }) => way.startsWith('Slack') && !way.includes('command'));
    arena.crowd.begin(places, { regardless: true });
    for (let round = 0; round < rounds; round += 1) {
      await pause(arena.draw(LIFE_MS));
      await arena.killBot();
      await pause(arena.draw(AWAY_MS));
      await arena.startBot();
    }
    await arena.crowd.end();
    return { 'kills of the bot': rounds };
  },
};
