import { statSync } from 'node:fs';
import { chmod, chown, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Scenario } from '../scenario.ts';

/** Root may write everywhere, so there the bot runs as somebody else ("nobody"). */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

const WARNINGS = [
  'nothing will survive a restart: the data folder cannot be used',
  'what is to survive a restart cannot be kept now; the bot goes on without',
];

export const folderReadOnly: Scenario = {
  name: 'folder read-only',
  done: 'The bot is started on a data folder in which it may not write.',
  promised: 'It says so once in its log, and answers.',
  unavailable: () => {
    if (process.platform === 'win32') return 'Windows has other permissions';
    const open = !isRoot || (statSync(import.meta.filename).mode & 0o004) !== 0;
    return open ? undefined : 'as root, the project would have to be readable by everybody';
  },
  async run(arena, { turns }) {
    // Models, too, are kept where that user may write.
    const cache = path.join(arena.folder, 'cache');
    const user = { env: { MODEL_CACHE: cache }, ...(isRoot && { user: NOBODY }) };
    await chmod(arena.folder, 0o755);
    for (const folder of [arena.dataFolder, cache]) {
      await mkdir(folder);
      if (isRoot) await chown(folder, NOBODY, NOBODY);
    }
    await arena.startBot(user);
    await arena.asks(turns);
    await arena.stopBot();
    for (const file of await readdir(arena.dataFolder)) await chmod(path.join(arena.dataFolder, file), 0o444);
    await chmod(arena.dataFolder, 0o555);
    const bot = await arena.startBot(user);
    await arena.asks(turns);
    const warnings = WARNINGS.reduce((sum, warning) => sum + bot.times(warning), 0);
    return { 'warnings of the folder': warnings };
  },
};
