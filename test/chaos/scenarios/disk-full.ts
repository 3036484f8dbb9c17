import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Scenario } from '../scenario.ts';

/** So much more than the store takes when it has been made: a few turns, and then no more. At 16 it was seldom filled. */
const ROOM_KB = 4;

const ROOM_AGAIN = 'what is to survive a restart is kept again';
const FULL = 'what is to survive a restart cannot be kept now; the bot goes on without';

export const diskFull: Scenario = {
  name: 'disk full',
  done: 'No file can grow any more (`ulimit -f`) while people ask; later there is room again, and then the bot is started anew.',
  promised:
    'Answers go on, with the journal as long as it can be kept and without it afterwards, of which the log tells; the next start finds the store whole, and goes on with nothing that has ended.',
  unavailable: () =>
    process.platform === 'linux' ? undefined : 'only Linux gives a running process room again',
  async run(arena, { turns }) {
    await arena.startBot();
    await arena.asks(turns);
    await arena.stopBot();
    const { size } = await stat(path.join(arena.dataFolder, 'parley.db'));
    const bot = await arena.startBot({ fileLimitKb: Math.ceil(size / 1_024) + ROOM_KB });
    await arena.asks(2 * turns);
    await bot.liftFileLimit();
    await arena.until(async () => {
      // Only a write shows that there is room again.
      await arena.asks(1);
      return bot.times(ROOM_AGAIN) === bot.times(FULL);
    }, 'the store to be kept again');
    await arena.stopBot();
    const next = await arena.startBot();
    await arena.asks(turns);
    return { 'warnings of the full disk': bot.times(FULL), 'warnings afterwards': next.times(FULL) };
  },
};
