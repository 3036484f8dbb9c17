import path from 'node:path';
import { SqliteFile } from '../../../bot/store/sqlite-file.ts';
import type { Scenario } from '../scenario.ts';
import { pause } from '../until.ts';

/** How long another program holds the file, at most. */
const HELD_MS = 3_000;

export const storeLocked: Scenario = {
  name: 'store locked',
  done: 'Another program locks the store again and again, for up to three seconds, while people ask.',
  promised: 'Answers go on without the journal; they are whole, and come once.',
  async run(arena, { rounds }) {
    const bot = await arena.startBot();
    arena.crowd.begin(arena.places);
    const other = await SqliteFile.open(path.join(arena.dataFolder, 'parley.db'), 5_000);
    for (let round = 0; round < rounds; round += 1) {
      await arena.midReply();
      other.run('BEGIN EXCLUSIVE');
      await pause(arena.draw(HELD_MS));
      other.run('ROLLBACK');
      await pause(arena.draw(HELD_MS));
    }
    other.close();
    await arena.crowd.end();
    const warned = 'what is to survive a restart cannot be kept now; the bot goes on without';
    return { locks: rounds, 'warnings of it': bot.times(warned) };
  },
};
