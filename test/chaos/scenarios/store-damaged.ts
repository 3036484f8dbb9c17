import { randomBytes } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Arena } from '../arena.ts';
import type { Scenario } from '../scenario.ts';

const PAGE = 4_096;
const ASIDE = 'the store was damaged: it is put aside, and a new one begun';

export const storeDamaged: Scenario = {
  name: 'store damaged',
  done: 'The store is written over with noise, under the running bot and between two starts.',
  promised: 'Answers go on, and the next start puts the file aside, says so, and begins a new one.',
  async run(arena, { rounds, turns }) {
    let aside = 0;
    let bot = await arena.startBot();
    for (let round = 0; round < rounds; round += 1) {
      await arena.asks(Math.ceil(turns / 2 / rounds));
      // Of replies that run now, the next start would know nothing.
      await damage(arena);
      await arena.asks(Math.ceil(turns / 2 / rounds));
      await arena.killBot();
      await damage(arena);
      bot = await arena.startBot();
      aside += bot.times(ASIDE);
    }
    await arena.asks(Math.ceil(turns / rounds));
    return { damages: 2 * rounds, 'put aside at a start': aside };
  },
};

/** Noise over a page that the seed draws, and over the first. */
async function damage(arena: Arena): Promise<void> {
  const store = path.join(arena.dataFolder, 'parley.db');
  const { size } = await stat(store);
  const file = await open(store, 'r+');
  const pages = Math.max(1, Math.floor(size / PAGE));
  for (const page of [0, arena.draw(pages)]) await file.write(randomBytes(PAGE), 0, PAGE, page * PAGE);
  await file.close();
}
