import type { Scenario } from '../scenario.ts';

/** Room for an empty store, and for some turns in it. */
const ROOM_KB = 160;

const FULL = 'what is to survive a restart cannot be kept now; the bot goes on without';

export const diskFull: Scenario = {
  name: 'disk full',
  done: 'No file can grow any more (`ulimit -f`) while people ask; then the bot is started again with room.',
  promised:
    'Answers go on without the journal, one line in the log says so, and the next start finds the store whole.',
  unavailable: () => (process.platform === 'win32' ? 'Windows has no such limit' : undefined),
  async run(arena, { turns }) {
    const bot = await arena.startBot({ fileLimitKb: ROOM_KB });
    arena.crowd.begin(arena.places);
    await arena.until(() => bot.times(FULL) > 0, 'the disk to be full');
    await arena.asks(turns);
    await arena.stopBot();
    const next = await arena.startBot();
    await arena.asks(turns);
    return { 'warnings of the full disk': bot.times(FULL), 'warnings afterwards': next.times(FULL) };
  },
};
